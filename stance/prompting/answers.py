"""From what a model answers to a label and its probabilities; what cannot be read is never guessed."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stance.targets import STANCES

__all__ = ["Answer", "Unreadable", "from_log_probabilities", "from_votes", "read_answer"]

Floats = NDArray[np.float64]
#: What a vote is worth beyond those that were counted: half a vote for each label (Krichevsky and Trofimov, 1981), so that
#: one answer is not taken for certainty.
_PRIOR = 0.5
_LABEL = "|".join(STANCES)
_IN_JSON = re.compile(r'"stance"\s*:\s*"([^"]*)"', re.IGNORECASE)
_BOLD = re.compile(rf"\*\*({_LABEL})\*\*", re.IGNORECASE)
_NAMED = re.compile(rf"^(?:the\s+)?(?:stance|label|answer|position)\s*(?:is|:|=|-)\s*({_LABEL})$", re.IGNORECASE)
_AROUND = " \t\r\n\"'`*_.,:;()[]{}“”‘’"


class Unreadable(Exception):
    """An answer from which no label can be read; the message says why."""


@dataclass(frozen=True)
class Answer:
    """A label, and where it begins in the text of the answer (in characters)."""

    stance: str
    start: int


def read_answer(text: str | None) -> Answer:
    """Read the label off an answer.

    A JSON object with the field ``stance`` is read wherever it stands, also when its end is missing; without one, a label in
    bold type (``**neutral**``); without that, the answer, or one of its lines, must be the label or ``stance: LABEL`` and
    nothing else. A sentence in which the word *for* occurs is no answer.

    Parameters
    ----------
    text : str or None
        What the model said.

    Returns
    -------
    Answer

    Raises
    ------
    Unreadable
        If there is no label, more than one, or one that does not exist.
    """
    if text is None or not text.strip():
        raise Unreadable("the answer is empty")
    found = [(m[1], m.start(1)) for m in _IN_JSON.finditer(text)] or [(m[1], m.start(1)) for m in _BOLD.finditer(text)]
    if not found:
        position = 0
        for line in text.splitlines(keepends=True):
            plain = line.strip(_AROUND)
            named = _NAMED.match(plain)
            label = named[1] if named else plain
            if label.lower() in STANCES:
                found.append((label, position + line.rindex(label)))
            position += len(line)
    if not found:
        raise Unreadable(f"no label in {_shown(text)}")
    labels = {label.strip().lower() for label, _ in found}
    unknown = sorted(labels - set(STANCES))
    if unknown:
        raise Unreadable(f"no such label: {_shown(unknown[0])}")
    if len(labels) > 1:
        raise Unreadable(f"more than one label in {_shown(text)}")
    raw, start = found[-1]
    return Answer(raw.strip().lower(), start + len(raw) - len(raw.lstrip()))


def _shown(text: str) -> str:
    short = " ".join(text.split())
    return json.dumps(short if len(short) <= 60 else short[:59] + "…", ensure_ascii=False)


def from_log_probabilities(answer: Answer, tokens: Sequence[Mapping[str, Any]] | None) -> Floats | None:
    """Return the probabilities of the labels from those of the token that begins the label.

    The labels begin with different letters, so that any beginning of one tells which it is; tokens that begin none of
    them do not count.

    Parameters
    ----------
    answer : Answer
    tokens : sequence of mapping, or None
        Of each token of the answer ``token`` and ``top_logprobs`` (a sequence of ``token`` and ``logprob``), as the chat
        protocol has them.

    Returns
    -------
    ndarray of shape (3,), or None
        In the order for, against, neutral; None where the server gave none that can be used.
    """
    end = 0
    for token in tokens or ():
        words = str(token.get("token", ""))
        begin, end = end, end + len(words)
        if end > answer.start:
            before = words[: answer.start - begin]
            mass = np.zeros(len(STANCES))
            for entry in token.get("top_logprobs") or ():
                rest = str(entry.get("token", ""))
                logprob = entry.get("logprob")
                if not rest.startswith(before) or not isinstance(logprob, int | float) or math.isnan(logprob):
                    continue
                rest = rest[len(before) :].lower().rstrip('"')
                for k, label in enumerate(STANCES):
                    if rest and label.startswith(rest):
                        mass[k] += math.exp(logprob)
            return np.asarray(mass / mass.sum()) if mass.sum() > 0 else None
    return None


def from_votes(labels: Sequence[str]) -> tuple[Floats, float]:
    """Return the probabilities of the labels from those of several answers, and the share of the most frequent one.

    Parameters
    ----------
    labels : sequence of str
        At least one.

    Returns
    -------
    ndarray of shape (3,)
        In the order for, against, neutral.
    float
        Agreement of the answers, between 1/3 and 1.
    """
    count = Counter(labels)
    votes = np.array([count[label] for label in STANCES], dtype=float)
    return np.asarray((votes + _PRIOR) / (votes.sum() + _PRIOR * len(STANCES))), float(votes.max() / votes.sum())
