"""Calibration: probabilities that mean what they say, by one temperature fitted on held-out statements."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from stance.targets import STANCES

__all__ = ["apply_temperature", "fit_temperature"]

Floats = NDArray[np.float64]
#: Temperatures outside are no calibration but a sign that the held-out statements are too few or of another kind.
BOUNDS = (0.25, 8.0)


def apply_temperature(proba: Floats, temperature: float) -> Floats:
    """Sharpen (below 1) or soften (above 1) probabilities; the most probable label stays.

    Parameters
    ----------
    proba : ndarray of shape (n, k)
    temperature : float
        Above 0.

    Returns
    -------
    ndarray of shape (n, k)
        Rows sum to 1.
    """
    if temperature == 1.0 or not len(proba):
        return proba
    # For a softmax, dividing the logits and dividing the logarithms of the probabilities is the same.
    logits = np.log(np.clip(proba, 1e-12, 1.0)) / temperature
    logits -= logits.max(axis=1, keepdims=True)
    scaled = np.exp(logits)
    return np.asarray(scaled / scaled.sum(axis=1, keepdims=True))


def fit_temperature(gold: Sequence[str], proba: Floats) -> float:
    """Fit the temperature with the least log loss (Guo et al., 2017).

    Parameters
    ----------
    gold : sequence of str, length n
        Labels of statements that the classifier was not trained on.
    proba : ndarray of shape (n, 3)
        Columns for, against, neutral.

    Returns
    -------
    float
        Between 0.25 and 8.

    Raises
    ------
    ValueError
        If there are no statements or the lengths differ.
    """
    if not len(gold) or len(gold) != len(proba):
        raise ValueError(f"cannot calibrate on {len(gold)} labels and {len(proba)} predictions")
    index = np.array([STANCES.index(g) for g in gold])

    def loss(log_temperature: float) -> float:
        scaled = apply_temperature(proba, float(np.exp(log_temperature)))
        return float(-np.log(np.clip(scaled[np.arange(len(index)), index], 1e-12, 1.0)).mean())

    found = minimize_scalar(loss, bounds=tuple(np.log(BOUNDS)), method="bounded")
    return float(np.exp(found.x))
