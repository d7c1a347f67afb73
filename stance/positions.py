"""Scored statements → positions: where a delegation stands over a whole meeting, or over several.

The rule is the codebook's: *for* or *against* when any statement takes that side and none the other; when both occur,
the later and more explicit ones decide; *neutral* when there are statements and none takes a side; *none* when the
summary only lists the speaker. Over several meetings (:func:`overall_positions`) it is the same rule over all of their
statements, and a later meeting is later.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stance.attribution import Statement
from stance.errors import UnansweredError
from stance.targets import STANCES

__all__ = [
    "OverallPosition",
    "Position",
    "ScoredStatement",
    "check_answered",
    "decide",
    "decide_answered",
    "have_label",
    "overall_positions",
    "positions",
]


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
    opposed : tuple of int
        Those of the statements that take the other side, where both sides occur.
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
    opposed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class OverallPosition:
    """A speaker's stance over several documents.

    Attributes
    ----------
    speaker, speaker_name, speaker_kind, iso3 : str
        As in :class:`Position`; the name is that of the first document.
    position : str
        ``for``, ``against``, ``neutral`` or ``none`` (only listed in all of them).
    p : tuple of float
        Probabilities in the order for, against, neutral; NaN where the position is ``none``.
    statements : int
        Number of the speaker's statements in all documents.
    documents : tuple of str
        Those in which it speaks or is listed, in their order.
    evidence : tuple of (str, int)
        Document and sentence number, most telling first; empty for ``none``.
    opposed : tuple of (str, int)
        Those of the statements that take the other side, where both sides occur.
    """

    speaker: str
    speaker_name: str
    speaker_kind: str
    iso3: str
    position: str
    p: tuple[float, float, float]
    statements: int
    documents: tuple[str, ...]
    evidence: tuple[tuple[str, int], ...]
    opposed: tuple[tuple[str, int], ...] = ()


def have_label(proba: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which statements have probabilities, shape (n,); a server may have given none for some."""
    return np.asarray(~np.isnan(proba).any(axis=1))


def check_answered(proba: NDArray[np.float64]) -> None:
    """Refuse probabilities of statements that a server gave no label.

    Raises
    ------
    UnansweredError
    """
    lost = int((~have_label(proba)).sum())
    if lost:
        raise UnansweredError(
            f"{lost} of {len(proba)} statements have no label: the model that was asked gave none; the same command asks again "
            "for what failed on the way, and for nothing that was answered"
        )


def decide(proba: NDArray[np.float64], threshold: float) -> list[str]:
    """Turn probabilities into stances; a side needs at least ``threshold``, or the statement is neutral.

    Parameters
    ----------
    proba : ndarray of shape (n, 3)
        Columns for, against, neutral.
    threshold : float
        Between 0 and 1. A wrong side costs more than a wrong neutral, so thresholds above the plain maximum make
        sense.

    Raises
    ------
    UnansweredError
        If a statement has no probabilities.
    """
    check_answered(proba)
    out: list[str] = []
    for row in proba:
        best = int(np.argmax(row))
        out.append(STANCES[best] if STANCES[best] == "neutral" or row[best] >= threshold else "neutral")
    return out


def decide_answered(proba: NDArray[np.float64], threshold: float) -> list[str | None]:
    """Turn probabilities into stances as :func:`decide` does; None for a statement that has none."""
    known = have_label(proba)
    stances = iter(decide(proba[known], threshold))
    return [next(stances) if there else None for there in known]


@dataclass(frozen=True, slots=True)
class _Settled:
    """What statements amount to: position, probabilities, the statements that tell it and those that take the other side."""

    position: str
    p: tuple[float, float, float]
    telling: list[ScoredStatement]
    opposed: list[ScoredStatement]


_NO_CHANCES = (float("nan"), float("nan"), float("nan"))


def _settle(scored: Sequence[ScoredStatement], when: Sequence[float]) -> _Settled:
    """Return what statements amount to, each made at a time of any unit."""
    sides = {s.stance for s in scored} - {"neutral"}
    if len(sides) < 2:
        position = sides.pop() if sides else "neutral"
        p = np.mean([s.p for s in scored if s.stance == position], axis=0)
    else:
        # Both sides occur. A statement weighs more the more certain it is and the later it comes; the mean over both keeps
        # a delegation that said two things from looking as sure as one that said one.
        siding = [(s, at) for s, at in zip(scored, when, strict=True) if s.stance != "neutral"]
        first, last = min(at for _, at in siding), max(at for _, at in siding)
        weights = [1.0 + ((at - first) / (last - first) if last > first else 0.0) for _, at in siding]
        p = np.average([s.p for s, _ in siding], axis=0, weights=weights)
        total = dict.fromkeys(("for", "against"), 0.0)
        for (s, _), weight in zip(siding, weights, strict=True):
            total[s.stance] += s.p[STANCES.index(s.stance)] * weight
        position = "for" if total["for"] > total["against"] else "against"
    column = STANCES.index(position)
    # A stable sort: of equally sure ones the earlier is first.
    telling = sorted((s for s in scored if s.stance == position), key=lambda s: -s.p[column])
    opposed = [s for s in scored if s.stance not in (position, "neutral")]
    return _Settled(position, (float(p[0]), float(p[1]), float(p[2])), telling, opposed)


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
        the mean over the statements that take the position's side (over all statements for *neutral*); where both sides
        occur, the mean over the statements of both, the last weighing twice as much as the first. The position need not be
        the most probable label of that mean.
    """
    groups: dict[tuple[str, str], list[ScoredStatement]] = {}
    for s in scored:
        if s.statement.speaker_kind != "unnamed":
            groups.setdefault((s.statement.document, s.statement.speaker), []).append(s)
    result: dict[str, list[Position]] = {}
    for (document, code), items in groups.items():
        items.sort(key=lambda s: s.statement.sentence)
        settled = _settle(items, [s.statement.sentence for s in items])
        first = items[0].statement
        result.setdefault(document, []).append(
            Position(
                document,
                code,
                first.speaker_name,
                first.speaker_kind,
                code if first.speaker_kind == "state" else "",
                settled.position,
                settled.p,
                len(items),
                tuple(dict.fromkeys(s.statement.sentence for s in settled.telling)),
                tuple(dict.fromkeys(s.statement.sentence for s in settled.opposed)),
            )
        )
    for document, code, name, kind in listed:
        if (document, code) not in groups and kind != "unnamed":
            result.setdefault(document, []).append(
                Position(document, code, name, kind, code if kind == "state" else "", "none", _NO_CHANCES, 0, ())
            )
    return [p for per_document in result.values() for p in per_document]


def overall_positions(
    documents: Iterable[tuple[Sequence[ScoredStatement], Sequence[Position]]],
) -> list[OverallPosition]:
    """Aggregate the statements of several documents.

    Parameters
    ----------
    documents : iterable of (sequence of ScoredStatement, sequence of Position)
        The statements and the positions of each document, in the order of time: where a speaker takes both sides, what
        it says in a later document weighs more.

    Returns
    -------
    list of OverallPosition
        By speaker in the order of first appearance; over one document the same as its positions.
    """
    spoken: dict[str, list[ScoredStatement]] = {}
    when: dict[str, list[float]] = {}
    held: dict[str, list[Position]] = {}
    for number, (scored, found) in enumerate(documents):
        end = 1.0 + max((s.statement.sentence for s in scored), default=0)
        for s in sorted(scored, key=lambda s: s.statement.sentence):
            spoken.setdefault(s.statement.speaker, []).append(s)
            when.setdefault(s.statement.speaker, []).append(number + s.statement.sentence / end)
        for p in found:
            held.setdefault(p.speaker, []).append(p)
    result: list[OverallPosition] = []
    for speaker, own in held.items():
        items = spoken.get(speaker, [])
        settled = _settle(items, when[speaker]) if items else _Settled("none", _NO_CHANCES, [], [])
        result.append(
            OverallPosition(
                speaker,
                own[0].speaker_name,
                own[0].speaker_kind,
                own[0].iso3,
                settled.position,
                settled.p,
                len(items),
                tuple(p.document for p in own),
                tuple(dict.fromkeys((s.statement.document, s.statement.sentence) for s in settled.telling)),
                tuple(dict.fromkeys((s.statement.document, s.statement.sentence) for s in settled.opposed)),
            )
        )
    return result
