"""Scored statements → positions: where a delegation stands over a whole meeting.

The rule is the codebook's: *for* or *against* when any statement takes that side and none the other; when both occur,
the later and more explicit ones decide; *neutral* when there are statements and none takes a side; *none* when the
summary only lists the speaker.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stance.attribution import Statement
from stance.targets import STANCES

__all__ = ["Position", "ScoredStatement", "decide", "positions"]


@dataclass(frozen=True, slots=True)
class ScoredStatement:
    """A statement with its stance.

    Attributes
    ----------
    statement : Statement
    stance : str
        ``for``, ``against`` or ``neutral``.
    p : tuple of float
        Probabilities in the order for, against, neutral.
    """

    statement: Statement
    stance: str
    p: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Position:
    """A speaker's stance over one document.

    Attributes
    ----------
    document, speaker, speaker_name, speaker_kind, iso3 : str
        ``iso3`` is empty for speakers that are no states.
    position : str
        ``for``, ``against``, ``neutral`` or ``none`` (only listed).
    p : tuple of float
        Probabilities in the order for, against, neutral; NaN where the position is ``none``.
    statements : int
        Number of the speaker's statements.
    evidence : tuple of int
        Sentence numbers, most telling first; empty for ``none``.
    """

    document: str
    speaker: str
    speaker_name: str
    speaker_kind: str
    iso3: str
    position: str
    p: tuple[float, float, float]
    statements: int
    evidence: tuple[int, ...]


def decide(proba: NDArray[np.float64], threshold: float) -> list[str]:
    """Turn probabilities into stances; a side needs at least ``threshold``, or the statement is neutral.

    Parameters
    ----------
    proba : ndarray of shape (n, 3)
        Columns for, against, neutral.
    threshold : float
        Between 0 and 1. A wrong side costs more than a wrong neutral, so thresholds above the plain maximum make
        sense.
    """
    out: list[str] = []
    for row in proba:
        best = int(np.argmax(row))
        out.append(STANCES[best] if STANCES[best] == "neutral" or row[best] >= threshold else "neutral")
    return out


def _settle(scored: Sequence[ScoredStatement]) -> str:
    sides = {s.stance for s in scored} - {"neutral"}
    if not sides:
        return "neutral"
    if len(sides) == 1:
        return sides.pop()
    # Both sides occur. A statement weighs more the more certain it is and the later it comes.
    last = max(s.statement.sentence for s in scored if s.stance != "neutral")
    first = min(s.statement.sentence for s in scored if s.stance != "neutral")
    weight = dict.fromkeys(("for", "against"), 0.0)
    for s in scored:
        if s.stance != "neutral":
            late = (s.statement.sentence - first) / max(last - first, 1)
            weight[s.stance] += s.p[STANCES.index(s.stance)] * (1.0 + late)
    return max(weight, key=lambda k: (weight[k], k == "against"))


def positions(scored: Iterable[ScoredStatement], listed: Iterable[tuple[str, str, str, str]]) -> list[Position]:
    """Aggregate statements to positions.

    Parameters
    ----------
    scored : iterable of ScoredStatement
        Statements of any number of documents; those of unnamed speakers are left out.
    listed : iterable of (document, code, name, kind)
        Speakers that a document only lists.

    Returns
    -------
    list of Position
        By document in the order of first appearance; listed speakers follow those who spoke. The probabilities are
        the mean over the statements that take the position's side (over all statements for *neutral*).
    """
    groups: dict[tuple[str, str], list[ScoredStatement]] = {}
    for s in scored:
        if s.statement.speaker_kind != "unnamed":
            groups.setdefault((s.statement.document, s.statement.speaker), []).append(s)
    result: dict[str, list[Position]] = {}
    for (document, code), items in groups.items():
        position = _settle(items)
        telling = [s for s in items if s.stance == position]
        column = STANCES.index(position)
        mean = np.mean([s.p for s in telling], axis=0)
        ranked = sorted(telling, key=lambda s: (-s.p[column], s.statement.sentence))
        first = items[0].statement
        result.setdefault(document, []).append(
            Position(
                document,
                code,
                first.speaker_name,
                first.speaker_kind,
                code if first.speaker_kind == "state" else "",
                position,
                (float(mean[0]), float(mean[1]), float(mean[2])),
                len(items),
                tuple(dict.fromkeys(s.statement.sentence for s in ranked)),
            )
        )
    nan = float("nan")
    for document, code, name, kind in listed:
        if (document, code) not in groups and kind != "unnamed":
            result.setdefault(document, []).append(
                Position(document, code, name, kind, code if kind == "state" else "", "none", (nan, nan, nan), 0, ())
            )
    return [p for per_document in result.values() for p in per_document]
