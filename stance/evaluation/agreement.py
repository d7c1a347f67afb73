"""Agreement of annotators: Cohen's kappa and Krippendorff's alpha with intervals, and the list of disagreements."""

from __future__ import annotations

from collections.abc import Sequence

import krippendorff
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import cohen_kappa_score

from stance.evaluation.metrics import bootstrap_interval
from stance.targets import STANCES

__all__ = ["agreement", "cohen_kappa", "krippendorff_alpha"]


def cohen_kappa(first: Sequence[str], second: Sequence[str]) -> float:
    """Return Cohen's kappa (Cohen, 1960); 1 where both used one and the same label throughout."""
    if len(set(first) | set(second)) == 1:
        return 1.0
    return float(cohen_kappa_score(list(first), list(second)))


def krippendorff_alpha(ratings: Sequence[Sequence[str | None]]) -> float:
    """Return Krippendorff's alpha for nominal labels (Krippendorff, 2011).

    Parameters
    ----------
    ratings : sequence of sequences of str or None
        One row an annotator, one column an item; None where an annotator gave no label.
    """
    values = sorted({v for row in ratings for v in row if v is not None})
    if len(values) == 1:
        return 1.0
    coded = [[np.nan if v is None else float(values.index(v)) for v in row] for row in ratings]
    return float(krippendorff.alpha(reliability_data=coded, level_of_measurement="nominal"))


def agreement(
    items: Sequence[str],
    first: Sequence[str],
    second: Sequence[str],
    clusters: Sequence[str],
    *,
    resamples: int = 1000,
    seed: int = 13,
) -> dict[str, object]:
    """Compare two annotators on the same items.

    Parameters
    ----------
    items : sequence of str, length n
        Names of the items, for the list of disagreements.
    first, second : sequence of str, length n
        Their labels.
    clusters : sequence of str, length n
        What the bootstrap draws, for example the speaker of each statement.

    Returns
    -------
    dict
        ``n``, ``observed`` agreement, ``kappa`` and ``alpha`` with 95 % intervals, ``per_label`` (the share of
        common uses among all uses of a label by either annotator), ``disagreements``.
    """
    if not len(items) == len(first) == len(second) == len(clusters) or not len(items):
        raise ValueError(
            f"cannot compare {len(first)} and {len(second)} labels of {len(items)} items in {len(clusters)} clusters"
        )
    a, b = np.asarray(first), np.asarray(second)

    def kappa(rows: NDArray[np.int_]) -> float:
        return cohen_kappa(list(a[rows]), list(b[rows]))

    def alpha(rows: NDArray[np.int_]) -> float:
        return krippendorff_alpha([list(a[rows]), list(b[rows])])

    everything = np.arange(len(a))
    return {
        "n": len(a),
        "observed": float(np.mean(a == b)),
        "kappa": kappa(everything),
        "kappa_interval": bootstrap_interval(kappa, clusters, resamples=resamples, seed=seed),
        "alpha": alpha(everything),
        "alpha_interval": bootstrap_interval(alpha, clusters, resamples=resamples, seed=seed),
        "per_label": {
            label: float(2 * np.sum((a == label) & (b == label)) / max(np.sum(a == label) + np.sum(b == label), 1))
            for label in STANCES
        },
        "disagreements": [
            {"item": items[i], "first": str(a[i]), "second": str(b[i])} for i in map(int, np.flatnonzero(a != b))
        ],
    }
