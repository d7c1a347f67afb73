"""What a speaker says elsewhere in a meeting → how a statement of his is to be read.

A classifier sees one sentence and two before it. "It could go on doing so" takes a side that only the rest of the speech
tells, and of two readings of a hint the one that fits the rest is the likelier. Delegations hardly ever take both sides in
one meeting, so the statements of one speaker in one document are judged together: he has a side that is not known, each of
his statements takes that side, none, or, with small odds, the opposite one. The classifier is not asked again; its
probabilities are combined by Bayes' rule. That the same speaker's segments of a debate should agree is the constraint of
Thomas, Pang & Lee (2006), who impose it by minimum cuts; a mixture of two sides keeps probabilities.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from stance.annotations import Annotation
from stance.attribution.types import UNNAMED
from stance.positions import have_label
from stance.targets import STANCES

__all__ = ["agree", "speakers_of"]

_FOR, _AGAINST, _NEUTRAL = (STANCES.index(label) for label in ("for", "against", "neutral"))


def agree(proba: NDArray[np.float64], speakers: Sequence[Hashable | None], opposite_odds: float) -> NDArray[np.float64]:
    """Judge the statements of each speaker together.

    Parameters
    ----------
    proba : ndarray of shape (n, 3)
        Probabilities of each statement by itself, columns for, against, neutral; NaN where there are none.
    speakers : sequence of hashable or None, length n
        Who makes the statement, and where: statements with the same key are one speaker's in one document. None for a
        statement that nothing else tells about.
    opposite_odds : float
        Odds (0 to 1) with which a statement takes the opposite side rather than the speaker's; at 1 nothing changes.

    Returns
    -------
    ndarray of shape (n, 3)
        Probabilities given all statements of the speaker. Those of a speaker with one statement, and of one whose
        statements are all surely neutral, stay what they are.

    References
    ----------
    Thomas, M., Pang, B. & Lee, L. (2006). Get out the vote: Determining support or opposition from Congressional
    floor-debate transcripts. EMNLP.
    """
    groups: dict[Hashable, list[int]] = {}
    for row, key in enumerate(speakers):
        if key is not None:
            groups.setdefault(key, []).append(row)
    settled = proba.copy()
    # What a side of the speaker makes of each label. Neutral takes the mean of the other two, so that of a single
    # statement, whose speaker may be on either side, nothing changes.
    factors = np.empty((2, 3))
    factors[:, _NEUTRAL] = (1 + opposite_odds) / 2
    factors[0, [_FOR, _AGAINST]] = 1, opposite_odds
    factors[1, [_FOR, _AGAINST]] = opposite_odds, 1
    answered = have_label(proba)
    for members in groups.values():
        rows = [row for row in members if answered[row]]
        if len(rows) < 2:
            continue
        joint = proba[rows] * factors[:, None, :]
        each = joint.sum(axis=2)
        evidence = np.log(each).sum(axis=1)
        side = np.exp(evidence - evidence.max())
        side /= side.sum()
        settled[rows] = (side[:, None, None] * joint / each[:, :, None]).sum(axis=0)
    return settled


def speakers_of(annotations: Sequence[Annotation]) -> list[Hashable | None]:
    """Return the keys of annotated statements for :func:`agree`: document, target and speaker.

    Statements that stand alone, and those of unnamed speakers, have none.
    """
    return [None if a.start is None or a.speaker == UNNAMED else (a.document, a.target, a.speaker) for a in annotations]
