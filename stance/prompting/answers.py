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
_FIELD = re.compile(r'"stance"\s*:', re.IGNORECASE)
_IN_JSON = re.compile(r'"stance"\s*:\s*"([^"]*)"', re.IGNORECASE)
#: Bold type that says what the stance is, or that ends the answer; "is not **against** it" says neither.
_BOLD = re.compile(rf"(?:\bis:?\s+|:\s*)\*\*({_LABEL})\*\*|\*\*({_LABEL})\*\*\W*$", re.IGNORECASE)
_NAMED = re.compile(rf"^(?:the\s+)?(?:stance|label|answer|position)\s*(?:is|:|=|-)\s*({_LABEL})$", re.IGNORECASE)
_AROUND = " \t\r\n\"'`*_.,:;()[]{}“”‘’"
_THOUGHT = re.compile(r"<think>.*?</think>", re.DOTALL | re.IGNORECASE)
_OBJECT = re.compile(r'\s*(?:```(?:json)?\s*)?\{\s*"stance"\s*:\s*"[^"]*"', re.IGNORECASE)


class Unreadable(Exception):
    """An answer from which no label can be read; the message says why."""


@dataclass(frozen=True)
class Answer:
    """A label, and where it begins in the text of the answer (in characters)."""

    stance: str
    start: int


def read_answer(text: str | None, *, cut: bool = False) -> Answer:
    """Read the label off an answer.

    A JSON object with the field ``stance`` is read; so is a label in bold type that the answer ends with or says to be the
    stance (``the stance is **neutral**``), and a line that is the label, or ``stance: LABEL``, and nothing else. Where they differ,
    or a form comes twice with different labels, there is none. A sentence in which the word *for* occurs is no answer, and what
    a model thinks between ``<think>`` and ``</think>`` is not looked at.

    Parameters
    ----------
    text : str or None
        What the model said.
    cut : bool, default False
        The answer was broken off by the server. Then only a JSON object that it begins with counts: nobody knows what else
        would have come.

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
    # Of the same length, so that places hold.
    said = _THOUGHT.sub(lambda m: " " * len(m[0]), text)
    if "<think>" in said.lower():
        raise Unreadable("the answer ends in thought")
    if cut and not _OBJECT.match(said):
        raise Unreadable(f"the answer was cut off: {_shown(text)}")
    found = [(m[1], m.start(1)) for m in _IN_JSON.finditer(said)]
    if len(found) < len(_FIELD.findall(said)):
        raise Unreadable(f"an answer without end in {_shown(text)}")
    found += [(m[k], m.start(k)) for m in _BOLD.finditer(said) for k in (1, 2) if m[k]]
    position = 0
    for line in said.splitlines(keepends=True):
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
    raw, start = found[0]
    return Answer(raw.strip().lower(), start + len(raw) - len(raw.lstrip()))


def _shown(text: str) -> str:
    short = " ".join(text.split())
    return json.dumps(short if len(short) <= 60 else short[:59] + "…", ensure_ascii=False)


def from_log_probabilities(
    answer: Answer, text: str | None, tokens: Sequence[Mapping[str, Any]] | None
) -> Floats | None:
    """Return the probabilities of the labels from those of the token that begins the label.

    The labels begin with different letters, so that any beginning of one tells which it is; tokens that begin none of
    them do not count.

    Parameters
    ----------
    answer : Answer
    text : str or None
        The answer that the tokens must add up to.
    tokens : sequence of mapping, or None
        Of each token of the answer ``token`` and ``top_logprobs`` (a sequence of ``token`` and ``logprob``), as the chat
        protocol has them.

    Returns
    -------
    ndarray of shape (3,), or None
        In the order for, against, neutral; None where the server gave none that can be used: no tokens, those of another
        text, or none for the label that was given.
    """
    if not tokens or "".join(str(t["token"]) for t in tokens) != text:
        return None
    end = 0
    for token in tokens:
        words = str(token["token"])
        begin, end = end, end + len(words)
        if end > answer.start:
            before = words[: answer.start - begin]
            mass = np.zeros(len(STANCES))
            for entry in token.get("top_logprobs") or ():
                rest = str(entry["token"])
                if not rest.startswith(before):
                    continue
                # A token may hold what follows the label, too: for"}
                letters = re.match(r"[A-Za-z]*", rest[len(before) :])
                word = letters[0].lower() if letters else ""
                for k, label in enumerate(STANCES):
                    if word and label.startswith(word):
                        mass[k] += math.exp(entry["logprob"])
            return np.asarray(mass / mass.sum()) if mass[STANCES.index(answer.stance)] > 0 else None
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
