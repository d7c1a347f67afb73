"""Searches: what a search file may say, that a search goes on as if it had not stopped, and what it writes."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

import stance.search
from stance.config import load_config
from stance.errors import ConfigError, ModelError
from stance.resources import configs_folder
from stance.search import load_search, search
from stance.training import train

ROOT = Path(__file__).parent.parent
SPACE: dict[str, Any] = {
    "classifier.c": {"low": 0.01, "high": 100.0, "log": True},
    "classifier.min_df": {"low": 1, "high": 3},
    "classifier.words": {"choices": [[1, 1], [1, 2]]},
    "encoding.context": {"choices": [0, 1]},
}


@pytest.fixture
def write(tmp_path: Path, held_out_corpus: list[str]) -> Callable[..., Path]:
    """Write a search file over the small corpus of sixty statements, ten of them held out."""

    def file(**fields: Any) -> Path:
        path = tmp_path / "search.yaml"
        content = {
            "config": str(ROOT / "configs/tfidf.yaml"),
            "overrides": [*held_out_corpus, "classifier.characters=null"],
            "space": SPACE,
            "trials": 6,
        }
        path.write_text(yaml.safe_dump(content | fields), encoding="utf-8")
        return path

    return file


def refusal(path: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        load_search(path)
    return str(caught.value)


@pytest.mark.parametrize("path", sorted((configs_folder() / "search").glob("*.yaml")), ids=lambda p: p.stem)
def test_every_shipped_search_holds(path: Path) -> None:
    found, config = load_search(path)
    assert found.parts == ("development",)
    assert not set(config.evaluation.files) & set(config.data.train)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"space": {"classifier.learning_rat": SPACE["classifier.c"]}}, "space.classifier.learning_rat: unknown field"),
        ({"space": {"classifier.min_fd": {"low": 1, "high": 2}}}, "did you mean 'classifier.min_df'?"),
        ({"space": {"contxt": {"choices": [0, 1]}}}, "did you mean 'encoding.context'?"),
        ({"space": {"seed": {"low": 1, "high": 9}}}, "space.seed: cannot be searched"),
        ({"space": {"evaluation.files": {"choices": [["a"], ["b"]]}}}, "space.evaluation.files: cannot be searched"),
        (
            {"space": {"classifier.kind": {"choices": ["tfidf", "majority"]}}},
            "space.classifier.kind: cannot be searched",
        ),
        ({"space": {"classifier.c": {"low": 0, "high": 1}}}, "space.classifier.c: input should be greater than 0"),
        ({"space": {"classifier.c": {"low": 2, "high": 1}}}, "space.classifier.c: low must be below high"),
        ({"space": {"classifier.c": {"low": 0, "high": 1, "log": True}}}, "log needs a low above 0 and no step"),
        ({"space": {"classifier.min_df": {"low": 1, "high": 2.5}}}, "space.classifier.min_df: is a whole number"),
        ({"space": {"classifier.balanced": {"low": 0, "high": 1}}}, "space.classifier.balanced: is no number"),
        ({"space": {"classifier.words": {"choices": [[1, 2], [2, 1]]}}}, "space.classifier.words: "),
        (
            {"space": {"classifier.c": {"low": 1, "hgih": 2}}},
            "space.classifier.c.hgih: unknown field; did you mean 'high'?",
        ),
        ({"space": {"classifier.c": {"choices": [1]}}}, "space.classifier.c.choices: "),
        ({"space": {"classifier.c": 3}}, "space.classifier.c: "),
        ({"space": {}}, "space: "),
        ({"objectiv": "macro_f1"}, "objectiv: unknown field; did you mean 'objective'?"),
        ({"objective": "accuracy"}, "objective: "),
        ({"pruner": "median"}, "name at least two seeds"),
        ({"seeds": [1, 1]}, "seeds must all be different"),
        ({"config": "nowhere.yaml"}, "nowhere.yaml: no such configuration"),
    ],
)
def test_a_search_that_cannot_be_is_refused(write: Callable[..., Path], fields: dict[str, Any], words: str) -> None:
    assert words in refusal(write(**fields))


# --- the search itself; the rest needs optuna ------------------------------------------------------------------------


def table(folder: Path) -> list[dict[str, str]]:
    with (folder / "trials.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_without_optuna_the_message_says_what_to_install(
    write: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "optuna", None)
    with pytest.raises(ConfigError, match=r'needs optuna; run in the checkout: pip install .* "\.\[search\]"$'):
        search(*load_search(write()), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_search_writes_its_trials_and_a_configuration_that_trains(
    write: Callable[..., Path], tmp_path: Path, run: Callable[..., Any]
) -> None:
    pytest.importorskip("optuna")
    out = tmp_path / "out"
    done = run("search", write(), "--out", out, "--quiet")
    assert (done.code, done.err) == (0, "")
    assert "optimistic" in done.out
    assert "n = 10 held-out statements" in done.out
    rows = table(out)
    assert [r["trial"] for r in rows] == list("012345")
    # The first trial is the configuration one starts from.
    assert [json.loads(rows[0][name]) for name in SPACE] == [1.0, 1, [1, 2], 1]
    record = json.loads((out / "search.json").read_text(encoding="utf-8"))
    best = max(float(r["macro_f1"]) for r in rows)
    assert record["best"]["value"] == pytest.approx(best, abs=1e-6)
    assert record["best"]["interval"][0] <= record["best"]["value"] <= record["best"]["interval"][1]
    assert record["start"]["trial"] == 0
    assert record["held_out"] == {"parts": ["development"], "statements": 10, "groups": 10}
    assert record["trials"] == {"finished": 6, "complete": 6, "failed": 0, "pruned": 0}
    assert "optuna" in record["environment"]
    config = load_config(out / "best.yaml")
    assert config.name == "tfidf-best"
    assert config.classifier.model_dump()["c"] == record["best"]["fields"]["classifier.c"]
    assert train(config, tmp_path / "model").metrics["training"]["statements"] == 50


def test_the_value_is_that_of_a_model_that_did_not_see_the_held_out_groups(
    write: Callable[..., Path], tmp_path: Path
) -> None:
    pytest.importorskip("optuna")
    found, config = load_search(write(trials=1))
    result = search(found, config, tmp_path / "out")
    calibrated_on_them = config.model_copy(
        update={"calibration": config.calibration.model_copy(update={"method": "none"})}
    )
    metrics = train(calibrated_on_them, tmp_path / "model").metrics["calibration"]["held_out"]
    assert result.record["best"]["value"] == pytest.approx(metrics["macro_f1"])


def test_an_interrupted_search_goes_on_as_if_it_had_not_stopped(
    write: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("optuna")
    found, config = load_search(write(trials=12))
    search(found, config, tmp_path / "whole")
    for stop in (0, 10):
        out = tmp_path / f"stopped_{stop}"
        calls = []
        true = stance.search.probabilities

        def interrupted(*args: Any, stop: int = stop, calls: list[int] = calls, true: Any = true) -> Any:
            calls.append(1)
            if len(calls) == stop + 1:
                raise KeyboardInterrupt
            return true(*args)

        monkeypatch.setattr(stance.search, "probabilities", interrupted)
        with pytest.raises(KeyboardInterrupt):
            search(found, config, out)
        assert not (out / "search.json").exists()
        monkeypatch.setattr(stance.search, "probabilities", true)
        search(found, config, out)
        whole, again = table(tmp_path / "whole"), table(out)
        assert [{**r, "trial": ""} for r in again] == [{**r, "trial": ""} for r in whole]


def test_more_trials_may_be_asked_for_and_another_search_may_not(write: Callable[..., Path], tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    out = tmp_path / "out"
    search(*load_search(write(), 2), out)
    first = table(out)
    search(*load_search(write(), 4), out)
    assert table(out)[:2] == first
    assert len(table(out)) == 4
    with pytest.raises(ConfigError, match="holds a search of another space"):
        search(*load_search(write(seed=14)), out)


def test_log_loss_is_made_small_over_several_seeds(write: Callable[..., Path], tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    found, config = load_search(write(objective="log_loss", seeds=[1, 2], pruner="median", trials=8))
    record = search(found, config, tmp_path / "out").record
    rows = table(tmp_path / "out")
    complete = [float(r["log_loss"]) for r in rows if r["state"] == "complete"]
    assert record["best"]["value"] == pytest.approx(min(complete), abs=1e-6)
    assert record["trials"]["finished"] == 8 == len(rows)
    proba = np.load(tmp_path / "out" / "predictions" / f"trial_{record['best']['trial']:04d}.npy")
    assert proba.shape == (2, 10, 3)


def test_a_trial_that_cannot_be_trained_costs_itself_alone(write: Callable[..., Path], tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    space = {"classifier.min_df": {"choices": [1, 1000]}}
    record = search(*load_search(write(space=space, trials=5)), tmp_path / "out").record
    rows = table(tmp_path / "out")
    assert record["trials"]["failed"] == sum(r["state"] == "fail" for r in rows) > 0
    assert all(("1000" in r["classifier.min_df"]) == bool(r["error"]) for r in rows)
    assert record["best"]["fields"] == {"classifier.min_df": 1}
    nothing = {"classifier.min_df": {"choices": [1000, 2000]}}
    with pytest.raises(ModelError, match="no trial of the search could be trained"):
        search(*load_search(write(space=nothing, trials=2)), tmp_path / "none")


def test_what_evaluates_in_the_end_is_not_searched_on(write: Callable[..., Path], tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    found, config = load_search(write())
    files = {"evaluation": config.evaluation.model_copy(update={"files": config.data.train})}
    with pytest.raises(ConfigError, match=r"c:0 is in evaluation\.files"):
        search(found, config.model_copy(update=files), tmp_path / "out")
    with pytest.raises(ConfigError, match="no statement of the training data is in them"):
        search(found.model_copy(update={"parts": ("transfer",)}), config, tmp_path / "out")


def test_another_folder_is_left_alone(write: Callable[..., Path], tmp_path: Path, run: Callable[..., Any]) -> None:
    pytest.importorskip("optuna")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("three years", encoding="utf-8")
    done = run("search", write(), "--out", tmp_path / "mine", "--quiet")
    assert done.code == 2
    assert "holds other files than a search" in done.err
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["thesis.txt"]
