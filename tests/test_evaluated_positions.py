"""Scores of positions: counted by hand on a small meeting, and the gold positions of the debate."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from stance.annotations import Annotation, read_annotations, write_annotations
from stance.errors import AnnotationError
from stance.evaluation.positions import GoldPositions, derive_positions, gold_positions, score_positions
from stance.targets import STANCES

ROOT = Path(__file__).parent.parent
DEBATE = ROOT / "data" / "annotations" / "SOC_CP_365.jsonl"
TARGET = "cybercrime-convention"


def statement(sentence: int | None, speaker: str, stance: str, document: str = "m", target: str = TARGET) -> Annotation:
    start = None if sentence is None else 10 * sentence
    return Annotation(
        id=f"{document}:{sentence}:{speaker}", document=document, sentence=sentence, start=start,
        end=None if start is None else start + 1, text="x", context="", speaker=speaker, target=target, stance=stance,
        basis="explicit", origin="authored", annotator="a1",
    )  # fmt: skip


def sure(labels: list[str]) -> np.ndarray:
    return np.array([[0.8 if s == label else 0.1 for s in STANCES] for label in labels])


MEETING = [
    statement(1, "TGO", "for"),
    statement(2, "TGO", "neutral"),
    statement(3, "FJI", "against"),
    statement(4, "PER", "neutral"),
    statement(5, "OMN", "for"),
    statement(6, "EU", "against"),
    statement(7, "UNNAMED", "for"),
    statement(None, "SPEAKER", "for"),
]
#: Togo: for, then neutral → for. Fiji: called for although against. Peru: called for although neutral. Oman: missed.
PREDICTED = ["for", "neutral", "for", "for", "neutral", "against", "against", "against"]


def test_positions_follow_the_rule_and_leave_out_whoever_has_no_name() -> None:
    assert derive_positions(MEETING, PREDICTED, sure(PREDICTED)) == {
        ("m", TARGET, "TGO"): "for",
        ("m", TARGET, "FJI"): "for",
        ("m", TARGET, "PER"): "for",
        ("m", TARGET, "OMN"): "neutral",
        ("m", TARGET, "EU"): "against",
    }


def test_targets_and_documents_are_kept_apart() -> None:
    items = [
        statement(1, "TGO", "for"),
        statement(1, "TGO", "against", target="plastics-treaty"),
        statement(1, "TGO", "neutral", document="n"),
    ]
    assert gold_positions(items).positions == {
        ("m", TARGET, "TGO"): "for",
        ("n", TARGET, "TGO"): "neutral",
        ("m", "plastics-treaty", "TGO"): "against",
    }


def test_scores_counted_by_hand() -> None:
    found = score_positions(MEETING, PREDICTED, sure(PREDICTED), gold_positions(MEETING), resamples=200)
    assert found is not None
    # Right: Togo and the EU. Called a side: Togo, Fiji, Peru, the EU; of these Fiji is the opposite.
    assert (found["n"], found["right"], found["opposite"], found["called"]) == (5, 2, 1, 4)
    assert found["accuracy"] == pytest.approx(2 / 5)
    assert found["not_opposite"] == pytest.approx(3 / 4)
    # F1 of for: 1 right, 3 claimed, 2 due; of against: 1 right, 1 claimed, 2 due; of neutral: 0 right.
    assert found["macro_f1"] == pytest.approx((2 / 5 + 2 / 3 + 0) / 3)
    assert found["confusion"] == [[1, 0, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]]
    assert found["accuracy_interval"][0] < 2 / 5 < found["accuracy_interval"][1]
    assert found["macro_f1_interval"][0] <= found["macro_f1"] <= found["macro_f1_interval"][1]
    assert found["gold"] == []


def test_a_delegation_that_is_only_listed_is_right_when_it_has_no_statement() -> None:
    gold = GoldPositions(
        {("m", TARGET, "TGO"): "for", ("m", TARGET, "DEU"): "none", ("m", TARGET, "FJI"): "none"}, ("f",)
    )
    items = [statement(1, "TGO", "for"), statement(2, "FJI", "neutral")]
    found = score_positions(items, ["for", "neutral"], sure(["for", "neutral"]), gold, resamples=100)
    assert found is not None
    assert (found["n"], found["right"]) == (3, 2)
    assert found["with_statements"] == {"n": 2, "right": 1}
    assert found["confusion"] == [[1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 1, 1]]


def test_without_a_called_side_no_share_is_claimed() -> None:
    neutral = ["neutral"] * len(MEETING)
    found = score_positions(MEETING, neutral, sure(neutral), gold_positions(MEETING), resamples=100)
    assert found is not None
    assert (found["called"], found["opposite"], found["not_opposite"]) == (0, 0, None)


def test_statements_that_stand_alone_have_no_positions() -> None:
    alone = [statement(None, "SPEAKER", "for")]
    assert score_positions(alone, ["for"], sure(["for"]), gold_positions(alone)) is None


def test_the_gold_statements_of_the_debate_give_its_gold_positions() -> None:
    items = read_annotations(DEBATE, offsets=False)
    gold = gold_positions(items, [DEBATE])
    assert Counter(gold.positions.values()) == {"for": 10, "against": 5, "neutral": 14, "none": 12}
    assert gold.sources == ("SOC_CP_365.positions.csv",)
    labels = [a.stance for a in items]
    found = score_positions(items, labels, sure(labels), gold, resamples=100)
    assert found is not None
    assert (found["n"], found["right"], found["macro_f1"], found["opposite"], found["called"]) == (41, 41, 1.0, 0, 15)
    assert found["with_statements"] == {"n": 29, "right": 29}


def test_some_of_the_statements_are_not_held_against_the_whole_file() -> None:
    items = read_annotations(DEBATE, offsets=False)[:20]
    gold = gold_positions(items, [DEBATE])
    assert gold.sources == ()
    assert "none" not in gold.positions.values()


def gold_file(folder: Path, rows: list[tuple[str, ...]], *items: Annotation, columns: str = "speaker,position") -> Path:
    write_annotations(folder / "a.jsonl", items or MEETING[:2])
    with (folder / "a.positions.csv").open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows([columns.split(","), *rows])
    return folder / "a.jsonl"


@pytest.mark.parametrize(
    ("rows", "columns", "words"),
    [
        ([("TGO", "perhaps")], "speaker,position", "2: position: 'perhaps' is not one of for, against, neutral, none"),
        ([("TGO", "for"), ("TGO", "for")], "speaker,position", "3: speaker: 'TGO' stands already"),
        ([("FJI", "none")], "speaker,position", "speaker: TGO has statements in a.jsonl but no position here"),
        ([("TGO", "for")], "speaker,stance", "1: position: missing"),
        ([("TGO", "for", "n")], "speaker,position,document", "2: document: 'n' is not one of the 1 documents"),
    ],
)
def test_a_position_file_that_breaks_its_form_is_refused(
    tmp_path: Path, rows: list[tuple[str, ...]], columns: str, words: str
) -> None:
    path = gold_file(tmp_path, rows, columns=columns)
    with pytest.raises(AnnotationError, match="a.positions.csv") as caught:
        gold_positions(read_annotations(path, offsets=False), [path])
    assert words in str(caught.value)


def test_several_documents_need_a_column_that_names_them(tmp_path: Path) -> None:
    items = (statement(1, "TGO", "for"), statement(1, "FJI", "against", document="n"))
    path = gold_file(tmp_path, [("TGO", "for"), ("FJI", "against")], *items)
    with pytest.raises(AnnotationError, match="a column 'document' names them"):
        gold_positions(items, [path])
    rows: list[tuple[str, ...]] = [("TGO", "for", "m"), ("FJI", "against", "n"), ("PER", "none", "n")]
    path = gold_file(tmp_path, rows, *items, columns="speaker,position,document")
    assert gold_positions(items, [path]).positions[("n", TARGET, "PER")] == "none"
