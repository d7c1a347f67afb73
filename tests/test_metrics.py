"""Metrics: counted by hand, equal to scikit-learn's, and the evaluation of a model on annotation files."""

from __future__ import annotations

import csv
import functools
import html
import json
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, cohen_kappa_score, f1_score, log_loss, matthews_corrcoef

import stance.evaluation.run
from stance.annotations import Annotation, read_annotations
from stance.classifiers.tfidf import TfidfClassifier
from stance.config import DecisionConfig
from stance.encoding import EncodingOptions, encode_annotations
from stance.errors import AnnotationError, OutputError, StanceError
from stance.evaluation.attribution import attribution_pairs, score_attribution
from stance.evaluation.metrics import bootstrap_interval, classwise_calibration_error, expected_calibration_error, score
from stance.evaluation.run import ERROR_COLUMNS, evaluate
from stance.manifest import digest_file
from stance.model import Classifier
from stance.targets import STANCES

LETTERS = {"F": "for", "A": "against", "N": "neutral"}


def labels(letters: str) -> list[str]:
    return [LETTERS[x] for x in letters]


def number(result: dict[str, Any], name: str) -> float:
    value = result[name]
    assert isinstance(value, float)
    return value


# Gold, predicted, F1 of for, against and neutral.
HAND = [
    # for: 1 right, 2 predicted, 2 gold; against: 2 right, 3, 2; neutral: 1 right, 1, 2.
    ("FFAANN", "FAAANF", (1 / 2, 4 / 5, 2 / 3)),
    # Always neutral: 2 right, 4 predicted, 2 gold.
    ("FANN", "NNNN", (0, 0, 2 / 3)),
    # for: 1 right, 2 predicted, 1 gold; neutral: 2 right, 2, 3; nothing against, which counts as 0.
    ("NNNF", "NNFF", (2 / 3, 0, 4 / 5)),
    ("FA", "AF", (0, 0, 0)),
    ("FAN", "FAN", (1, 1, 1)),
    # for: 3 right, 4 predicted, 3 gold; against: 1 right, 1, 2.
    ("FFFAA", "FFFAF", (6 / 7, 2 / 3, 0)),
]


@pytest.mark.parametrize(("gold", "predicted", "f1"), HAND)
def test_f1_by_hand(gold: str, predicted: str, f1: tuple[float, float, float]) -> None:
    result = score(labels(gold), labels(predicted))
    per_class: Any = result["per_class"]
    assert [per_class[s]["f1"] for s in STANCES] == pytest.approx(list(f1))
    assert result["macro_f1"] == pytest.approx(sum(f1) / 3)


@pytest.mark.parametrize(("gold", "predicted", "f1"), HAND)
def test_the_semeval_mean_leaves_neutral_out_but_not_its_mistakes(
    gold: str, predicted: str, f1: tuple[float, float, float]
) -> None:
    assert score(labels(gold), labels(predicted))["favor_against_f1"] == pytest.approx((f1[0] + f1[1]) / 2)


def test_the_other_scores_by_hand() -> None:
    result = score(labels("FFAANN"), labels("FAAANF"))
    assert result["n"] == 6
    assert result["accuracy"] == pytest.approx(4 / 6)
    assert result["kappa"] == pytest.approx(1 / 2)
    # (n·right − Σ gold·predicted) / √((n² − Σ predicted²)(n² − Σ gold²)), Gorodkin (2004).
    assert result["mcc"] == pytest.approx((6 * 4 - 12) / math.sqrt((36 - 14) * (36 - 12)))
    assert result["confusion"] == [[1, 1, 0], [0, 2, 0], [1, 0, 1]]
    assert result["per_class"] == {
        "for": pytest.approx({"precision": 1 / 2, "recall": 1 / 2, "f1": 1 / 2, "support": 2}),
        "against": pytest.approx({"precision": 2 / 3, "recall": 1, "f1": 4 / 5, "support": 2}),
        "neutral": pytest.approx({"precision": 1, "recall": 1 / 2, "f1": 2 / 3, "support": 2}),
    }
    assert not {"ece", "log_loss", "macro_f1_interval", "accuracy_interval"} & result.keys()


def test_a_label_that_does_not_occur_keeps_its_row() -> None:
    result = score(labels("FF"), labels("FN"))
    assert result["confusion"] == [[1, 0, 1], [0, 0, 0], [0, 0, 0]]


@pytest.mark.parametrize("seed", range(5))
def test_scores_equal_scikit_learn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    gold, predicted = rng.choice(STANCES, (2, 50)).tolist()
    result = score(gold, predicted)
    assert result["macro_f1"] == pytest.approx(f1_score(gold, predicted, average="macro"))
    sides = f1_score(gold, predicted, labels=["for", "against"], average="macro")
    assert result["favor_against_f1"] == pytest.approx(sides)
    assert result["accuracy"] == pytest.approx(accuracy_score(gold, predicted))
    assert result["mcc"] == pytest.approx(matthews_corrcoef(gold, predicted))
    assert result["kappa"] == pytest.approx(cohen_kappa_score(gold, predicted))


@pytest.mark.parametrize(("gold", "predicted"), [("", ""), ("FA", "F"), ("F", "FA")])
def test_lengths_that_differ_are_refused(gold: str, predicted: str) -> None:
    with pytest.raises(ValueError, match=f"{len(predicted)} predictions against {len(gold)} gold labels"):
        score(labels(gold), labels(predicted))


@pytest.mark.parametrize("clusters", [["x"], ["x", "y", "z"]])
def test_clusters_of_another_length_are_refused(clusters: list[str]) -> None:
    # Too few would leave the last statements out of the interval without a word.
    with pytest.raises(ValueError):
        score(labels("FA"), labels("FF"), clusters=clusters, resamples=10)


def test_scores_are_plain_numbers_that_json_can_hold() -> None:
    proba = np.array([[0.5, 0.3, 0.2], [0.2, 0.7, 0.1]])
    result = score(labels("FA"), labels("FA"), proba, ["x", "y"], resamples=100)
    assert json.loads(json.dumps(result, allow_nan=False))["n"] == 2


# Probabilities, gold, bins, calibration error.
CALIBRATION: list[tuple[list[tuple[float, float, float]], str, int, float]] = [
    # Bin .9–1: half right at .925 on average; bin .6: right; bin .5: wrong. .5·.425 + .25·.4 + .25·.5.
    ([(0.9, 0.05, 0.05), (0.95, 0.03, 0.02), (0.2, 0.6, 0.2), (0.25, 0.25, 0.5)], "FAAF", 10, 0.4375),
    # Sure and right, sure and wrong.
    ([(1, 0, 0), (0, 1, 0), (0, 0, 1)], "FAN", 10, 0.0),
    ([(1, 0, 0), (0, 1, 0), (0, 0, 1)], "ANF", 10, 1.0),
    # Both in one bin: half right at .75. In bins of their own: .5·.72 + .5·.22.
    ([(0.72, 0.14, 0.14), (0.78, 0.11, 0.11)], "AF", 10, 0.25),
    ([(0.72, 0.14, 0.14), (0.78, 0.11, 0.11)], "AF", 20, 0.47),
    # One bin for all: 2/4 right at (.9 + .95 + .6 + .5)/4.
    ([(0.9, 0.05, 0.05), (0.95, 0.03, 0.02), (0.2, 0.6, 0.2), (0.25, 0.25, 0.5)], "FAAF", 1, 0.2375),
]


@pytest.mark.parametrize(("proba", "gold", "bins", "error"), CALIBRATION)
def test_calibration_error_by_hand(proba: list[tuple[float, float, float]], gold: str, bins: int, error: float) -> None:
    assert expected_calibration_error(labels(gold), np.array(proba), bins) == pytest.approx(error)


def test_the_calibration_error_of_every_label_by_hand() -> None:
    proba = np.array([[0.7, 0.1, 0.2], [0.7, 0.3, 0.0], [0.1, 0.1, 0.8], [0.1, 0.9, 0.0]])
    gold = labels("FANA")
    # Two bins. For: {0.1, 0.1}: none is, gap 0.1; {0.7, 0.7}: one of two, gap 0.2; mean 0.15.
    # Against: {0.1, 0.3, 0.1}: one of three, gap 1/3 − 0.5/3; {0.9}: gap 0.1; 3/4 · 1/6 + 1/4 · 0.1 = 0.15.
    # Neutral: {0.2, 0, 0}: none is, gap 0.2/3; {0.8}: gap 0.2; 3/4 · 0.2/3 + 1/4 · 0.2 = 0.1.
    assert classwise_calibration_error(gold, proba, 2) == pytest.approx((0.15 + 0.15 + 0.1) / 3)
    # The most probable labels alone: 0.7, 0.7, 0.8, 0.9, three of four are right.
    assert expected_calibration_error(gold, proba, 2) == pytest.approx(abs(0.75 - 3.1 / 4))


def test_score_adds_calibration_and_log_loss() -> None:
    # The columns are for, against, neutral; scikit-learn's would be against, for, neutral.
    proba = np.array([[0.7, 0.2, 0.1], [0.1, 0.6, 0.3], [0.2, 0.3, 0.5]])
    result = score(labels("FAN"), labels("FAN"), proba)
    assert result["log_loss"] == pytest.approx(-(math.log(0.7) + math.log(0.6) + math.log(0.5)) / 3)
    assert result["ece"] == pytest.approx((0.3 + 0.4 + 0.5) / 3)


def test_log_loss_equals_scikit_learn_and_stays_finite() -> None:
    rng = np.random.default_rng(8)
    gold = rng.choice(STANCES, 30).tolist()
    proba = rng.dirichlet((1, 1, 1), 30)
    expected = log_loss(gold, proba[:, [1, 0, 2]], labels=["against", "for", "neutral"])
    assert score(gold, gold, proba)["log_loss"] == pytest.approx(expected)
    sure = score(labels("FA"), labels("FF"), np.array([[1.0, 0, 0], [1.0, 0, 0]]))
    assert math.isfinite(number(sure, "log_loss"))


def test_areas_and_brier_by_hand() -> None:
    proba = np.array([[0.6, 0.3, 0.1], [0.7, 0.2, 0.1], [0.8, 0.1, 0.1]])
    result = score(["for", "against", "for"], ["for"] * 3, proba)
    # Of the two pairs of a statement for and one against, the one with 0.8 is in the right order, that with 0.6 is not.
    assert result["roc_auc"] == pytest.approx({"for": 0.5, "against": 0.5, "neutral": None, "macro": 0.5})
    # Going down from 0.8: one of one, one of two, two of three are for; from 0.3 against: none, one of two.
    assert result["pr_auc"]["for"] == pytest.approx((1 + 2 / 3) / 2)  # type: ignore[index]
    assert result["pr_auc"]["against"] == pytest.approx(1 / 2)  # type: ignore[index]
    squares = [0.4**2 + 0.3**2 + 0.1**2, 0.7**2 + 0.8**2 + 0.1**2, 0.2**2 + 0.1**2 + 0.1**2]
    assert result["brier"] == pytest.approx(sum(squares) / 3)


def test_one_label_has_no_area() -> None:
    result = score(["for"], ["for"], np.array([[0.6, 0.3, 0.1]]))
    assert result["roc_auc"] == {"for": None, "against": None, "neutral": None, "macro": None}


def test_a_resample_holds_whole_clusters_as_many_as_there_are() -> None:
    clusters = list("aabcccb")
    members = {c: [i for i, x in enumerate(clusters) if x == c] for c in "abc"}
    seen: list[NDArray[np.int_]] = []

    def keep(rows: NDArray[np.int_]) -> float:
        seen.append(rows)
        return 0.0

    assert bootstrap_interval(keep, clusters, resamples=50) == (0.0, 0.0)
    assert len(seen) == 50
    for rows in seen:
        times = np.bincount(rows, minlength=len(clusters))
        drawn = [set(times[members[c]].tolist()) for c in "abc"]
        assert all(len(d) == 1 for d in drawn)
        assert sum(d.pop() for d in drawn) == 3
    assert any(len(set(rows.tolist())) < len(clusters) for rows in seen)


def test_intervals_by_hand() -> None:
    # Two clusters, one all right and one all wrong: a resample is right by 0, 1/2 or 1 with chances 1/4, 1/2, 1/4.
    right = np.array([1, 1, 0, 0])

    def share(rows: NDArray[np.int_]) -> float:
        return float(right[rows].mean())

    assert bootstrap_interval(share, list("aabb")) == (0.0, 1.0)
    assert bootstrap_interval(share, list("aabb"), level=0.4) == (0.5, 0.5)


def test_one_cluster_has_an_interval_without_width() -> None:
    result = score(labels("FFAANN"), labels("FAAANF"), clusters=["x"] * 6, resamples=100)
    assert result["accuracy_interval"] == pytest.approx((4 / 6, 4 / 6))
    assert result["macro_f1_interval"] == pytest.approx((result["macro_f1"], result["macro_f1"]))
    assert result["clusters"] == 1


def test_clusters_widen_the_interval() -> None:
    # Forty statements of four speakers, each of whom is read right or wrong throughout.
    right = np.repeat([1, 0, 1, 0], 10)
    gold = ["for"] * 40
    predicted = np.where(right == 1, "for", "against").tolist()

    def width(clusters: Sequence[str]) -> float:
        found: Any = score(gold, predicted, clusters=clusters, resamples=100)["accuracy_interval"]
        return float(found[1] - found[0])

    assert width(np.repeat(list("abcd"), 10).tolist()) > 2 * width([str(i) for i in range(40)])


def test_intervals_depend_on_the_seed_alone() -> None:
    rng = np.random.default_rng(2)
    gold, predicted = rng.choice(STANCES, (2, 30)).tolist()
    clusters = rng.choice(list("abcdefgh"), 30).tolist()
    first = score(gold, predicted, clusters=clusters, resamples=50, seed=4)
    assert score(gold, predicted, clusters=clusters, resamples=50, seed=4) == first
    other = score(gold, predicted, clusters=clusters, resamples=50, seed=5)
    assert other["macro_f1_interval"] != first["macro_f1_interval"]
    assert other["macro_f1"] == first["macro_f1"]


MINUTES = (
    "The representative of Peru said that a treaty was needed without delay.",
    "Fiji’s delegate called a treaty premature and costly.",
    "The representative of Togo described courses for prosecutors.",
    "The representatives of Oman and Bahrain said that a treaty was needed.",
)
SPEAKERS = (("PER", 0, "for"), ("FJI", 1, "against"), ("TGO", 2, "neutral"), ("OMN", 3, "for"), ("BHR", 3, "against"))


@pytest.fixture
def annotated(tmp_path: Path) -> Path:
    """Return an annotation file with five statements, whose text lies in ``../meetings``."""
    text = "\n\n".join(MINUTES)
    for name in ("annotations", "meetings"):
        (tmp_path / name).mkdir()
    (tmp_path / "meetings" / "minutes_1.txt").write_text(text, encoding="utf-8")
    lines = []
    for speaker, i, side in SPEAKERS:
        start = text.index(MINUTES[i])
        span = {"document": "minutes_1", "sentence": i, "start": start, "end": start + len(MINUTES[i])}
        words = {"text": MINUTES[i], "context": "", "speaker": speaker, "target": "cybercrime-convention"}
        codes = {"stance": side, "basis": "explicit", "origin": "meeting", "annotator": "first"}
        lines.append(json.dumps({"id": f"minutes_1:{i}:{speaker}", **span, **words, **codes}))
    path = tmp_path / "annotations" / "one.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def model(annotated: Path, monkeypatch: pytest.MonkeyPatch) -> Classifier:
    """Return a model that knows the five statements by heart."""
    # The intervals are tested above; a thousand resamples a test are not needed here.
    for name in ("score", "score_positions", "abstention"):
        quick = functools.partial(getattr(stance.evaluation.run, name), resamples=20)
        monkeypatch.setattr(stance.evaluation.run, name, quick)
    options = EncodingOptions()
    items = read_annotations(annotated)
    encoded = encode_annotations(items, options, meetings=[annotated.parent.parent / "meetings"])
    estimator = TfidfClassifier(c=100).fit(encoded, [a.stance for a in items])
    return Classifier(estimator, options, DecisionConfig(threshold=0.0), "cybercrime-convention", "small", "d1")


def test_a_model_is_scored_on_gold_statements(model: Classifier, annotated: Path) -> None:
    annotated.write_text(annotated.read_text().replace('"stance": "neutral"', '"stance": "for"'), encoding="utf-8")
    metrics = evaluate(model, [annotated])
    statements = metrics["statements"]
    assert statements["n"] == 5
    # Togo’s label was exchanged. Oman and Bahrain share a sentence, and so a cluster.
    assert statements["confusion"] == [[2, 0, 1], [0, 2, 0], [0, 0, 0]]
    assert statements["accuracy"] == pytest.approx(4 / 5)
    assert statements["clusters"] == 4
    assert 0 <= statements["ece"] <= 1
    assert metrics["model"] == {"name": "small", "digest": "d1"}
    assert metrics["data"] == {str(annotated): digest_file(annotated)}


def test_the_threshold_of_the_model_is_used(model: Classifier, annotated: Path) -> None:
    model.decision = DecisionConfig(threshold=1.0)
    confusion = np.array(evaluate(model, [annotated])["statements"]["confusion"])
    assert confusion[:, 2].tolist() == [2, 2, 1]


def test_the_results_are_written(model: Classifier, annotated: Path, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    metrics = evaluate(model, [annotated], out=out)
    assert json.loads((out / "metrics.json").read_text(encoding="utf-8")) == json.loads(json.dumps(metrics))
    with (out / "predictions.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert list(rows[0]) == ["id", "speaker", "gold", "predicted", "p_for", "p_against", "p_neutral", "text"]
    assert [(r["speaker"], r["gold"]) for r in rows] == [(speaker, side) for speaker, _, side in SPEAKERS]
    assert [r["text"] for r in rows[:4]] == list(MINUTES)
    for r in rows:
        p = {s: float(r[f"p_{s}"]) for s in STANCES}
        assert sum(p.values()) == pytest.approx(1, abs=1e-5)
        assert r["predicted"] == max(p, key=lambda s: p[s])


def test_errors_and_page_hold_what_was_labelled_wrong(model: Classifier, annotated: Path, tmp_path: Path) -> None:
    text = annotated.read_text(encoding="utf-8").replace('"stance": "neutral"', '"stance": "for"')
    annotated.write_text(text, encoding="utf-8")
    out = tmp_path / "out"
    metrics = evaluate(model, [annotated], out=out)
    with (out / "errors.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert tuple(rows[0]) == ERROR_COLUMNS
    assert [(r["gold"], r["predicted"]) for r in rows] == [("for", "neutral")]
    assert max(rows[0], key=lambda k: float(rows[0][k]) if k.startswith("p_") else -1) == "p_neutral"
    assert metrics["abstention"]["n"] == 5
    page = (out / "evaluation.html").read_text(encoding="utf-8")
    assert page.count('<img src="data:image/svg+xml;base64,') == 3
    assert "Errors (1)" in page
    assert "http" not in page
    assert rows[0]["text"] in html.unescape(page)


def test_a_sentence_with_markup_is_shown_and_not_run(model: Classifier, annotated: Path, tmp_path: Path) -> None:
    rows = [json.loads(line) for line in annotated.read_text(encoding="utf-8").splitlines()]
    alone = rows[0] | {"id": "x:1", "document": "x", "sentence": None, "start": None, "end": None, "stance": "against"}
    alone |= {"text": "[SPEAKER] said <script>alert(1)</script>.", "speaker": "SPEAKER", "origin": "authored"}
    annotated.write_text(json.dumps(alone) + "\n", encoding="utf-8")
    model.decision = DecisionConfig(threshold=1.0)
    evaluate(model, [annotated], out=tmp_path / "out")
    page = (tmp_path / "out" / "evaluation.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_second_model_is_compared_on_the_same_statements(model: Classifier, annotated: Path) -> None:
    other = Classifier(
        model.estimator, model.options, DecisionConfig(threshold=1.0), model.target, "shy", "d2"
    )  # fmt: skip
    found = evaluate(model, [annotated], against=other)["comparison"]
    # By heart against always neutral, which one statement of five is.
    assert found["against"] == {"name": "shy", "digest": "d2"}
    assert (found["only_first_right"], found["only_second_right"], found["clusters"]) == (4, 0, 4)
    assert found["macro_f1"] == pytest.approx([1.0, (1 / 3) / 3])
    assert "comparison" not in evaluate(model, [annotated])


def test_several_files_are_scored_together(model: Classifier, annotated: Path) -> None:
    copy = annotated.with_name("two.jsonl")
    copy.write_bytes(annotated.read_bytes())
    metrics = evaluate(model, [annotated, copy])
    assert metrics["statements"]["n"] == 10
    assert set(metrics["data"]) == {str(annotated), str(copy)}


def test_the_texts_may_lie_elsewhere(model: Classifier, annotated: Path, tmp_path: Path) -> None:
    (tmp_path / "meetings").rename(tmp_path / "texts")
    with pytest.raises(AnnotationError, match="minutes_1.txt"):
        evaluate(model, [annotated])
    assert evaluate(model, [annotated], [tmp_path / "texts"])["statements"]["n"] == 5


def test_a_folder_that_cannot_be_written_is_told_before_the_work(
    model: Classifier, annotated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Classifier, "predict_proba", lambda *_: pytest.fail("the model was asked"))
    with pytest.raises(OutputError):
        evaluate(model, [annotated], out=annotated)


def test_a_broken_file_is_refused(model: Classifier, annotated: Path) -> None:
    annotated.write_text("{}\n", encoding="utf-8")
    with pytest.raises(AnnotationError, match="one.jsonl:1"):
        evaluate(model, [annotated])


@pytest.fixture
def gold(annotated: Path) -> list[Annotation]:
    return read_annotations(annotated)


@pytest.fixture
def texts(annotated: Path) -> list[Path]:
    return [annotated.parent.parent / "meetings"]


def test_attribution_by_hand(gold: list[Annotation], texts: list[Path]) -> None:
    found = score_attribution(gold, texts)
    assert found == {"precision": 1.0, "recall": 1.0, "n": 5, "documents": 1}
    # Without Bahrain, one of the five speakers found is wrong.
    found = score_attribution(gold[:-1], texts)
    assert (found["precision"], found["recall"], found["n"]) == pytest.approx((4 / 5, 1, 4))
    # Samoa stands nowhere, so that it is missed, and Togo, whose place it takes, is found for nothing.
    found = score_attribution([replace(a, speaker="WSM") if a.speaker == "TGO" else a for a in gold], texts)
    assert (found["precision"], found["recall"], found["n"]) == pytest.approx((4 / 5, 4 / 5, 5))


def test_a_speaker_in_the_wrong_sentence_is_not_found(gold: list[Annotation], texts: list[Path]) -> None:
    first, second = (replace(a, speaker=b.speaker) for a, b in (gold[:2], gold[1::-1]))
    found = score_attribution([first, second, *gold[2:]], texts)
    assert (found["precision"], found["recall"]) == pytest.approx((3 / 5, 3 / 5))


def test_pairs_leave_unnamed_speakers_and_statements_without_a_text_out(
    gold: list[Annotation], texts: list[Path]
) -> None:
    alone = replace(gold[0], id="c:1", document="c", sentence=None, start=None, end=None)
    unnamed = replace(gold[2], id="u:1", speaker="UNNAMED")
    pairs = attribution_pairs([*gold, alone, unnamed], texts)
    assert list(pairs) == ["minutes_1"]
    wanted, found = pairs["minutes_1"]
    assert wanted == found == {(a.start, a.speaker) for a in gold}


def test_attribution_has_intervals_from_five_documents_on(gold: list[Annotation], texts: list[Path]) -> None:
    several = []
    for i in range(5):
        (texts[0] / f"copy_{i}.txt").write_bytes((texts[0] / "minutes_1.txt").read_bytes())
        # Bahrain is left out in the first two copies: four of five and five of five are right.
        several += [replace(a, document=f"copy_{i}") for a in (gold[:-1] if i < 2 else gold)]
    found: Any = score_attribution(several, texts, resamples=200)
    assert (found["documents"], found["n"], found["precision"]) == (5, 23, pytest.approx(23 / 25))
    low, high = found["precision_interval"]
    assert 4 / 5 <= low < 23 / 25 < high <= 1
    assert found["recall_interval"] == (1.0, 1.0)
    assert "precision_interval" not in score_attribution(several[:18], texts)


def test_attribution_without_a_text_is_refused(gold: list[Annotation], tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match="minutes_1"):
        score_attribution(gold, [tmp_path])


def test_attribution_of_no_statements_is_refused_in_words(texts: list[Path]) -> None:
    with pytest.raises((StanceError, ValueError)):
        score_attribution([], texts)
