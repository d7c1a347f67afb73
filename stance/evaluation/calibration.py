"""Calibration: probabilities that mean what they say, by a few numbers fitted on held-out statements.

One temperature softens or sharpens all labels alike and changes no label; vector scaling has a scale and a bias a label,
which also mends a label that is called too often (Guo et al., 2017). What fits them is imported when it is asked to:
labelling only applies them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stance.targets import STANCES

__all__ = [
    "METHODS",
    "Calibration",
    "apply_temperature",
    "apply_vector",
    "cross_fitted",
    "fit_calibration",
    "fit_temperature",
    "fit_vector",
]

Floats = NDArray[np.float64]
#: Temperatures outside are no calibration but a sign that the held-out statements are too few or of another kind.
BOUNDS = (0.25, 8.0)
METHODS = ("none", "temperature", "vector")
#: Half the inverse variance of a normal prior of standard deviation 1 around the identity, for each of the six numbers of
#: vector scaling. It weighs as much as a statement or two, and keeps the biases from drifting together.
PULL = 0.5
_DIGITS = 4


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
    return _softmax(_log(proba) / temperature)


def apply_vector(proba: Floats, scale: Sequence[float], bias: Sequence[float]) -> Floats:
    """Scale and shift the logarithm of each label's probability.

    Parameters
    ----------
    proba : ndarray of shape (n, k)
    scale, bias : sequence of float, length k
        Ones and zeros leave the probabilities.

    Returns
    -------
    ndarray of shape (n, k)
        Rows sum to 1; the most probable label can change.
    """
    if not len(proba):
        return proba
    return _softmax(_log(proba) * np.asarray(scale) + np.asarray(bias))


def _log(proba: Floats) -> Floats:
    return np.asarray(np.log(np.clip(proba, 1e-12, 1.0)))


def _softmax(logits: Floats) -> Floats:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


@dataclass(frozen=True)
class Calibration:
    """What a classifier's probabilities are calibrated by.

    Attributes
    ----------
    method : str
        ``none``, ``temperature`` or ``vector``.
    temperature : float
        Of the method of that name.
    scale, bias : tuple of float
        Of vector scaling, in the order for, against, neutral.
    """

    method: str = "none"
    temperature: float = 1.0
    scale: tuple[float, ...] = (1.0, 1.0, 1.0)
    bias: tuple[float, ...] = (0.0, 0.0, 0.0)

    def apply(self, proba: Floats) -> Floats:
        """Return calibrated probabilities, shape (n, 3)."""
        if self.method == "temperature":
            return apply_temperature(proba, self.temperature)
        if self.method == "vector":
            return apply_vector(proba, self.scale, self.bias)
        return proba

    def scale_and_bias(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Return what the logarithms of the probabilities are multiplied by and shifted by, whatever the method."""
        if self.method == "temperature":
            return (1 / self.temperature,) * len(STANCES), (0.0,) * len(STANCES)
        return self.scale, self.bias

    def to_dict(self) -> dict[str, Any]:
        """Return the method with its own numbers, ready for JSON."""
        if self.method == "temperature":
            return {"method": self.method, "temperature": self.temperature}
        if self.method == "vector":
            return {"method": self.method, "scale": list(self.scale), "bias": list(self.bias)}
        return {"method": self.method}

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Calibration:
        """Return what :meth:`to_dict` wrote; a temperature alone is what earlier versions wrote.

        Raises
        ------
        ValueError
            For an unknown method or numbers that cannot calibrate.
        """
        method = raw.get("method", "temperature" if "temperature" in raw else "none")
        if method not in METHODS:
            raise ValueError(f"calibration: {method!r} is not one of {', '.join(METHODS)}")
        if method == "temperature":
            temperature = float(raw["temperature"])
            if not 0 < temperature < np.inf:
                raise ValueError(f"calibration: {temperature} is no temperature")
            return cls(method, temperature)
        if method == "vector":
            scale, bias = tuple(map(float, raw["scale"])), tuple(map(float, raw["bias"]))
            if len(scale) != len(STANCES) or len(bias) != len(STANCES) or not np.isfinite([*scale, *bias]).all():
                raise ValueError("calibration: expected three scales and three biases")
            return cls(method, scale=scale, bias=bias)
        return cls()


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
    from scipy.optimize import minimize_scalar

    index = _index(gold, proba)

    def loss(log_temperature: float) -> float:
        scaled = apply_temperature(proba, float(np.exp(log_temperature)))
        return float(-np.log(np.clip(scaled[np.arange(len(index)), index], 1e-12, 1.0)).mean())

    found = minimize_scalar(loss, bounds=tuple(np.log(BOUNDS)), method="bounded")
    return float(np.exp(found.x))


def _index(gold: Sequence[str], proba: Floats) -> NDArray[np.int_]:
    if not len(gold) or len(gold) != len(proba):
        raise ValueError(f"cannot calibrate on {len(gold)} labels and {len(proba)} predictions")
    return np.array([STANCES.index(g) for g in gold])


def fit_vector(gold: Sequence[str], proba: Floats) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Fit a scale and a bias a label with the least log loss and a small pull to the identity.

    Guo et al. (2017) scale logits; here the logarithms of the probabilities are scaled, which all classifiers have.

    Parameters
    ----------
    gold : sequence of str, length n
        Labels of statements that the classifier was not trained on.
    proba : ndarray of shape (n, 3)
        Columns for, against, neutral.

    Returns
    -------
    (scale, bias) : tuples of three floats
        In the order for, against, neutral; scales lie between 1/8 and 4.

    Raises
    ------
    ValueError
        If there are no statements or the lengths differ.
    """
    from scipy.optimize import minimize

    index = _index(gold, proba)
    k = len(STANCES)
    logs, onehot = _log(proba), np.eye(k)[index]
    identity = np.concatenate([np.ones(k), np.zeros(k)])

    def loss(parameters: Floats) -> tuple[float, Floats]:
        scaled = _softmax(logs * parameters[:k] + parameters[k:])
        away = parameters - identity
        value = -np.log(np.clip(scaled[np.arange(len(index)), index], 1e-12, 1.0)).sum() + PULL * (away**2).sum()
        slope = scaled - onehot
        gradient = np.concatenate([(slope * logs).sum(axis=0), slope.sum(axis=0)]) + 2 * PULL * away
        return float(value) / len(index), gradient / len(index)

    bounds = [(1 / BOUNDS[1], 1 / BOUNDS[0])] * k + [(None, None)] * k
    found = minimize(loss, identity, jac=True, method="L-BFGS-B", bounds=bounds)
    return tuple(map(float, found.x[:k])), tuple(map(float, found.x[k:]))


def fit_calibration(method: str, gold: Sequence[str], proba: Floats) -> Calibration:
    """Fit a calibration by one of :data:`METHODS`, its numbers rounded to four digits.

    Parameters
    ----------
    method : str
    gold, proba
        As for :func:`fit_temperature`.

    Returns
    -------
    Calibration

    Raises
    ------
    ValueError
        For an unknown method, and as :func:`fit_temperature`.
    """
    if method == "temperature":
        return Calibration(method, round(fit_temperature(gold, proba), _DIGITS))
    if method == "vector":
        scale, bias = fit_vector(gold, proba)
        return Calibration(
            method, scale=tuple(round(s, _DIGITS) for s in scale), bias=tuple(round(b, _DIGITS) for b in bias)
        )
    if method == "none":
        return Calibration()
    raise ValueError(f"calibration: {method!r} is not one of {', '.join(METHODS)}")


def cross_fitted(
    method: str, gold: Sequence[str], proba: Floats, groups: Sequence[str], folds: int = 5
) -> Floats | None:
    """Calibrate each fold of groups by what was fitted on the other folds.

    A calibration error on the statements that the calibration was fitted on flatters; on these probabilities it does not.

    Parameters
    ----------
    method, gold, proba
        As for :func:`fit_calibration`.
    groups : sequence of str, length n
        Groups of statements that no fold tears apart.
    folds : int
        At most; no more than there are groups.

    Returns
    -------
    ndarray of shape (n, 3) or None
        None where there is one group only.
    """
    from sklearn.model_selection import GroupKFold

    folds = min(folds, len(set(groups)))
    if folds < 2:
        return None
    out = np.zeros_like(proba)
    labels = np.asarray(gold)
    for fit, held in GroupKFold(folds).split(proba, groups=np.asarray(groups)):
        out[held] = fit_calibration(method, labels[fit].tolist(), proba[fit]).apply(proba[held])
    return out
