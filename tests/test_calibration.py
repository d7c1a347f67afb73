"""Temperature scaling: it mends overconfidence, changes no label, and is stored with the model."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from stance.config import load_config
from stance.errors import ConfigError, ModelError
from stance.evaluation.calibration import (
    Calibration,
    apply_temperature,
    apply_vector,
    cross_fitted,
    fit_calibration,
    fit_temperature,
    fit_vector,
)
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
    temperature = result.model.calibration.temperature
    assert stored["calibration"] == {"method": "temperature", "temperature": temperature}
    assert temperature != 1.0
    assert Classifier.load(tmp_path / "model").calibration == result.model.calibration
    assert "## Calibration" in (tmp_path / "model" / "README.md").read_text(encoding="utf-8")


def test_calibrating_on_everything_or_nothing_is_refused(tmp_path: Path, held_out_corpus: list[str]) -> None:
    for parts, message in (("[train,development]", "every statement"), ("[transfer]", "no statement")):
        config = load_config(ROOT / "configs/tfidf.yaml", [*held_out_corpus, f"calibration.parts={parts}"])
        with pytest.raises(ConfigError, match=message):
            train(config, tmp_path / "refused")


# --- vector scaling ---------------------------------------------------------------------------------------------------


def test_scales_and_biases_by_hand() -> None:
    # 0.5², 0.25 · e^log 2, 0.25: 0.25, 0.5, 0.25.
    scaled = apply_vector(np.array([[0.5, 0.25, 0.25]]), (2, 1, 1), (0, float(np.log(2)), 0))
    assert scaled == pytest.approx(np.array([[0.25, 0.5, 0.25]]))


def test_a_label_that_is_called_too_often_is_called_less() -> None:
    """No temperature can mend it: half of what is called for is neutral, and nothing else is wrong."""
    proba = np.array([[0.8, 0.05, 0.15]] * 200 + [[0.05, 0.8, 0.15]] * 200)
    gold = ["for", "neutral"] * 100 + ["against"] * 160 + ["neutral"] * 40
    scaled = Calibration("vector", scale=fit_vector(gold, proba)[0], bias=fit_vector(gold, proba)[1]).apply(proba)
    assert scaled[0] == pytest.approx([0.5, 0.0, 0.5], abs=0.03)
    assert scaled[-1] == pytest.approx([0.0, 0.8, 0.2], abs=0.03)
    one = apply_temperature(proba, fit_temperature(gold, proba))
    assert one[0, 0] > 0.55


def test_few_statements_stay_close_to_the_identity() -> None:
    scale, bias = fit_vector(["for"], np.array([[0.4, 0.3, 0.3]]))
    assert scale == pytest.approx((1, 1, 1), abs=0.6)
    assert bias == pytest.approx((0, 0, 0), abs=0.6)
    assert bias[0] > 0 > bias[1]


def test_the_gradient_is_that_of_the_loss() -> None:
    """A wrong gradient would stop early: no small step may find less."""
    rng = np.random.default_rng(2)
    proba = rng.dirichlet([1, 1, 1], 300)
    gold = [("for", "against", "neutral")[rng.choice(3, p=row)] for row in apply_temperature(proba, 1.5)]
    scale, bias = fit_vector(gold, proba)
    index = np.array([("for", "against", "neutral").index(g) for g in gold])

    def loss(parameters: np.ndarray) -> float:
        scaled = apply_vector(proba, parameters[:3], parameters[3:])
        away = parameters - np.array([1, 1, 1, 0, 0, 0])
        return float(-np.log(scaled[np.arange(300), index]).sum() + 0.5 * (away**2).sum())

    best = np.array([*scale, *bias])
    for step in np.eye(6) * 0.02:
        assert loss(best) < min(loss(best + step), loss(best - step))


@pytest.mark.parametrize(
    "calibration",
    [
        Calibration(),
        Calibration("temperature", 1.5),
        Calibration("vector", scale=(1.0, 0.5, 2.0), bias=(0.1, 0.0, -0.1)),
    ],
)
def test_what_is_stored_comes_back(calibration: Calibration) -> None:
    assert Calibration.from_dict(json.loads(json.dumps(calibration.to_dict()))) == calibration


def test_folders_of_earlier_versions_hold_a_temperature_alone() -> None:
    assert Calibration.from_dict({"temperature": 1.25}) == Calibration("temperature", 1.25)
    assert Calibration.from_dict({}) == Calibration()


@pytest.mark.parametrize(
    "raw",
    [
        {"method": "magic"},
        {"method": "temperature", "temperature": 0},
        {"method": "vector", "scale": [1, 1], "bias": [0, 0, 0]},
        {"method": "vector", "scale": [1, 1, 1], "bias": [0, 0, float("nan")]},
    ],
)
def test_numbers_that_cannot_calibrate_are_refused(raw: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="calibration"):
        Calibration.from_dict(raw)


def test_cross_fitting_uses_the_other_groups_alone() -> None:
    """Two groups, each calibrated by the temperature of the other."""
    proba = np.tile([0.8, 0.1, 0.1], (40, 1))
    gold = ["for"] * 10 + ["against"] * 10 + ["for"] * 19 + ["neutral"]
    groups = ["a"] * 20 + ["b"] * 20
    out = cross_fitted("temperature", gold, proba, groups)
    assert out is not None
    assert out[0] == pytest.approx(fit_calibration("temperature", gold[20:], proba[20:]).apply(proba)[0])
    assert out[-1] == pytest.approx(fit_calibration("temperature", gold[:20], proba[:20]).apply(proba)[0])
    assert cross_fitted("temperature", gold, proba, ["a"] * 40) is None


@pytest.mark.parametrize("method", ["vector", "none"])
def test_training_by_another_method(tmp_path: Path, held_out_corpus: list[str], method: str) -> None:
    config = load_config(ROOT / "configs/tfidf.yaml", [*held_out_corpus, f"calibration.method={method}"])
    result = train(config, tmp_path / "model")
    stored = json.loads((tmp_path / "model" / "model.json").read_text(encoding="utf-8"))["calibration"]
    assert stored["method"] == result.model.calibration.method == method
    loaded = Classifier.load(tmp_path / "model")
    assert loaded.calibration == result.model.calibration
    metrics = result.metrics["calibration"]
    assert metrics["method"] == method
    if method == "none":
        assert metrics["ece_before"] == metrics["ece_cross_fitted"] == metrics["held_out"]["ece"]
    else:
        assert len(metrics["scale"]) == len(metrics["bias"]) == 3
        assert "A scale and a bias a label" in (tmp_path / "model" / "README.md").read_text(encoding="utf-8")


def test_a_stored_calibration_of_an_unknown_method_is_refused(tmp_path: Path, held_out_corpus: list[str]) -> None:
    train(load_config(ROOT / "configs/tfidf.yaml", held_out_corpus), tmp_path / "model")
    path = tmp_path / "model" / "model.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"temperature",', '"magic",'), encoding="utf-8")
    with pytest.raises(ModelError, match="'magic' is not one of"):
        Classifier.load(tmp_path / "model")
