"""The statements of one speaker are judged together; those of nobody else change."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from stance.annotations import Annotation, read_annotations
from stance.config import DecisionConfig
from stance.consistency import agree, speakers_of
from stance.documents import Document
from stance.encoding import Encoded
from stance.labelling import label_document
from stance.model import Classifier

ROOT = Path(__file__).parent.parent
SURE_FOR = (0.9, 0.05, 0.05)
HINT_AGAINST = (0.3, 0.5, 0.2)
NEUTRAL = (0.02, 0.02, 0.96)

simplex = st.tuples(*[st.floats(0.01, 1.0)] * 3).map(lambda row: tuple(x / sum(row) for x in row))


def labels(proba: NDArray[np.float64]) -> list[int]:
    return list(map(int, proba.argmax(axis=1)))


def test_a_hint_is_read_as_the_rest_of_the_speech() -> None:
    alone = np.array([SURE_FOR, HINT_AGAINST])
    together = agree(alone, ["x", "x"], 0.1)
    assert labels(alone) == [0, 1]
    assert labels(together) == [0, 0]
    # By hand: for the speaker's side for, (0.9 + 0.005 + 0.0275) × (0.3 + 0.05 + 0.11); for against, 0.1675 × 0.64.
    side = 0.9325 * 0.46 / (0.9325 * 0.46 + 0.1675 * 0.64)
    assert together[1, 0] == pytest.approx(side * 0.3 / 0.46 + (1 - side) * 0.03 / 0.64)


def test_a_sure_side_stands_against_a_hint_whatever_their_order() -> None:
    rows = np.array([HINT_AGAINST, NEUTRAL, SURE_FOR])
    assert labels(agree(rows, ["x"] * 3, 0.1)) == [0, 2, 0]


def test_two_sure_sides_stay() -> None:
    rows = np.array([(0.99, 0.005, 0.005), (0.005, 0.99, 0.005)])
    assert labels(agree(rows, ["x", "x"], 0.1)) == [0, 1]


@pytest.mark.parametrize("keys", [["x", "y"], [None, None], ["x", None]])
def test_nothing_is_learnt_from_others(keys: list[str | None]) -> None:
    rows = np.array([SURE_FOR, HINT_AGAINST])
    np.testing.assert_array_equal(agree(rows, keys, 0.1), rows)


def test_statements_without_a_label_take_no_part() -> None:
    rows = np.array([SURE_FOR, (np.nan,) * 3, HINT_AGAINST])
    found = agree(rows, ["x"] * 3, 0.1)
    assert np.isnan(found[1]).all()
    np.testing.assert_allclose(found[[0, 2]], agree(rows[[0, 2]], ["x"] * 2, 0.1))
    np.testing.assert_array_equal(agree(rows[:2], ["x"] * 2, 0.1), rows[:2])


@given(st.lists(simplex, min_size=1, max_size=6), st.floats(0.01, 1.0), st.randoms())
def test_probabilities_in_any_order(
    rows: list[tuple[float, float, float]], odds: float, random: np.random.Generator
) -> None:
    proba = np.array(rows)
    found = agree(proba, ["x"] * len(rows), odds)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    order = list(range(len(rows)))
    random.shuffle(order)
    np.testing.assert_allclose(agree(proba[order], ["x"] * len(rows), odds), found[order], rtol=1e-9)
    np.testing.assert_allclose(agree(proba, ["x"] * len(rows), 1.0), proba)


@given(simplex)
def test_a_single_statement_is_judged_by_itself(row: tuple[float, float, float]) -> None:
    np.testing.assert_array_equal(agree(np.array([row]), ["x"], 0.1), np.array([row]))


@given(st.lists(simplex, min_size=2, max_size=5))
def test_the_sides_are_treated_alike(rows: list[tuple[float, float, float]]) -> None:
    proba = np.array(rows)
    swapped = proba[:, [1, 0, 2]]
    keys = ["x"] * len(rows)
    np.testing.assert_allclose(agree(swapped, keys, 0.1), agree(proba, keys, 0.1)[:, [1, 0, 2]])


def test_many_statements_do_not_underflow() -> None:
    rows = np.array([(0.001, 0.001, 0.998), (0.5, 0.3, 0.2)] * 2000)
    assert np.isfinite(agree(rows, ["x"] * len(rows), 0.1)).all()


@pytest.fixture
def keyed(tiny_classifier: Classifier, monkeypatch: pytest.MonkeyPatch) -> Classifier:
    """A model that answers by one word, and takes what costs for a reason against."""

    def by_word(model: Classifier, encoded: Sequence[Encoded]) -> NDArray[np.float64]:
        return np.array(
            [SURE_FOR if "welcomed" in e.text else HINT_AGAINST if "would cost" in e.text else NEUTRAL for e in encoded]
        ).reshape(-1, 3)

    monkeypatch.setattr(Classifier, "predict_proba", by_word)
    return replace(tiny_classifier, decision=DecisionConfig(threshold=0.34))


def stances(model: Classifier, text: str) -> list[tuple[str, str]]:
    found = label_document(Document("d", text, body=(0, len(text))), model)
    return [(x.statement.speaker, x.stance) for x in found.scored]


SPEECHES = (
    "The representative of Ghana welcomed the draft. It would cost little, he said.\n\n"
    "The representative of Togo said that it would cost much.\n"
)


def test_labelling_lets_each_speaker_agree_with_himself(keyed: Classifier) -> None:
    assert stances(keyed, SPEECHES) == [("GHA", "for"), ("GHA", "for"), ("TGO", "against")]
    alone = replace(keyed, decision=DecisionConfig(threshold=0.34, opposite_odds=1))
    assert stances(alone, SPEECHES) == [("GHA", "for"), ("GHA", "against"), ("TGO", "against")]


def test_unnamed_speakers_are_not_one(keyed: Classifier) -> None:
    text = "Some delegates welcomed the draft.\n\nOthers said that it would cost much.\n"
    assert stances(keyed, text) == [("UNNAMED", "for"), ("UNNAMED", "against")]


def test_keys_of_annotations() -> None:
    whole = Annotation(
        id="1", document="d", sentence=1, start=0, end=3, text="abc", context="", speaker="GHA", target="t",
        stance="for", basis="explicit", origin="meeting", annotator="a",
    )  # fmt: skip
    alone = replace(whole, start=None, end=None)
    unnamed = replace(whole, speaker="UNNAMED")
    other = replace(whole, target="u")
    assert speakers_of([whole, alone, unnamed, other]) == [("d", "t", "GHA"), None, None, ("d", "u", "GHA")]


def test_the_odds_are_stored_where_they_are_not_the_usual_ones(tiny_classifier: Classifier, tmp_path: Path) -> None:
    for odds in (0.1, 0.5):
        model = replace(tiny_classifier, decision=DecisionConfig(threshold=0.4, opposite_odds=odds))
        model.save_pretrained(tmp_path / str(odds))
        stored = json.loads((tmp_path / str(odds) / "model.json").read_text(encoding="utf-8"))["decision"]
        assert stored == {"threshold": 0.4} | ({"opposite_odds": 0.5} if odds == 0.5 else {})
        assert Classifier.load(tmp_path / str(odds)).decision == model.decision


def test_speakers_hardly_ever_take_both_sides() -> None:
    """What the usual odds rest on: pairs of statements with a side by one speaker in one summary of the corpus."""
    annotations = read_annotations(ROOT / "data/authored/annotations/summaries.jsonl", offsets=False)
    sides: dict[object, Counter[str]] = {}
    for a, key in zip(annotations, speakers_of(annotations), strict=True):
        if key is not None and a.stance != "neutral":
            sides.setdefault(key, Counter())[a.stance] += 1
    same = sum(n * (n - 1) // 2 for found in sides.values() for n in found.values())
    opposite = sum(found["for"] * found["against"] for found in sides.values())
    assert same > 1000
    assert 0 < opposite / same < 0.02
