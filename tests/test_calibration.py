"""Temperature scaling: it mends overconfidence, changes no label, and is stored with the model."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from stance.config import load_config
from stance.errors import ConfigError
from stance.evaluation.calibration import apply_temperature, fit_temperature
from stance.model import Classifier
from stance.training import train

ROOT = Path(__file__).parent.parent


def test_a_temperature_divides_the_logits() -> None:
    proba = np.array([[0.8, 0.1, 0.1]])
    # exp(log p / 2) is the square root: √0.8 : √0.1 : √0.1.
    roots = np.sqrt(proba)
    assert apply_temperature(proba, 2.0) == pytest.approx(roots / roots.sum())
    assert apply_temperature(proba, 1.0) is proba


def test_no_temperature_changes_the_most_probable_label() -> None:
    proba = np.random.default_rng(1).dirichlet([1, 1, 1], 200)
    for temperature in (0.25, 0.7, 3.0, 8.0):
        scaled = apply_temperature(proba, temperature)
        assert (scaled.argmax(axis=1) == proba.argmax(axis=1)).all()
        assert scaled.sum(axis=1) == pytest.approx(1.0)


def test_certainties_stay_finite() -> None:
    assert np.isfinite(apply_temperature(np.array([[1.0, 0.0, 0.0]]), 0.25)).all()


def test_overconfidence_is_softened_to_the_frequency_of_being_right() -> None:
    # Nine tenths certain, right three times in four: the best temperature brings 0.9 down to 0.75.
    proba = np.tile([0.9, 0.05, 0.05], (400, 1))
    gold = ["for"] * 300 + ["against"] * 50 + ["neutral"] * 50
    scaled = apply_temperature(proba, fit_temperature(gold, proba))
    assert scaled[0, 0] == pytest.approx(0.75, abs=0.002)


def test_calibrated_probabilities_need_no_temperature() -> None:
    proba = np.tile([0.6, 0.2, 0.2], (100, 1))
    gold = ["for"] * 60 + ["against"] * 20 + ["neutral"] * 20
    assert fit_temperature(gold, proba) == pytest.approx(1.0, abs=0.01)


def test_nothing_to_calibrate_on_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot calibrate"):
        fit_temperature([], np.zeros((0, 3)))


def test_training_holds_out_what_it_calibrates_on_and_stores_the_temperature(
    tmp_path: Path, held_out_corpus: list[str]
) -> None:
    result = train(load_config(ROOT / "configs/tfidf.yaml", held_out_corpus), tmp_path / "model")
    assert result.metrics["training"]["statements"] == 50
    assert result.metrics["calibration"]["held_out"]["n"] == 10
    stored = json.loads((tmp_path / "model" / "model.json").read_text(encoding="utf-8"))
    assert stored["calibration"]["temperature"] == result.model.temperature != 1.0
    assert Classifier.load(tmp_path / "model").temperature == result.model.temperature
    assert "## Calibration" in (tmp_path / "model" / "README.md").read_text(encoding="utf-8")


def test_calibrating_on_everything_or_nothing_is_refused(tmp_path: Path, held_out_corpus: list[str]) -> None:
    for parts, message in (("[train,development]", "every statement"), ("[transfer]", "no statement")):
        config = load_config(ROOT / "configs/tfidf.yaml", [*held_out_corpus, f"calibration.parts={parts}"])
        with pytest.raises(ConfigError, match=message):
            train(config, tmp_path / "refused")
