"""Conformal sets: counted by hand on few numbers, and what they promise on many."""

from __future__ import annotations

import numpy as np
import pytest

from stance.errors import ConfigError
from stance.evaluation.conformal import conformal, conformal_sets
from stance.targets import STANCES


def drawn(n: int, seed: int, sharpness: float = 1.0) -> tuple[np.ndarray, list[str]]:
    """Return probabilities, and labels drawn by them; a sharpness other than 1 makes the probabilities wrong."""
    rng = np.random.default_rng(seed)
    true = rng.dirichlet([0.6, 0.6, 0.6], n)
    labels = [STANCES[rng.choice(3, p=p)] for p in true]
    stated = true**sharpness
    return stated / stated.sum(axis=1, keepdims=True), labels


def test_the_threshold_by_hand() -> None:
    """Nineteen known statements whose right label has .05, .10, …, .95: at 90 %, the second lowest still counts."""
    right = np.arange(1, 20) / 20
    known = np.column_stack([right, 1 - right, np.zeros(19)])
    asked = np.array([[0.12, 0.88, 0.0], [0.11, 0.89, 0.0], [0.08, 0.92, 0.0], [0.4, 0.3, 0.3], [1 / 3, 1 / 3, 1 / 3]])
    found = conformal_sets(asked, known, ["for"] * 19, level=0.9)
    # ⌈20 · 0.9⌉ = 18 of the 19 known ones are kept: those of .10 and above.
    assert found.tolist() == [
        [True, True, False],
        [True, True, False],
        [False, True, False],
        [True, True, True],
        [True, True, True],
    ]


@pytest.mark.parametrize("sharpness", [1.0, 3.0, 0.3])
def test_what_is_promised_is_kept_whatever_the_probabilities_are_worth(sharpness: float) -> None:
    proba, gold = drawn(4000, 1, sharpness)
    found = conformal(gold, proba, [str(i) for i in range(4000)], resamples=50)
    assert found is not None
    assert found["coverage"] == pytest.approx(0.9, abs=0.015)
    low, high = found["interval"]
    assert low <= found["coverage"] <= high
    assert 1 < found["mean_size"] < 2.5
    assert found["single_accuracy"] is not None and found["single_accuracy"] > 0.8


def test_a_worthless_classifier_needs_wide_sets() -> None:
    _, gold = drawn(600, 2)
    noise = np.random.default_rng(3).dirichlet([1, 1, 1], 600)
    found = conformal(gold, noise, [str(i) for i in range(600)], resamples=20)
    good = conformal(gold, drawn(600, 2)[0], [str(i) for i in range(600)], resamples=20)
    assert found is not None and good is not None
    assert found["mean_size"] > good["mean_size"] + 0.4
    assert found["coverage"] == pytest.approx(0.9, abs=0.05)


def test_nobody_is_judged_by_labels_of_the_own_cluster() -> None:
    """All statements of one cluster are labelled against all odds; the others' labels give them no wider sets."""
    proba = np.tile([0.9, 0.05, 0.05], (60, 1))
    gold = ["for"] * 48 + ["neutral"] * 12
    clusters = [f"c{i // 12}" for i in range(60)]
    found = conformal(gold, proba, clusters, level=0.9, resamples=20)
    assert found is not None
    assert found["coverage_per_label"] == {"for": 1.0, "against": None, "neutral": 0.0}


def test_too_few_statements_are_refused_or_left_out() -> None:
    proba, gold = drawn(12, 4)
    with pytest.raises(ConfigError, match="9 statements are too few for a level of 0.9"):
        conformal_sets(proba, proba[:9], gold[:9])
    assert conformal(gold, proba, [str(i) for i in range(12)]) is None
    assert conformal(gold, proba, ["one"] * 12) is None
