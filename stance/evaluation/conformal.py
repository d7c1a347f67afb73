"""Sets of labels that hold the right one as often as promised.

A conformal set (Vovk, Gammerman and Shafer, 2005; the score is that of Sadinle, Lei and Wasserman, 2019, by MAPIE) has one
label where the classifier is sure, and two or three where it is not; of new statements that are like the annotated ones, the
promised share has its right label in its set, whatever the classifier is worth. What is reported here is how wide the sets
have to be for that.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import GroupKFold

from stance.errors import ConfigError
from stance.evaluation.metrics import Floats, bootstrap_interval
from stance.targets import STANCES

__all__ = ["conformal", "conformal_sets"]

#: Statements that a promise of 90 % needs at the very least: with fewer, only the set of all labels keeps it.
_LEAST = 10


class _AsGiven(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A fitted classifier whose input is its output, for a library that wants to ask one."""

    classes_ = np.arange(len(STANCES))
    # scikit-learn's sign that nothing is left to fit.
    is_fitted_ = True

    def fit(self, X: Floats, y: Any) -> _AsGiven:
        return self

    def predict_proba(self, X: Floats) -> Floats:
        return np.asarray(X)

    def predict(self, X: Floats) -> NDArray[np.int_]:
        return np.asarray(X.argmax(axis=1))


def conformal_sets(proba: Floats, known: Floats, gold: Sequence[str], *, level: float = 0.9) -> NDArray[np.bool_]:
    """Return the set of labels of each statement.

    Parameters
    ----------
    proba : ndarray of shape (n, 3)
        Probabilities of the statements that sets are wanted of, columns for, against, neutral.
    known : ndarray of shape (m, 3)
        Probabilities of statements whose label is known, m at least 10; neither training nor calibration may have seen
        them.
    gold : sequence of str, length m
        Their labels.
    level : float
        Share of the sets that are to hold the right label.

    Returns
    -------
    ndarray of bool, shape (n, 3)
        Whether a label is in the set; a set may be empty, which says that the statement is like none of the known ones.

    Raises
    ------
    ConfigError
        If m is too small for the level.
    """
    from mapie.classification import SplitConformalClassifier

    if len(gold) < max(_LEAST, np.ceil(1 / (1 - level)) - 1):
        raise ConfigError(f"conformal sets: {len(gold)} statements are too few for a level of {level}")
    codes = np.array([STANCES.index(label) for label in gold])
    sets = SplitConformalClassifier(_AsGiven(), confidence_level=level, conformity_score="lac", prefit=True)
    with warnings.catch_warnings():
        # A label that none of the known statements has is no news to whoever annotated them.
        warnings.filterwarnings("ignore", message="WARNING: your conformalization dataset has less labels")
        sets.conformalize(known / known.sum(axis=1, keepdims=True), codes)
    _, found = sets.predict_set(proba / proba.sum(axis=1, keepdims=True))
    return np.asarray(found[:, :, 0], dtype=bool)


def conformal(
    gold: Sequence[str],
    proba: Floats,
    clusters: Sequence[str],
    *,
    level: float = 0.9,
    folds: int = 5,
    resamples: int = 1000,
    seed: int = 13,
) -> dict[str, Any] | None:
    """Return how often conformal sets hold the right label, and how wide they are.

    The statements are divided into folds, clusters whole; the sets of each fold come from the labels of the others.

    Parameters
    ----------
    gold : sequence of str, length n
    proba : ndarray of shape (n, 3)
        Columns for, against, neutral.
    clusters : sequence of str, length n
        What is divided, and what the bootstrap draws.
    level : float
        Share of the sets that are to hold the right label.

    Returns
    -------
    dict or None
        ``n``, ``level``, ``coverage`` with ``interval`` (95 %), ``coverage_per_label``, ``mean_size``, ``single`` (share of
        sets with one label) and ``single_accuracy`` (share of those that are right; None where there are none), ``empty``
        (share); None where the statements or the clusters are too few.
    """
    folds = min(folds, len(set(clusters)))
    if folds < 2:
        return None
    sets = np.zeros((len(gold), len(STANCES)), dtype=bool)
    for known, asked in GroupKFold(folds).split(proba, groups=np.asarray(clusters)):
        try:
            sets[asked] = conformal_sets(proba[asked], proba[known], [gold[i] for i in known], level=level)
        except ConfigError:
            return None
    codes = np.array([STANCES.index(label) for label in gold])
    held = sets[np.arange(len(codes)), codes]
    size = sets.sum(axis=1)
    return {
        "n": len(held),
        "level": level,
        "coverage": float(held.mean()),
        "interval": bootstrap_interval(lambda rows: float(held[rows].mean()), clusters, resamples=resamples, seed=seed),
        "coverage_per_label": {
            label: float(held[codes == k].mean()) if (codes == k).any() else None for k, label in enumerate(STANCES)
        },
        "mean_size": float(size.mean()),
        "single": float((size == 1).mean()),
        "single_accuracy": float(held[size == 1].mean()) if (size == 1).any() else None,
        "empty": float((size == 0).mean()),
    }
