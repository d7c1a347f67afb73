"""How well predicted stances match gold ones, with intervals that respect clusters.

Everything is scikit-learn's where scikit-learn has it. Intervals come from a bootstrap over *clusters* (delegations or
meetings) because the statements of one speaker are not independent (Cameron, Gelbach and Miller, 2008).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    brier_score_loss,
    cohen_kappa_score,
    confusion_matrix,
    f1_score,
    log_loss,
    matthews_corrcoef,
    precision_recall_fscore_support,
    roc_auc_score,
)

from stance.targets import STANCES

__all__ = [
    "bin_of",
    "bootstrap_interval",
    "classwise_calibration_error",
    "expected_calibration_error",
    "most_probable",
    "score",
]

Floats = NDArray[np.float64]


def expected_calibration_error(gold: Sequence[str], proba: Floats, bins: int = 10) -> float:
    """Return the expected calibration error of the most probable label.

    Parameters
    ----------
    gold : sequence of str, length n
    proba : ndarray of shape (n, 3)
        Columns for, against, neutral.
    bins : int
        Bins of equal width.

    Returns
    -------
    float
        Mean absolute gap between confidence and accuracy, weighted by bin size (Guo et al., 2017).
    """
    return _gap(*most_probable(gold, proba), bins)


def most_probable(gold: Sequence[str], proba: Floats) -> tuple[NDArray[np.bool_], Floats]:
    """Return whether the most probable label of each statement is right, and how probable it was; shapes (n,)."""
    return np.array([STANCES[i] for i in proba.argmax(axis=1)]) == np.asarray(gold), proba.max(axis=1)


def bin_of(probability: Floats, bins: int) -> NDArray[np.int_]:
    """Return the bin of equal width that each probability falls into, from 0."""
    found: NDArray[np.int_] = np.minimum((probability * bins).astype(int), bins - 1)
    return found


def _gap(happened: NDArray[np.bool_], probability: Floats, bins: int) -> float:
    """Return the mean gap between what was given a probability and how often it happened, weighted by bin size."""
    index = bin_of(probability, bins)
    gaps = [
        np.mean(index == b) * abs(happened[index == b].mean() - probability[index == b].mean())
        for b in range(bins)
        if np.any(index == b)
    ]
    return float(np.sum(gaps))


def classwise_calibration_error(gold: Sequence[str], proba: Floats, bins: int = 10) -> float:
    """Return the calibration error of the probability of every label, not of the most probable one alone.

    Parameters
    ----------
    gold : sequence of str, length n
    proba : ndarray of shape (n, 3)
        Columns for, against, neutral.
    bins : int
        Bins of equal width.

    Returns
    -------
    float
        For each label the mean absolute gap between its probability and its frequency, weighted by bin size; the mean
        over the labels (Kull et al., 2019).
    """
    truth = np.asarray(gold)
    return float(np.mean([_gap(truth == label, proba[:, i], bins) for i, label in enumerate(STANCES)]))


def _by_label(
    gold: NDArray[np.str_], proba: Floats, area: Callable[[NDArray[np.bool_], Floats], float]
) -> dict[str, float | None]:
    """Return the area under a curve for each label against the rest, and the mean of those that there are."""
    areas: dict[str, float | None] = {}
    for i, label in enumerate(STANCES):
        truth = gold == label
        areas[label] = float(area(truth, proba[:, i])) if 0 < truth.sum() < len(truth) else None
    known = [value for value in areas.values() if value is not None]
    return {**areas, "macro": float(np.mean(known)) if known else None}


def bootstrap_interval(
    statistic: Callable[[NDArray[np.int_]], float],
    clusters: Sequence[str],
    *,
    resamples: int = 1000,
    seed: int = 13,
    level: float = 0.95,
) -> tuple[float, float]:
    """Return a percentile interval from a bootstrap over clusters.

    Parameters
    ----------
    statistic : callable
        Takes the indices of a resample (with repetitions) and returns a number.
    clusters : sequence of str, length n
        The cluster of each item; whole clusters are drawn.
    resamples, seed, level
        Number of resamples, seed of the draws, coverage.

    Returns
    -------
    (float, float)
    """
    rng = np.random.default_rng(seed)
    names = np.asarray(clusters)
    members = [np.flatnonzero(names == c) for c in sorted(set(clusters))]
    values = [
        statistic(np.concatenate([members[i] for i in rng.integers(0, len(members), len(members))]))
        for _ in range(resamples)
    ]
    tail = (1 - level) / 2
    low, high = np.quantile(values, [tail, 1 - tail])
    return float(low), float(high)


def score(
    gold: Sequence[str],
    predicted: Sequence[str],
    proba: Floats | None = None,
    clusters: Sequence[str] | None = None,
    *,
    resamples: int = 1000,
    seed: int = 13,
) -> dict[str, object]:
    """Score predicted stances.

    Parameters
    ----------
    gold, predicted : sequence of str, length n
        Labels out of for, against, neutral.
    proba : ndarray of shape (n, 3), optional
        Adds calibration error and log loss.
    clusters : sequence of str, length n, optional
        Adds a 95 % interval of macro-F1 and accuracy from a bootstrap over clusters.

    Returns
    -------
    dict
        ``n``, ``macro_f1``, ``favor_against_f1`` (the mean of the F1 of *for* and *against*, SemEval-2016 task 6),
        ``accuracy``, ``mcc``, ``kappa``, ``per_class`` (precision, recall, f1, support), ``confusion`` (rows gold,
        columns predicted, order for, against, neutral); with ``proba`` also ``ece``, ``classwise_ece``, ``log_loss``,
        ``brier`` (the multiclass score of Brier, 1950, from 0 to 2), ``roc_auc`` and ``pr_auc`` (one label against the
        rest, by label and their mean ``macro`` over the labels that are in ``gold`` but are not all of it); with
        ``clusters`` also ``macro_f1_interval``, ``accuracy_interval`` and ``clusters``, their number.

    Raises
    ------
    ValueError
        If the lengths differ or there is nothing to score.
    """
    if len(gold) != len(predicted) or not len(gold):
        raise ValueError(f"cannot score {len(predicted)} predictions against {len(gold)} gold labels")
    if clusters is not None and len(clusters) != len(gold):
        raise ValueError(f"cannot score {len(gold)} statements with {len(clusters)} clusters")
    g, p = np.asarray(gold), np.asarray(predicted)
    labels = list(STANCES)

    def macro(rows: NDArray[np.int_]) -> float:
        return float(f1_score(g[rows], p[rows], labels=labels, average="macro", zero_division=0))

    precision, recall, f1, support = precision_recall_fscore_support(g, p, labels=labels, zero_division=0)
    everything = np.arange(len(g))
    single = len(set(g) | set(p)) == 1
    result: dict[str, object] = {
        "n": len(g),
        "macro_f1": macro(everything),
        "favor_against_f1": float((f1[0] + f1[1]) / 2),
        "accuracy": float(accuracy_score(g, p)),
        "mcc": float(matthews_corrcoef(g, p)),
        "kappa": 1.0 if single else float(cohen_kappa_score(g, p)),
        "per_class": {
            label: {
                "precision": float(precision[i]),
                "recall": float(recall[i]),
                "f1": float(f1[i]),
                "support": int(support[i]),
            }
            for i, label in enumerate(labels)
        },
        "confusion": confusion_matrix(g, p, labels=labels).tolist(),
    }
    if proba is not None:
        result["ece"] = expected_calibration_error(gold, proba)
        result["classwise_ece"] = classwise_calibration_error(gold, proba)
        order = [labels.index(x) for x in sorted(labels)]
        result["log_loss"] = float(log_loss(g, np.clip(proba[:, order], 1e-9, 1), labels=sorted(labels)))
        result["brier"] = float(brier_score_loss(g, proba[:, order], labels=sorted(labels), scale_by_half=False))
        result["roc_auc"] = _by_label(g, proba, roc_auc_score)
        result["pr_auc"] = _by_label(g, proba, average_precision_score)
    if clusters is not None:
        result["macro_f1_interval"] = bootstrap_interval(macro, clusters, resamples=resamples, seed=seed)
        result["accuracy_interval"] = bootstrap_interval(
            lambda rows: float(np.mean(g[rows] == p[rows])), clusters, resamples=resamples, seed=seed
        )
        result["clusters"] = len(set(clusters))
    return result
