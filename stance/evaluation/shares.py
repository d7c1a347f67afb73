"""How many delegations are for it, corrected for what the classifier gets wrong.

A share counted over predicted positions inherits the classifier's bias, however many summaries are labelled. With a random
sample of delegations coded by hand, prediction-powered inference (Angelopoulos et al., 2023; tuned as in PPI++, Angelopoulos,
Duchi and Zrnic, 2023) corrects it, with an interval that is honest about both samples and never much wider than that of the
hand-coded sample alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2_contingency

from stance.errors import AnnotationError, ModelError, install_extra
from stance.targets import STANCES

__all__ = ["SharesReport", "corrected_shares"]

#: A position: document and delegation.
Key = tuple[str, str]
_LEAST = 10


@dataclass(frozen=True)
class SharesReport:
    """Shares of delegations, and what speaks against trusting them.

    Attributes
    ----------
    shares : dict
        Stance → ``predicted`` (the share by the classifier), ``corrected`` with ``interval``, ``coded`` (the share in the
        hand-coded sample) with ``coded_interval``; intervals are of 95 % unless another level was asked for.
    delegations, coded : int
        All delegations, and those with at least one position coded by hand.
    warnings : tuple of str
        Why the intervals may not hold.
    """

    shares: dict[str, dict[str, Any]]
    delegations: int
    coded: int
    warnings: tuple[str, ...]


def corrected_shares(
    predicted: Mapping[Key, str], gold: Mapping[Key, str], *, random: bool = False, level: float = 0.95
) -> SharesReport:
    """Estimate the share of delegations with each position.

    A delegation counts once: one that is for it in half of its meetings adds one half. Delegations, not positions, are what
    is drawn and what the intervals are over, because the positions of one delegation are alike.

    Parameters
    ----------
    predicted : mapping of (document, delegation) to str
        All positions, by the classifier: ``for``, ``against``, ``neutral`` or ``none``.
    gold : mapping of (document, delegation) to str
        Positions coded by hand, of a random sample of the delegations; keys that ``predicted`` lacks are a delegation that
        the classifier did not find, and count as predicted ``none``.
    random : bool, default False
        Whether the coded delegations were drawn at random from all; otherwise there is a warning.
    level : float
        Coverage of the intervals.

    Returns
    -------
    SharesReport

    Raises
    ------
    AnnotationError
        If fewer than ten delegations are coded, or none is left that is not.
    ModelError
        If the package ppi-python is missing.
    """
    try:
        from ppi_py import classical_mean_ci, ppi_mean_ci, ppi_mean_pointestimate
    except ImportError:
        raise ModelError(f"corrected shares need the package ppi-python; {install_extra('shares')}") from None
    missed = sorted(set(gold) - set(predicted))
    everything = {**predicted, **dict.fromkeys(missed, "none")}
    coded = sorted({speaker for _, speaker in gold})
    others = sorted({speaker for _, speaker in everything} - set(coded))
    if len(coded) < _LEAST:
        raise AnnotationError(
            f"corrected shares: {len(coded)} delegations are coded by hand, at least {_LEAST} are needed"
        )
    if len(others) < 2:
        raise AnnotationError("corrected shares: all delegations are coded by hand; count those")
    shares: dict[str, dict[str, Any]] = {}
    alpha = 1 - level
    for stance in STANCES:
        # Of a delegation that is coded in some of its meetings only, those are compared.
        y = _by_delegation(gold, coded, stance)
        yhat = _by_delegation({key: everything[key] for key in gold}, coded, stance)
        unlabelled = _by_delegation(everything, others, stance)
        # A prediction that is the same for all says nothing, and the best share of it in the estimate is 0 by 0.
        lam = 0.0 if np.ptp(np.concatenate([yhat, unlabelled])) == 0 else None
        estimate = float(np.ravel(ppi_mean_pointestimate(y, yhat, unlabelled, lam=lam))[0])
        low, high = (float(np.ravel(bound)[0]) for bound in ppi_mean_ci(y, yhat, unlabelled, alpha=alpha, lam=lam))
        plain = tuple(float(np.ravel(bound)[0]) for bound in classical_mean_ci(y, alpha=alpha))
        shares[stance] = {
            "predicted": float(_by_delegation(everything, [*coded, *others], stance).mean()),
            "corrected": min(max(estimate, 0.0), 1.0),
            "interval": (max(low, 0.0), min(high, 1.0)),
            "coded": float(y.mean()),
            "coded_interval": (max(plain[0], 0.0), min(plain[1], 1.0)),
        }
    return SharesReport(
        shares, len(coded) + len(others), len(coded), tuple(_warnings(everything, coded, others, missed, random))
    )


def _by_delegation(positions: Mapping[Key, str], delegations: list[str], stance: str) -> NDArray[np.float64]:
    """Return for each delegation the share of its positions that are this one."""
    found: dict[str, list[bool]] = {speaker: [] for speaker in delegations}
    for (_, speaker), position in positions.items():
        if speaker in found:
            found[speaker].append(position == stance)
    return np.array([np.mean(found[speaker]) for speaker in delegations], dtype=float)


def _warnings(
    everything: Mapping[Key, str], coded: list[str], others: list[str], missed: list[Key], random: bool
) -> list[str]:
    found = []
    if not random:
        found.append(
            "the coded delegations were not said to be a random sample (--random); of any other sample the corrected shares "
            "and their intervals do not hold"
        )
    counts = np.array(
        [[_by_delegation(everything, group, s).sum() for s in (*STANCES, "none")] for group in (coded, others)]
    )
    counts = counts[:, counts.sum(axis=0) > 0]
    if counts.shape[1] > 1 and chi2_contingency(counts).pvalue < 0.01:
        found.append(
            "the classifier finds other positions among the coded delegations than among the rest (chi-squared test, "
            "p < 0.01): they hardly were drawn at random"
        )
    if missed:
        found.append(
            f"{len(missed)} coded positions are of delegations that the classifier did not find, such as {missed[0][1]} in "
            f"{missed[0][0]}; they count as predicted none, but nobody counts what it missed elsewhere"
        )
    if len(coded) < 30:
        found.append(f"{len(coded)} coded delegations are few: the intervals rest on the normal approximation")
    return found
