"""Agreement of annotators: the kappas of Cohen and Fleiss, Krippendorff's alpha, with intervals, and the disagreements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import krippendorff
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import cohen_kappa_score

from stance.evaluation.metrics import bootstrap_interval
from stance.targets import STANCES

__all__ = ["agreement", "agreement_of_several", "cohen_kappa", "fleiss_kappa", "krippendorff_alpha"]


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


def fleiss_kappa(ratings: Sequence[Sequence[str]]) -> float:
    """Return Fleiss' kappa (Fleiss, 1971); 1 where all used one and the same label throughout.

    Parameters
    ----------
    ratings : sequence of sequences of str
        One row an annotator, one column an item; every annotator has labelled every item.
    """
    from statsmodels.stats.inter_rater import aggregate_raters
    from statsmodels.stats.inter_rater import fleiss_kappa as of_counts

    if len({label for row in ratings for label in row}) == 1:
        return 1.0
    counts, _ = aggregate_raters(np.asarray(ratings).T)
    return float(of_counts(counts, method="fleiss"))


def agreement_of_several(
    items: Sequence[str],
    ratings: Mapping[str, Sequence[str | None]],
    clusters: Sequence[str],
    *,
    resamples: int = 1000,
    seed: int = 13,
) -> dict[str, Any]:
    """Compare two or more annotators, of whom a model may be one.

    Parameters
    ----------
    items : sequence of str, length n
        Names of the items.
    ratings : mapping of str to sequence of str or None, length n
        Annotator → labels; None where one gave none.
    clusters : sequence of str, length n
        What the bootstrap draws.

    Returns
    -------
    dict
        ``n`` (items with at least two labels), ``annotators``, ``alpha`` over all of them, ``alpha_per_label`` (that label
        against the others), ``fleiss`` over the ``complete`` items that everybody labelled, each with a 95 % interval
        under ``…_interval``; ``pairs`` (see :func:`agreement`, on the items that both labelled, without their
        disagreements); ``disagreements``, one dictionary an item with each annotator's label. A statistic that too few
        items allow is None.

    Raises
    ------
    ValueError
        If there are fewer than two annotators, or the lengths differ.
    """
    names = list(ratings)
    if len(names) < 2 or any(len(row) != len(items) for row in ratings.values()) or len(clusters) != len(items):
        raise ValueError(f"cannot compare {len(names)} annotators on {len(items)} items in {len(clusters)} clusters")
    table = np.array([list(ratings[name]) for name in names], dtype=object)
    given = np.array([[label is not None for label in row] for row in table], dtype=bool)
    shared = np.flatnonzero(given.sum(axis=0) >= 2)
    complete = np.flatnonzero(given.all(axis=0))

    def with_interval(statistic: Any, rows: NDArray[np.int_]) -> tuple[float | None, tuple[float, float] | None]:
        if len(rows) < 2:
            return None, None
        chosen = [clusters[i] for i in rows.tolist()]
        interval = bootstrap_interval(lambda r: statistic(rows[r]), chosen, resamples=resamples, seed=seed)
        return statistic(rows), interval

    def alpha(rows: NDArray[np.int_]) -> float:
        return krippendorff_alpha(table[:, rows].tolist())

    def alpha_of(label: str) -> Any:
        return lambda rows: krippendorff_alpha(
            [[None if v is None else str(v == label) for v in row] for row in table[:, rows]]
        )

    result: dict[str, Any] = {"n": len(shared), "complete": len(complete), "annotators": names}
    result["alpha"], result["alpha_interval"] = with_interval(alpha, shared)
    result["fleiss"], result["fleiss_interval"] = with_interval(lambda r: fleiss_kappa(table[:, r].tolist()), complete)
    result["alpha_per_label"] = {}
    for label in STANCES:
        value, interval = with_interval(alpha_of(label), shared)
        result["alpha_per_label"][label] = {"alpha": value, "interval": interval}
    result["pairs"] = []
    for a, b in combinations(range(len(names)), 2):
        both = np.flatnonzero(given[a] & given[b]).tolist()
        if not both:
            continue
        found = agreement(
            [items[i] for i in both],
            table[a, both].tolist(),
            table[b, both].tolist(),
            [clusters[i] for i in both],
            resamples=resamples,
            seed=seed,
        )
        del found["disagreements"]
        result["pairs"].append({"first": names[a], "second": names[b], **found})
    result["disagreements"] = [
        {"item": items[i], **{name: table[k, i] for k, name in enumerate(names) if given[k, i]}}
        for i in shared.tolist()
        if len(set(table[given[:, i], i])) > 1
    ]
    return result
