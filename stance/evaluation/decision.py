"""The threshold of a side by what mistakes cost.

A plain maximum treats all mistakes alike. For a reader of positions they are not: that a delegation is called *for* when
it was *against* is worse than that its side was missed. With a cost for each kind of mistake, the best threshold can be
looked up on statements that training did not see (Elkan, 2001, on decisions by cost).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stance.evaluation.metrics import Floats
from stance.positions import decide

__all__ = ["GRID", "Costs", "mean_cost", "tune_threshold"]

#: Thresholds that are tried. Below a third a threshold changes nothing: the most probable of three labels has that much.
GRID = tuple(round(n / 100, 2) for n in range(34, 96))


@dataclass(frozen=True, slots=True)
class Costs:
    """What a wrong stance of one statement costs; a right one costs nothing.

    Attributes
    ----------
    opposite : float
        *For* called *against*, or the reverse.
    false_side : float
        *Neutral* called a side.
    missed_side : float
        A side called *neutral*.
    """

    opposite: float = 4.0
    false_side: float = 1.5
    missed_side: float = 1.0

    def of(self, gold: str, predicted: str) -> float:
        """Return the cost of one statement."""
        if gold == predicted:
            return 0.0
        if gold == "neutral":
            return self.false_side
        return self.missed_side if predicted == "neutral" else self.opposite


def mean_cost(gold: Sequence[str], predicted: Sequence[str], costs: Costs) -> float:
    """Return the mean cost of predicted stances.

    Parameters
    ----------
    gold, predicted : sequence of str, length n
        Labels out of for, against, neutral.
    costs : Costs

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If the lengths differ or there is nothing to score.
    """
    if len(gold) != len(predicted) or not len(gold):
        raise ValueError(f"cannot cost {len(predicted)} predictions against {len(gold)} gold labels")
    return float(np.mean([costs.of(g, p) for g, p in zip(gold, predicted, strict=True)]))


def tune_threshold(gold: Sequence[str], proba: Floats, costs: Costs) -> float:
    """Return the threshold of :data:`GRID` with the least mean cost; of equals the highest.

    Parameters
    ----------
    gold : sequence of str, length n
        Labels of statements that the classifier was not trained on.
    proba : ndarray of shape (n, 3)
        Their calibrated probabilities, columns for, against, neutral.
    costs : Costs

    Returns
    -------
    float
    """
    # Rounded, so that sums in another order are equals and the highest of them is found.
    return min(GRID, key=lambda t: (round(mean_cost(gold, decide(proba, t), costs), 12), -t))
