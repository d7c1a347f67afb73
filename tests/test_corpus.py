"""Measures, splits and loading of a corpus."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

import stance
from stance.annotations import Annotation, read_annotations, write_annotations
from stance.config import load_config
from stance.corpus import (
    CORPORA,
    assign_parts,
    corpus_groups,
    describe,
    lexical_variety,
    load_dataset,
    near_duplicates,
    read_parts,
    verbs_of_saying,
)
from stance.errors import AnnotationError, ConfigError
from stance.training import load_examples

ROOT = Path(__file__).parent.parent
SPLITS = ROOT / "data/authored/splits.csv"


def statement(
    number: int, text: str, group: str = "", target: str = "plastics-treaty", label: str = "for"
) -> Annotation:
    return Annotation(
        id=f"c1:{number:04d}", document="c1", sentence=None, start=None, end=None, text=text, context="", speaker="SPEAKER",
        target=target, stance=label, basis="none" if label == "neutral" else "explicit", origin="authored",
        annotator="author", group=group,
    )  # fmt: skip


@pytest.fixture(scope="module")
def authored() -> list[Annotation]:
    files, folders = CORPORA["authored"]
    return [a for f in files for a in read_annotations(ROOT / f, meetings=[ROOT / m for m in folders])]


def test_near_duplicates_are_pairs_of_different_groups_with_their_exact_similarity() -> None:
    texts = [
        "[SPEAKER] asked for a treaty on plastics without further delay this year",
        "[SPEAKER] asked for a treaty on plastics without any delay this year",
        "[SPEAKER] asked for a treaty on plastics without further delay this year",
        "The committee rose at noon after a long debate on its budget",
    ]
    # 12 words in common of 14 in all: no other pair but those of the first three reaches 0.7.
    found = near_duplicates(texts, ["a", "b", "a", "c"])
    assert [(i, j) for i, j, _ in found] == [(0, 1), (1, 2)]
    assert found[0][2] == pytest.approx(11 / 13)


def test_near_duplicates_keep_to_the_threshold() -> None:
    texts = ["one two three four five six seven", "one two three four five six eight"]
    assert near_duplicates(texts, ["a", "b"], threshold=0.75) == [(0, 1, 0.75)]
    assert near_duplicates(texts, ["a", "b"], threshold=0.76) == []


def test_near_duplicates_need_a_group_for_every_text() -> None:
    with pytest.raises(ConfigError, match="2 texts but 1 groups"):
        near_duplicates(["a", "b"], ["x"])


def test_the_moving_average_ratio_does_not_fall_with_length() -> None:
    short = lexical_variety(["alpha beta gamma alpha"], window=4)
    assert short == {"tokens": 4, "types": 3, "type_token_ratio": 0.75, "moving_average_type_token_ratio": 0.75}
    long = lexical_variety(["alpha beta gamma delta " * 50], window=4)
    assert long["type_token_ratio"] == pytest.approx(4 / 200)
    assert long["moving_average_type_token_ratio"] == 1.0


def test_variety_leaves_masks_out_and_takes_an_empty_corpus() -> None:
    assert lexical_variety(["[SPEAKER] spoke"])["tokens"] == 1
    assert lexical_variety([])["tokens"] == 0


def test_verbs_of_saying_are_counted_in_the_past_tense() -> None:
    counts = verbs_of_saying(["[SPEAKER] said it stressed the point, and said so.", "They will say more."])
    assert counts == Counter({"said": 2, "stressed": 1})


def test_groups_are_contrast_groups_summaries_or_single_statements(authored: list[Annotation]) -> None:
    assert corpus_groups([statement(1, "a", "g1"), statement(2, "b")]) == ["g1", "c1:0002"]
    for a, group in zip(authored, corpus_groups(authored), strict=True):
        assert group == (a.document if a.start is not None else a.group or a.id)


def test_held_out_targets_leave_training_with_their_whole_groups() -> None:
    items = [
        statement(1, "a", "g1", "plastics-treaty"),
        statement(2, "b", "g1", "high-seas-agreement"),
        *(statement(n, "c", f"g{n}", "plastics-treaty") for n in range(3, 403)),
    ]
    parts = assign_parts(items, ["high-seas-agreement"], development=0.25, seed=1)
    assert parts["g1"] == "transfer"
    counts = Counter(parts.values())
    assert counts["transfer"] == 1
    # A quarter of 400, give or take four standard deviations.
    assert abs(counts["development"] - 100) < 35
    assert assign_parts(items, ["high-seas-agreement"], development=0.25, seed=2) != parts
    assert parts == assign_parts(items, ["high-seas-agreement"], development=0.25, seed=1)
    with pytest.raises(ConfigError, match="no statement"):
        assign_parts(items, ["terrorism-convention"])


def test_groups_stay_where_they_were_when_the_corpus_grows() -> None:
    old = [statement(n, "c", f"g{n}", "plastics-treaty") for n in range(1, 60)]
    new = [statement(n, "c", f"new{n}", "high-seas-agreement") for n in range(60, 90)]
    before = assign_parts(old, [], seed=5)
    after = assign_parts([*new, *old], [], seed=5)
    assert {g: p for g, p in after.items() if g in before} == before


def test_the_stored_splits_tear_no_group_and_show_training_nothing_of_the_held_out_targets(
    authored: list[Annotation],
) -> None:
    parts = read_parts(SPLITS)
    groups = corpus_groups(authored)
    assert set(parts) == set(groups)
    seen = {a.target for a, g in zip(authored, groups, strict=True) if parts[g] != "transfer"}
    held_out = {a.target for a in authored} - seen
    assert held_out == {"crimes-against-humanity-convention", "older-persons-convention", "autonomous-weapons-treaty"}
    sizes = Counter(parts[g] for g in groups)
    assert 0.07 < sizes["development"] / (sizes["development"] + sizes["train"]) < 0.12


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("group;part\n", ":1: expected the columns"),
        ("group,part\na,train\nb,test\n", ":3: part: expected"),
        ("group,part\na,train\na,train\n", ":3: group: 'a' stands already"),
    ],
)
def test_a_wrong_split_file_is_refused_by_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "splits.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(AnnotationError, match=message):
        read_parts(path)


def test_a_configuration_trains_on_the_parts_it_names(tmp_path: Path) -> None:
    write_annotations(tmp_path / "a.jsonl", [statement(n, f"text {n}", f"g{n}") for n in range(4)])
    (tmp_path / "splits.csv").write_text("group,part\ng0,train\ng1,development\ng2,transfer\n", encoding="utf-8")
    config = load_config(
        ROOT / "configs/majority.yaml",
        [f"data.train=[{tmp_path / 'a.jsonl'}]", f"data.splits={tmp_path / 'splits.csv'}", "data.parts=[train]"],
    )
    examples = load_examples(config)
    # g3 stands in no split, so no part can take it away.
    assert [a.group for a in examples.annotations] == ["g0", "g3"]
    assert str(tmp_path / "splits.csv") in examples.files


def test_one_call_loads_a_corpus() -> None:
    debate = stance.load_dataset("debate")
    assert debate.num_rows == 68
    row = next(r for r in debate if r["speaker"] == "EGY")
    assert "[SPEAKER]" in row["input_text"]
    assert "Egypt" not in row["input_text"]
    assert row["text"] != row["input_text"]


def test_one_call_loads_a_part_of_the_authored_corpus(authored: list[Annotation]) -> None:
    parts = read_parts(SPLITS)
    wanted = sum(parts[g] == "transfer" for g in corpus_groups(authored))
    assert load_dataset("authored", "transfer").num_rows == wanted


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nowhere.jsonl",), "no such file"),
        (("debate", "train"), "only the authored corpus"),
        (("authored", "half"), "not one of"),
    ],
)
def test_loading_says_what_is_wrong(arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_dataset(*arguments)


def test_the_test_set_is_in_no_training(authored: list[Annotation]) -> None:
    test = load_dataset("test")
    assert test.num_rows == 2062
    assert not set(test["text"]) & {a.text for a in authored}
    assert not set(test["document"]) & {a.document for a in authored}
    trains_on_it = [p.name for p in (ROOT / "configs").rglob("*.yaml") if "data/test" in p.read_text(encoding="utf-8")]
    assert trains_on_it == []


def test_the_test_set_was_read_twice() -> None:
    with (ROOT / "data/test/second_reading.csv").open(encoding="utf-8", newline="") as handle:
        second = {r["id"]: r["first"] for r in csv.DictReader(handle)}
    test = load_dataset("test")
    assert dict(zip(test["id"], test["stance"], strict=True)) == second


def test_the_description_counts_groups_and_copies() -> None:
    items = [
        statement(1, "[SPEAKER] wanted a treaty on plastics before the end of the year.", "g1"),
        statement(2, "[SPEAKER] wanted no treaty on plastics before the end of the year.", "g1", label="against"),
        statement(3, "[SPEAKER] wanted a treaty on plastics before the end of the year."),
        statement(4, "[SPEAKER] thanked the secretariat for its documents.", label="neutral"),
    ]
    found = describe(items)
    assert found["contrast_groups"]["groups"] == 1
    assert found["contrast_groups"]["with_more_than_one_label"] == 1
    # The third is a copy of the first and close to the second; the first two belong together.
    assert found["near_duplicates"]["pairs_outside_groups"] == 2
    assert found["near_duplicates"]["share_of_statements"] == 0.75


def test_the_authored_corpus_keeps_its_promises(authored: list[Annotation]) -> None:
    found = describe(authored, [ROOT / "data/authored/meetings"])
    total = found["total"]["statements"]
    assert total >= 5000
    assert len(found["target"]) >= 15
    assert found["total"]["documents"] >= 80
    assert sum(a.start is not None for a in authored) >= total / 2
    assert 0.4 <= found["target"]["cybercrime-convention"] / total <= 0.6
    assert found["stance"]["neutral"] / total >= 0.45
    assert found["contrast_groups"]["with_more_than_one_label"] >= 600
    assert found["near_duplicates"]["share_of_statements"] <= 0.01
