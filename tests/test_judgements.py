"""Out-of-fold judgements: who judges whom, the file, and the scripts around it."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

import stance.judgements as judgements
from stance.annotations import Annotation, read_annotations
from stance.classifiers import build_classifier
from stance.classifiers.base import probabilities
from stance.config import RunConfig, load_config
from stance.errors import AnnotationError, ConfigError
from stance.judgements import cross_judge, judged, read_judgements, write_judgements
from stance.model import Classifier
from stance.training import Examples, load_examples

ROOT = Path(__file__).parent.parent
DEBATE = ROOT / "data" / "annotations" / "SOC_CP_365.jsonl"


@pytest.fixture(scope="module")
def config(tiny_config: Path) -> RunConfig:
    return load_config(tiny_config)


@pytest.fixture(scope="module")
def examples(config: RunConfig) -> Examples:
    """The debate; every two statements in the order of the text belong to one group."""
    found = load_examples(config)
    grouped = [replace(a, group=f"g{i // 2}") for i, a in enumerate(found.annotations)]
    return Examples(grouped, found.encoded, found.files)


@pytest.fixture
def fits(monkeypatch: pytest.MonkeyPatch) -> list[list[Any]]:
    """What classifiers were fitted on, in the order of the fits."""
    seen: list[list[Any]] = []

    def build(*args: Any) -> Any:
        estimator = build_classifier(*args)
        fit = estimator.fit

        def watched(X: Sequence[Any], *more: Any) -> Any:
            seen.append(list(X))
            return fit(X, *more)

        estimator.fit = watched
        return estimator

    monkeypatch.setattr("stance.training.build_classifier", build)
    return seen


def test_nobody_is_judged_by_a_classifier_that_has_seen_the_group(
    config: RunConfig, examples: Examples, fits: list[list[Any]], tmp_path: Path
) -> None:
    fitted = [i < 60 for i in range(68)]
    proba = cross_judge(config, examples, fitted, folds=3, keep=tmp_path, progress=False)
    assert proba.sum(axis=1) == pytest.approx(1)
    number = {id(e): i for i, e in enumerate(examples.encoded)}
    learnt = [{number[id(x)] for x in fit} for fit in fits]
    assert len(learnt) == 3
    assert all(max(rows) < 60 for rows in learnt)
    for rows in learnt:
        assert {i ^ 1 for i in rows} == rows
    each = []
    for fit in fits:
        estimator = build_classifier(config.classifier, config.seed)
        estimator.fit(fit, [str(examples.labels[number[id(x)]]) for x in fit])
        each.append(probabilities(estimator, examples.encoded))
    for i in range(60):
        judge = [e for e, rows in zip(each, learnt, strict=True) if i not in rows]
        assert len(judge) == 1
        assert proba[i] == pytest.approx(judge[0][i])
    assert proba[60:] == pytest.approx(np.mean(each, axis=0)[60:])


def test_folds_that_were_done_are_not_fitted_again(
    config: RunConfig, examples: Examples, fits: list[list[Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = cross_judge(config, examples, [True] * 68, folds=3, keep=tmp_path / "whole")
    assert len(fits) == 3
    tmp_path = tmp_path / "broken"
    save = np.save

    def dies(path: Path, *args: Any, **kwargs: Any) -> None:
        if "fold2" in Path(path).name:
            raise KeyboardInterrupt
        save(path, *args, **kwargs)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(judgements.np, "save", dies)
        cross_judge(config, examples, [True] * 68, folds=3, keep=tmp_path)
    fits.clear()
    assert (cross_judge(config, examples, [True] * 68, folds=3, keep=tmp_path) == whole).all()
    assert len(fits) == 1
    # Folds of other data are no use.
    fits.clear()
    cross_judge(config, examples, [i > 3 for i in range(68)], folds=3, keep=tmp_path)
    assert len(fits) == 3


@pytest.mark.parametrize("folds", [1, 35])
def test_too_few_folds_or_groups_are_refused(config: RunConfig, examples: Examples, folds: int, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=f"folds: {folds}, .* the 34 groups"):
        cross_judge(config, examples, [True] * 68, folds=folds, keep=tmp_path)


@pytest.fixture
def debate() -> list[Annotation]:
    return read_annotations(DEBATE, meetings=[ROOT / "data" / "meetings"])


def test_the_file_gives_back_what_was_judged(debate: list[Annotation], tmp_path: Path) -> None:
    proba = np.random.default_rng(1).dirichlet([1, 1, 1], 68)
    path = tmp_path / "judgements.csv"
    write_judgements(path, debate, proba)
    found = judged(path, debate[::-1])
    assert found[::-1] == pytest.approx(proba, abs=2e-4)
    assert found.sum(axis=1) == pytest.approx(1)
    changed = [
        replace(debate[0], text="Another sentence."),
        replace(debate[1], id="new"),
        replace(debate[2], stance="for"),
    ]
    assert np.isnan(judged(path, changed)).any(axis=1).tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,statement,for,against\n", r"judgements.csv:1: neutral: no such column"),
        ("id,statement,for,against,neutral\na,x,0.5,0.5,high\n", r"judgements.csv:2: neutral: not a number: 'high'"),
        ("id,statement,for,against,neutral\na,x,0.5,0.5\n", r"judgements.csv:2: neutral: not a number: None"),
        ("id,statement,for,against,neutral\na,x,1.5,-0.5,0\n", r"judgements.csv:2: for: 1.5 is no probability"),
        ("id,statement,for,against,neutral\na,x,nan,0.5,0.5\n", r"judgements.csv:2: for: nan is no probability"),
        ("id,statement,for,against,neutral\na,x,0.5,0.5,0.5\n", r"judgements.csv:2: the probabilities sum to 1.500"),
        ("id,statement,for,against,neutral\na,x,1,0,0\na,x,1,0,0\n", r"judgements.csv:3: id: 'a' stands twice"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "judgements.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(AnnotationError, match=message):
        read_judgements(path)


def script(name: str, *args: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "scripts" / name), *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)


def test_from_a_configuration_to_doubtful_labels(tmp_path: Path, debate: list[Annotation]) -> None:
    """The ranking is by the probability that the judgements give the label."""
    pytest.importorskip("cleanlab")
    config = tmp_path / "judge.yaml"
    config.write_text(
        yaml.safe_dump(
            {
                "name": "judge",
                "data": {
                    "train": [str(ROOT / "data" / "authored" / "annotations" / "statements.jsonl")],
                    "parts": ["development"],
                    "splits": str(ROOT / "data" / "authored" / "splits.csv"),
                },
                "classifier": {"kind": "tfidf", "words": [1, 2], "characters": None},
                "evaluation": {"scheme": "none"},
            }
        ),
        encoding="utf-8",
    )
    out = tmp_path / "judgements.csv"
    done = script("cross_judge.py", config, "--folds", "2", "--out", out)
    assert done.returncode == 0, done.stderr
    assert "out of fold: macro-F1" in done.stdout
    assert "in no fold: macro-F1" in done.stdout
    assert not list(tmp_path.glob(".*"))
    ranked = script("find_label_errors.py", config, out, "--top", "20", "--out", tmp_path / "errors.csv")
    assert ranked.returncode == 0, ranked.stderr
    with (tmp_path / "errors.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert len(rows) == 20
    found = read_judgements(out)
    for row in rows:
        stances = dict(zip(("for", "against", "neutral"), found[row["id"]][1], strict=True))
        assert float(row["confidence_in_label"]) == pytest.approx(stances[row["label"]], abs=1e-4)
        assert row["predicted"] == max(stances, key=lambda s: stances[s])
    confidences = [float(r["confidence_in_label"]) for r in rows if r["suspected"] == "True"]
    assert confidences == sorted(confidences)


def test_a_missing_folder_is_said_before_the_work(tmp_path: Path) -> None:
    done = script("cross_judge.py", "configs/tfidf.yaml", "--out", tmp_path / "gone" / "judgements.csv")
    assert done.returncode == 2
    assert "gone/judgements.csv: no folder" in done.stderr


def test_a_trained_model_judges_documents_that_it_has_not_seen(tmp_path: Path, tiny_model: Path) -> None:
    out = tmp_path / "judgements.csv"
    config = tmp_path / "judge.yaml"
    authored = ROOT / "data" / "authored" / "annotations" / "statements.jsonl"
    content = {
        "name": "judge",
        "data": {"train": [str(authored)]},
        "classifier": {"kind": "majority"},
        "evaluation": {"scheme": "none"},
    }
    config.write_text(yaml.safe_dump(content), encoding="utf-8")
    done = script("cross_judge.py", config, "--by", tiny_model, "--documents", "c1[56]", "--out", out)
    assert done.returncode == 0, done.stderr
    found = read_judgements(out)
    assert {name[:3] for name in found} == {"c15", "c16"}
    assert f"in no fold: macro-F1 0.{done.stdout.split('0.')[1][:3]}, n = {len(found)}\n" in done.stdout
    assert "out of fold" not in done.stdout
    examples = load_examples(load_config(config, ["encoding.context=1"]))
    rows = [i for i, a in enumerate(examples.annotations) if a.document in ("c15", "c16")]
    expected = Classifier.load(tiny_model).predict_proba([examples.encoded[i] for i in rows])
    ids = [examples.annotations[i].id for i in rows]
    np.testing.assert_allclose([found[i][1] for i in ids], expected, atol=2e-4)
