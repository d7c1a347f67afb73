"""Is one classifier better than another on the same statements, or is it chance?

Two answers that reviewers know: a paired bootstrap, for the size of the difference and its interval, and approximate
randomization, for how often so large a difference comes about when both are equally good (Noreen, 1989; Yeh, 2000; cf. Dror
et al., 2018). Both work on whole clusters, because the statements of one delegation are not independent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stance.evaluation.curves import macro_f1
from stance.evaluation.metrics import bootstrap_interval
from stance.targets import STANCES

__all__ = ["compare"]


def compare(
    gold: Sequence[str],
    first: Sequence[str],
    second: Sequence[str],
    clusters: Sequence[str],
    *,
    resamples: int = 1000,
    shuffles: int = 9999,
    seed: int = 13,
) -> dict[str, Any]:
    """Compare the labels of two classifiers.

    Parameters
    ----------
    gold, first, second : sequence of str, length n
        Labels out of for, against, neutral.
    clusters : sequence of str, length n
        What is resampled, and exchanged between the classifiers, as a whole.
    resamples : int
        Resamples of the bootstrap.
    shuffles : int
        Random exchanges. The smallest p-value there can be is 1 / (shuffles + 1).
    seed : int

    Returns
    -------
    dict
        ``n``, ``clusters``, ``macro_f1`` (of both), ``difference`` (first less second), ``interval`` (95 %, paired
        bootstrap over clusters), ``p_value`` (two-sided, approximate randomization over clusters), ``differing`` (the
        number of statements with other labels) and ``only_first_right``, ``only_second_right``.

    Raises
    ------
    ValueError
        If the lengths differ or there is nothing to compare.
    """
    if not len(gold) == len(first) == len(second) == len(clusters) or not len(gold):
        raise ValueError(
            f"cannot compare {len(first)} and {len(second)} labels of {len(gold)} statements in {len(clusters)} clusters"
        )
    g, a, b = (np.array([STANCES.index(x) for x in labels]) for labels in (gold, first, second))

    def gap(rows: NDArray[np.int_]) -> float:
        return macro_f1(g[rows], a[rows]) - macro_f1(g[rows], b[rows])

    names, of = np.unique(np.asarray(clusters), return_inverse=True)
    observed = gap(np.arange(len(g)))
    rng = np.random.default_rng(seed)
    extreme = 0
    for _ in range(shuffles):
        exchanged = rng.integers(0, 2, len(names))[of].astype(bool)
        shuffled = macro_f1(g, np.where(exchanged, b, a)) - macro_f1(g, np.where(exchanged, a, b))
        # Sums in another order must not make an equal difference a smaller one.
        extreme += abs(shuffled) >= abs(observed) - 1e-12
    return {
        "n": len(g),
        "clusters": len(names),
        "macro_f1": [macro_f1(g, a), macro_f1(g, b)],
        "difference": observed,
        "interval": bootstrap_interval(gap, clusters, resamples=resamples, seed=seed),
        "p_value": (extreme + 1) / (shuffles + 1),
        "differing": int((a != b).sum()),
        "only_first_right": int(((a == g) & (b != g)).sum()),
        "only_second_right": int(((b == g) & (a != g)).sum()),
    }
