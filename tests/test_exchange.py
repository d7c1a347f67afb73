"""Exchanging names: what is exchanged, for what, and that masking leaves nothing of it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from stance.annotations import Annotation, read_annotations
from stance.delegations import load_registry
from stance.encoding import EncodingOptions, encode_annotations, find_names
from stance.evaluation.exchange import exchange_names, stand_alone

ROOT = Path(__file__).parent.parent
DEBATE = ROOT / "data" / "annotations" / "SOC_CP_365.jsonl"


def statement(text: str, speaker: str = "EGY", context: str = "", name: str = "") -> Annotation:
    return Annotation(
        id="x:1", document="x", sentence=1, start=0, end=len(text), text=text, context=context, speaker=speaker,
        target="cybercrime-convention", stance="for", basis="explicit", origin="meeting", annotator="a1",
        speaker_name=name,
    )  # fmt: skip


def codes(text: str) -> list[str]:
    return [n.code for n in find_names(text)]


def test_every_name_becomes_one_of_its_kind_that_did_not_occur() -> None:
    registry = load_registry()
    item = statement(
        "Egypt’s delegate, speaking for the African Group, thanked Peru.", context="Peru spoke.\nEgypt too."
    )
    for seed in range(20):
        (found,) = exchange_names([item], seed)
        first, group, third = codes(found.text)
        assert [registry.get(c).kind for c in (first, group, third)] == ["state", "group", "state"]
        assert len({first, group, third, "EGY", "PER", "AFRICAN_GROUP"}) == 6
        assert found.speaker == first
        # The same name everywhere, lines of the context kept.
        assert [codes(line) for line in found.context.split("\n")] == [[third], [first]]
        assert found.text.endswith(".")
        assert "’s delegate, speaking for the " in found.text


def test_the_article_goes_with_the_name() -> None:
    item = statement("The Netherlands spoke, the Russian Federation too.", "NLD")
    for seed in range(30):
        (found,) = exchange_names([item], seed)
        assert "the the" not in found.text.lower()
        first, second = (load_registry().get(c).name for c in codes(found.text))
        for name, before in ((first, found.text.split(first)[0]), (second, found.text.split(second)[0])):
            takes = name.split()[0] in ("United", "Russian", "Holy") or name.endswith(("Islands", "Republic"))
            assert not takes or before.lower().endswith("the ")
            assert name != "Peru" or not before.lower().endswith("the ")


def test_the_draw_depends_on_the_seed_alone() -> None:
    items = read_annotations(DEBATE, offsets=False)
    assert exchange_names(items, 1) == exchange_names(items, 1)
    assert exchange_names(items, 1) != exchange_names(items, 2)


@pytest.mark.parametrize("context", [0, 1])
def test_masking_leaves_nothing_of_an_exchange_on_the_debate(context: int) -> None:
    items = read_annotations(DEBATE, offsets=False)
    masked, plain = EncodingOptions(context=context), EncodingOptions(mask=False, context=context)
    for seed in (13, 14):
        other = exchange_names(items, seed)
        assert encode_annotations(other, masked) == encode_annotations(stand_alone(items), masked)
    changed = sum(
        a != b
        for a, b in zip(encode_annotations(other, plain), encode_annotations(stand_alone(items), plain), strict=True)
    )
    assert changed > 25


def test_a_speaker_that_the_registry_lacks_is_exchanged_too() -> None:
    (found,) = exchange_names([statement("The Open Desk asked for a treaty.", "OPEN_DESK", name="Open Desk")], 3)
    assert "Open Desk" not in found.text
    assert codes(found.text) == [found.speaker]
    assert load_registry().get(found.speaker).kind == "organization"


def test_statements_in_masked_form_stay_as_they_are() -> None:
    item = dataclasses.replace(
        statement("[SPEAKER] thanked [OTHER].", "SPEAKER"), start=None, end=None, origin="authored"
    )
    assert exchange_names([item], 1) == [item]
