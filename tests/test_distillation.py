"""Learning from teachers: what a student is fitted on, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from stance.annotations import Annotation, read_annotations
from stance.config import DistillationConfig
from stance.distillation import Lesson, prepare_lesson
from stance.encoding import Encoded, EncodingOptions, encode_annotations
from stance.errors import ConfigError
from stance.judgements import write_judgements
from stance.model import Classifier
from stance.targets import STANCES, load_target

ROOT = Path(__file__).parent.parent
DEBATE = ROOT / "data" / "annotations" / "SOC_CP_365.jsonl"
EXAMPLE = ROOT / "data" / "examples" / "committee_debate.txt"
TARGET = load_target("cybercrime-convention")
#: The order of ``classes_`` from the package's own.
ORDER = [STANCES.index(label) for label in sorted(STANCES)]


@pytest.fixture(scope="module")
def debate() -> list[Annotation]:
    return read_annotations(DEBATE, meetings=[ROOT / "data" / "meetings"])


@pytest.fixture(scope="module")
def authored() -> list[Annotation]:
    """Thirty single statements on at least two targets."""
    found = read_annotations(ROOT / "data" / "authored" / "annotations" / "statements.jsonl")
    other = [a for a in found if a.target != TARGET.id]
    return [a for a in found if a.target == TARGET.id][:15] + other[:15]


def reader(annotations: Sequence[Annotation]) -> Callable[[EncodingOptions], list[Encoded]]:
    return lambda options: encode_annotations(annotations, options, meetings=[ROOT / "data" / "meetings"])


def lesson(annotations: Sequence[Annotation], teacher: Path, context: int = 1, **changes: Any) -> Lesson:
    config = DistillationConfig(teachers=(str(teacher),), **changes)
    return prepare_lesson(config, annotations, EncodingOptions(context=context), reader(annotations), TARGET)


def test_labels_are_mixed_by_the_weight(
    debate: list[Annotation], tiny_model: Path, tiny_classifier: Classifier
) -> None:
    found = lesson(debate, tiny_model, weight=0.25)
    own = np.array([[a.stance == label for label in ("against", "for", "neutral")] for a in debate])
    judged = tiny_classifier.predict_proba(found.encoded)[:, ORDER]
    assert found.labels == pytest.approx(0.75 * own + 0.25 * judged)
    assert found.labels.sum(axis=1) == pytest.approx(1)
    assert found.record == {
        "teachers": {str(tiny_model): tiny_classifier.digest},
        "judgements": {},
        "annotated": 68,
        "judged": 68,
        "other_targets": 0,
        "unlabelled": 0,
        "unlabelled_sha256": None,
    }


def test_several_teachers_count_alike(debate: list[Annotation], tiny_model: Path, tmp_path: Path) -> None:
    other = Classifier.load(tiny_model)
    other.calibration = type(other.calibration)("temperature", temperature=4.0)
    other.save_pretrained(tmp_path / "other")
    config = DistillationConfig(teachers=(str(tiny_model), str(tmp_path / "other")), weight=1.0)
    found = prepare_lesson(config, debate, EncodingOptions(), reader(debate), TARGET)
    each = [lesson(debate, place, weight=1.0).labels for place in (tiny_model, tmp_path / "other")]
    assert np.abs(each[0] - each[1]).max() > 0.1
    assert found.labels == pytest.approx((each[0] + each[1]) / 2)


def test_judgements_are_a_teacher_that_need_not_be_there(debate: list[Annotation], tmp_path: Path) -> None:
    """A statement that the file lacks, or that was changed since, keeps its gold label."""
    proba = np.random.default_rng(1).dirichlet([1, 1, 1], 68)
    path = tmp_path / "judgements.csv"
    write_judgements(
        path, [replace(a, text=a.text + "!") if i == 3 else a for i, a in enumerate(debate[:60])], proba[:60]
    )
    config = DistillationConfig(judgements=(str(path),), weight=0.4)
    found = prepare_lesson(config, debate, EncodingOptions(), reader(debate), TARGET)
    own = np.array([[a.stance == label for label in ("against", "for", "neutral")] for a in debate])
    kept = [3, *range(60, 68)]
    assert found.labels[kept] == pytest.approx(own[kept].astype(float))
    rest = [i for i in range(68) if i not in kept]
    assert found.labels[rest] == pytest.approx(0.6 * own[rest] + 0.4 * proba[rest][:, ORDER], abs=1e-4)
    assert found.record["judged"] == 59
    assert list(found.record["judgements"]) == [str(path)]


def test_judgements_and_teachers_count_alike(
    debate: list[Annotation], tiny_model: Path, tiny_classifier: Classifier, tmp_path: Path
) -> None:
    proba = np.random.default_rng(1).dirichlet([1, 1, 1], 68)
    path = tmp_path / "judgements.csv"
    write_judgements(path, debate[:60], proba[:60])
    found = lesson(debate, tiny_model, judgements=(str(path),), weight=1.0)
    judged = tiny_classifier.predict_proba(found.encoded)
    assert found.labels[:60] == pytest.approx(((proba[:60] + judged[:60]) / 2)[:, ORDER], abs=1e-4)
    assert found.labels[60:] == pytest.approx(judged[60:][:, ORDER])


def test_judgements_alone_cannot_label_more(debate: list[Annotation], tmp_path: Path) -> None:
    write_judgements(tmp_path / "j.csv", debate, np.full((68, 3), 1 / 3))
    config = DistillationConfig(judgements=(str(tmp_path / "j.csv"),), unlabelled=(str(EXAMPLE),))
    with pytest.raises(ConfigError, match="need teachers"):
        prepare_lesson(config, debate, EncodingOptions(), reader(debate), TARGET)


def test_a_teacher_reads_as_it_was_trained_to(
    debate: list[Annotation], tiny_model: Path, tiny_classifier: Classifier
) -> None:
    found = lesson(debate, tiny_model, context=0, weight=1.0)
    assert not any(e.context for e in found.encoded)
    as_trained = reader(debate)(tiny_classifier.options)
    assert any(e.context for e in as_trained)
    assert found.labels == pytest.approx(tiny_classifier.predict_proba(as_trained)[:, ORDER])


def test_statements_are_read_with_other_targets_too(authored: list[Annotation], tiny_model: Path) -> None:
    found = lesson(authored, tiny_model, other_targets=0.5)
    assert len(found.encoded) == len(found.labels) == len(found.groups) == 45
    plain = reader(authored)(EncodingOptions())
    known = {(e.context, e.text): (e.target, a.group or a.id) for e, a in zip(plain, authored, strict=True)}
    targets = {load_target(a.target).name for a in authored}
    for e, group in zip(found.encoded[30:], found.groups[30:], strict=True):
        own, of = known[e.context, e.text]
        assert e.target in targets - {own}
        assert group == of
    assert lesson(authored, tiny_model, other_targets=0.5).encoded == found.encoded


def test_other_targets_need_several(debate: list[Annotation], tiny_model: Path) -> None:
    with pytest.raises(ConfigError, match="other_targets: needs"):
        lesson(debate, tiny_model, other_targets=0.5)


def test_unlabelled_summaries_are_labelled_by_the_teacher(
    debate: list[Annotation], tiny_model: Path, tiny_classifier: Classifier
) -> None:
    found = lesson(debate, tiny_model, unlabelled=(str(EXAMPLE),))
    more = found.encoded[68:]
    assert len(more) == found.record["unlabelled"] > 5
    assert found.labels[68:] == pytest.approx(tiny_classifier.predict_proba(more)[:, ORDER])
    assert set(found.groups[68:]) == {"committee_debate"}
    assert len(found.record["unlabelled_sha256"]) == 64


@pytest.fixture
def student(tmp_path: Path, tiny_bert: Path, tiny_model: Path) -> Callable[..., Path]:
    """A configuration of a small cross-encoder that learns from the small TF-IDF model."""

    def write(**changes: Any) -> Path:
        config = {
            "name": "student",
            "data": {"train": [str(DEBATE)], "meetings": [str(ROOT / "data" / "meetings")]},
            "classifier": {"kind": "cross-encoder", "encoder": str(tiny_bert), "epochs": 1, "max_tokens": 48},
            "distillation": {"teachers": [str(tiny_model)], "weight": 1.0},
            "evaluation": {"scheme": "none"},
        }
        path = tmp_path / "student.yaml"
        path.write_text(yaml.safe_dump(config | changes), encoding="utf-8")
        return path

    return write


def test_a_run_with_a_teacher_records_it(
    student: Callable[..., Path], run: Callable[..., Any], tmp_path: Path, tiny_classifier: Classifier
) -> None:
    done = run("train", student(), "--out", tmp_path / "model", "--quiet")
    assert done.code == 0, done.err
    training = json.loads((tmp_path / "model" / "metrics.json").read_text(encoding="utf-8"))["training"]
    assert list(training["distillation"]["teachers"].values()) == [tiny_classifier.digest]
    assert training["distillation"]["annotated"] == 68
    taught = Classifier.load(tmp_path / "model").predict_proba([Encoded(TARGET.name, "", "[SPEAKER] agreed.")])
    plain = run("train", student(distillation={}), "--out", tmp_path / "plain", "--quiet")
    assert plain.code == 0
    untaught = Classifier.load(tmp_path / "plain").predict_proba([Encoded(TARGET.name, "", "[SPEAKER] agreed.")])
    assert (taught != untaught).any()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"evaluation": {"scheme": "folds-by-delegation"}}, "evaluation.scheme must be held-out or none"),
        ({"classifier": {"kind": "tfidf"}}, "a tfidf classifier learns from labels only"),
        ({"distillation": {"teachers": ["./gone"]}}, "no such model folder"),
        ({"distillation": {"teacher": ["x"]}}, "did you mean 'teachers'"),
    ],
)
def test_what_cannot_be_taught_is_refused(
    student: Callable[..., Path], run: Callable[..., Any], tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    done = run("train", student(**changes), "--out", tmp_path / "model", "--quiet")
    assert done.code == 2
    assert message in done.err
    assert not (tmp_path / "model").exists()
