"""The leaderboard: the same folds for all, one table, runs that go on."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from conftest import script
from sklearn.metrics import f1_score

from stance.annotations import read_annotations
from stance.config import load_config, replace_fields
from stance.model import Classifier
from stance.positions import decide
from stance.targets import STANCES
from stance.training import cross_validate, load_examples

ROOT = Path(__file__).parent.parent
DEBATE = ROOT / "data" / "annotations" / "SOC_CP_365.jsonl"
CONFIGS = [str(ROOT / "configs" / f"{name}.yaml") for name in ("majority", "tfidf")]


@pytest.fixture(scope="module")
def leaderboard() -> ModuleType:
    return script("leaderboard")


@pytest.fixture(scope="module")
def done(leaderboard: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("leaderboard")
    assert leaderboard.main([*CONFIGS, "--on", f"debate={DEBATE}", "--out", str(out), "--resamples", "100"]) == 0
    return out


def test_figures_are_those_of_the_folds(done: Path) -> None:
    config = load_config(Path(CONFIGS[1]))
    config = replace_fields(config, {"evaluation.scheme": "folds-by-delegation", "evaluation.folds": 5})
    examples = load_examples(config)
    rows, proba, _ = cross_validate(config, examples)
    gold = [examples.annotations[i].stance for i in rows]
    expected = f1_score(gold, decide(proba, 0.0), labels=list(STANCES), average="macro", zero_division=0)
    with (done / "leaderboard.csv").open(encoding="utf-8", newline="") as handle:
        table = {r["classifier"]: r for r in csv.DictReader(handle)}
    assert float(table["tfidf"]["macro_f1"]) == pytest.approx(expected, abs=1e-4)
    assert table["tfidf"]["n"] == str(len(read_annotations(DEBATE)))
    assert float(table["tfidf"]["difference"]) == pytest.approx(
        float(table["tfidf"]["macro_f1"]) - float(table["majority"]["macro_f1"]), abs=2e-4
    )


def test_the_reference_has_no_difference_to_itself_and_the_best_comes_first(done: Path) -> None:
    with (done / "leaderboard.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert [r["difference"] for r in rows if r["classifier"] == "majority"] == ["0.0000"]
    assert [float(r["macro_f1"]) for r in rows] == sorted((float(r["macro_f1"]) for r in rows), reverse=True)
    assert "\\begin{tabular}" in (done / "leaderboard.tex").read_text(encoding="utf-8")
    assert "| debate | majority | 68 | 1 |" in (done / "leaderboard.md").read_text(encoding="utf-8")


def test_a_run_that_is_done_is_not_made_again(
    leaderboard: ModuleType, done: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaderboard, "cross_validate", None)
    before = json.loads((done / "run_tfidf_13.json").read_text(encoding="utf-8"))
    assert leaderboard.main([*CONFIGS, "--on", f"debate={DEBATE}", "--out", str(done), "--resamples", "100"]) == 0
    assert json.loads((done / "run_tfidf_13.json").read_text(encoding="utf-8")) == before


def test_a_difference_is_marked_where_its_interval_leaves_out_zero(leaderboard: ModuleType) -> None:
    items = read_annotations(DEBATE)
    gold = [a.stance for a in items]
    table = leaderboard.tabulate({"neutral": [["neutral"] * len(gold)], "oracle": [gold]}, items, "neutral", 100)
    assert [(r["classifier"], r["mark"]) for r in table] == [("oracle", "*"), ("neutral", "")]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([CONFIGS[0], CONFIGS[0]], "have the name majority"),
        ([*CONFIGS, "--reference", "minilm"], "--reference minilm: not one of majority, tfidf"),
    ],
)
def test_wrong_usage_is_told(
    leaderboard: ModuleType,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    assert leaderboard.main([*arguments, "--out", str(tmp_path / "o")]) == 2
    assert message in capsys.readouterr().err


def test_a_configuration_without_the_test_data_predicts_it_as_a_whole(
    leaderboard: ModuleType, tmp_path: Path, held_out_corpus: list[str]
) -> None:
    overrides = [x for item in held_out_corpus[:2] for x in ("--set", item)]
    assert (
        leaderboard.main(
            [CONFIGS[1], *overrides, "--on", f"debate={DEBATE}", "--out", str(tmp_path), "--resamples", "100"]
        )
        == 0
    )
    labels = json.loads((tmp_path / "run_tfidf_13.json").read_text(encoding="utf-8"))["labels"]["debate"]
    assert len(labels) == 68


def test_several_sets_and_a_trained_model_stand_in_one_table(
    leaderboard: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = (ROOT / "data/authored/annotations/statements.jsonl").read_text(encoding="utf-8").splitlines()
    (tmp_path / "other.jsonl").write_text("\n".join(lines[:40]) + "\n", encoding="utf-8")
    sets = ["--on", f"debate={DEBATE}", "--on", f"other={tmp_path / 'other.jsonl'}"]
    assert leaderboard.main([CONFIGS[0], "default", *sets, "--out", str(tmp_path / "o"), "--resamples", "100"]) == 0
    with (tmp_path / "o" / "leaderboard.csv").open(encoding="utf-8", newline="") as handle:
        table = {(r["set"], r["classifier"]): r for r in csv.DictReader(handle)}
    assert {key: r["n"] for key, r in table.items()} == {
        (s, c): n for s, n in (("debate", "68"), ("other", "40")) for c in ("majority", "default")
    }
    model = Classifier.load("default")
    examples = load_examples(load_config(ROOT / "configs/default.yaml", ["data.parts=[]"]), [str(DEBATE)])
    found = decide(model.predict_proba(examples.encoded), 0.0)
    expected = f1_score([a.stance for a in examples.annotations], found, labels=list(STANCES), average="macro")
    assert float(table["debate", "default"]["macro_f1"]) == pytest.approx(expected, abs=1e-4)


def test_a_model_is_not_scored_on_what_it_was_trained_on(
    leaderboard: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str], run: Callable[..., Any]
) -> None:
    assert run("train", CONFIGS[1], "--set", "evaluation.scheme=none", "--out", tmp_path / "m", "--quiet").code == 0
    assert leaderboard.main([str(tmp_path / "m"), "--on", f"debate={DEBATE}", "--out", str(tmp_path / "o")]) == 2
    assert "m was trained on the set debate" in capsys.readouterr().err
