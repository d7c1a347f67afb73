"""What is gained by answering only where the classifier is sure.

A reader who checks labels by hand asks: how many can I leave unread if nine in ten, or nineteen in twenty, are to be right? The
risk–coverage curve (El-Yaniv and Wiener, 2010) answers for every share that is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stance.evaluation.metrics import Floats, bootstrap_interval

__all__ = ["abstention", "coverage_at", "risk_coverage"]


def risk_coverage(right: NDArray[np.bool_], confidence: Floats) -> tuple[Floats, Floats]:
    """Return the risk–coverage curve.

    Parameters
    ----------
    right : ndarray of bool, shape (n,)
        Whether each label is right.
    confidence : ndarray of shape (n,)
        Probability of the label.

    Returns
    -------
    coverage : ndarray of shape (k,)
        Shares of the statements that are kept, ascending, one for each different confidence; the last is 1.
    risk : ndarray of shape (k,)
        Share of wrong labels among those kept.
    """
    order = np.argsort(-confidence, kind="stable")
    # Equal confidences cannot be told apart: they are kept or given up together.
    last = np.append(np.flatnonzero(np.diff(confidence[order])), len(order) - 1)
    kept = last + 1
    wrong = np.cumsum(~right[order])[last]
    return kept / len(order), wrong / kept


def coverage_at(right: NDArray[np.bool_], confidence: Floats, accuracy: float) -> float:
    """Return the largest share of statements, the surest first, of which at least this share is right (0 for none)."""
    coverage, risk = risk_coverage(right, confidence)
    enough = coverage[1 - risk >= accuracy - 1e-12]
    return float(enough[-1]) if len(enough) else 0.0


def abstention(
    gold: Sequence[str],
    predicted: Sequence[str],
    confidence: Floats,
    clusters: Sequence[str],
    *,
    accuracy: float = 0.95,
    resamples: int = 1000,
    seed: int = 13,
) -> dict[str, Any]:
    """Return what can be labelled at a wanted accuracy.

    Parameters
    ----------
    gold, predicted : sequence of str, length n
    confidence : ndarray of shape (n,)
        Probability of the predicted label.
    clusters : sequence of str, length n
        What the bootstrap draws.
    accuracy : float
        Share of the kept labels that are to be right.

    Returns
    -------
    dict
        ``n``, ``accuracy``, ``coverage`` with ``interval`` (95 %, bootstrap over clusters; the level is sought anew in each
        resample), ``confidence`` (the least of those kept; ``None`` where none is) and ``aurc``, the area under the
        risk–coverage curve (the mean risk over the statements, the surest first; lower is better).
    """
    right = np.asarray(gold) == np.asarray(predicted)
    coverage = coverage_at(right, confidence, accuracy)
    order = np.argsort(-confidence, kind="stable")
    kept = round(coverage * len(right))
    return {
        "n": len(right),
        "accuracy": accuracy,
        "coverage": coverage,
        "interval": bootstrap_interval(
            lambda rows: coverage_at(right[rows], confidence[rows], accuracy), clusters, resamples=resamples, seed=seed
        ),
        "confidence": float(confidence[order[kept - 1]]) if kept else None,
        "aurc": float(np.mean(np.cumsum(~right[order]) / np.arange(1, len(right) + 1))),
    }
