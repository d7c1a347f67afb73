"""From the text to the label: every kind of outcome in one small meeting, counted by hand."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stance.annotations import Annotation, write_annotations
from stance.classifiers.majority import MajorityClassifier
from stance.config import DecisionConfig
from stance.encoding import Encoded, EncodingOptions
from stance.errors import AnnotationError
from stance.evaluation.end_to_end import judge_pairs, score_end_to_end
from stance.evaluation.run import evaluate
from stance.model import Classifier
from stance.targets import load_target

SENTENCES = (
    "The representative of Peru said that a treaty was needed without delay.",
    "Fiji’s delegate said that a treaty was needed by nobody.",
    "The representative of Togo described courses for prosecutors.",
    "The representative of Oman said that a treaty was needed.",
    "The meeting rose at 6 p.m.",
)
TEXT = "\n\n".join(SENTENCES) + "\n"
#: Sentence, speaker by the annotators, stance: Togo's sentence is given to Mali, Oman's to nobody, the last to Chad.
GOLD = ((0, "PER", "for"), (1, "FJI", "against"), (2, "MLI", "neutral"), (4, "TCD", "neutral"))


class ByWord(MajorityClassifier):
    """An estimator that finds what contains ``needed`` to be for, and all else neutral."""

    classes_ = np.array(["against", "for", "neutral"])

    def predict_proba(self, X: Sequence[Encoded]) -> Any:
        return np.array([[0.05, 0.9, 0.05] if "needed" in x.text else [0.05, 0.05, 0.9] for x in X])


@pytest.fixture
def model() -> Classifier:
    estimator: Any = ByWord()
    return Classifier(estimator, EncodingOptions(), DecisionConfig(), load_target("cybercrime-convention"), "by-word")


@pytest.fixture
def annotated(tmp_path: Path) -> Path:
    (tmp_path / "meetings").mkdir()
    (tmp_path / "meetings" / "minutes.txt").write_text(TEXT, encoding="utf-8")
    items = []
    for i, speaker, side in GOLD:
        start = TEXT.index(SENTENCES[i])
        items.append(
            Annotation(
                id=f"minutes:{i}:{speaker}", document="minutes", sentence=i, start=start, end=start + len(SENTENCES[i]),
                text=SENTENCES[i], context="", speaker=speaker, target="cybercrime-convention", stance=side,
                basis="none" if side == "neutral" else "explicit", origin="meeting", annotator="first",
            )
        )  # fmt: skip
    path = tmp_path / "gold.jsonl"
    write_annotations(path, items)
    return path


def pairs(model: Classifier, annotated: Path) -> Any:
    from stance.annotations import read_annotations

    folder = annotated.parent / "meetings"
    return judge_pairs(model, read_annotations(annotated, meetings=[folder]), [folder])


def test_every_kind_of_outcome(model: Classifier, annotated: Path) -> None:
    found = {(SENTENCES.index(p.text), p.speaker): (p.gold, p.predicted, p.outcome) for p in pairs(model, annotated)}
    assert found == {
        (0, "PER"): ("for", "for", "right"),
        (1, "FJI"): ("against", "for", "wrong stance"),
        (2, "MLI"): ("neutral", None, "wrong speaker"),
        (2, "TGO"): (None, "neutral", "extra"),
        (3, "OMN"): (None, "for", "extra"),
        (4, "TCD"): ("neutral", None, "missed"),
    }


def test_scores_by_hand(model: Classifier, annotated: Path) -> None:
    result = score_end_to_end(pairs(model, annotated), resamples=50)
    assert (result["n"], result["documents"]) == (4, 1)
    assert result["outcomes"] == {"right": 1, "wrong stance": 1, "wrong speaker": 1, "missed": 1, "extra": 2}
    # For: one right of three claimed and one due. Against: none. Neutral: one claimed, two due, none right.
    assert result["per_class"]["for"] == {"precision": 1 / 3, "recall": 1.0, "f1": pytest.approx(0.5), "support": 1}
    assert result["macro_f1"] == pytest.approx(0.5 / 3)
    assert result["attribution"] == {"precision": 2 / 4, "recall": 2 / 4}
    assert result["macro_f1_interval"][0] <= result["macro_f1"] <= result["macro_f1_interval"][1]


def test_perfect_attribution_and_stance_score_one(model: Classifier, annotated: Path) -> None:
    right = [p for p in pairs(model, annotated) if p.outcome == "right"]
    assert score_end_to_end(right, resamples=10)["per_class"]["for"]["f1"] == 1.0


def test_evaluate_writes_every_pair(model: Classifier, annotated: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    metrics = evaluate(model, [annotated], [tmp_path / "meetings"], out, end_to_end=True)
    with (out / "pairs.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert sorted(r["outcome"] for r in rows) == sorted(
        o for o, n in metrics["end_to_end"]["outcomes"].items() for _ in range(n)
    )
    assert "<h2>End to end</h2>" in (out / "evaluation.html").read_text(encoding="utf-8")


def test_the_command_says_what_went_wrong_where(tiny_model: Path, annotated: Path, tmp_path: Path, run: Any) -> None:
    done = run("evaluate", tiny_model, annotated, "--meetings", tmp_path / "meetings", "--end-to-end")
    assert done.code == 0
    assert "end to end: macro-F1" in done.err
    assert "1 wrong speaker, 1 missed, 2 extra" in done.err


def test_statements_without_a_document_have_no_end_to_end(model: Classifier) -> None:
    with pytest.raises(AnnotationError, match="none of the statements stands in a document"):
        judge_pairs(model, [], [])
