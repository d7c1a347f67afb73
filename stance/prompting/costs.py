"""What asking costs, before and after."""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass, field
from typing import Any

__all__ = ["Cost", "Usage", "money"]

_MILLION = 1_000_000


def money(prompt_tokens: int, answer_tokens: int, prices: tuple[float, float] | None) -> float | None:
    """Return what tokens cost, in the currency of the prices; None without prices.

    Parameters
    ----------
    prompt_tokens, answer_tokens : int
    prices : (float, float), optional
        Of a million tokens of prompts and of answers.
    """
    return None if prices is None else (prompt_tokens * prices[0] + answer_tokens * prices[1]) / _MILLION


@dataclass(frozen=True)
class Cost:
    """What labelling statements would cost.

    Attributes
    ----------
    statements : int
        Different statements.
    requests : int
        At most: a question whose answer cannot be read is put again.
    questions : int
        Those among them that are put for the first time; where all answers can be read, these are all.
    cached : int
        Questions that were answered before.
    prompt_tokens : int
        At most, by the tokenizer named; another tokenizer counts a fifth more or less.
    answer_tokens : int
        At most.
    money : float or None
        At most, in the currency of the prices; None without prices.
    """

    statements: int = 0
    requests: int = 0
    questions: int = 0
    cached: int = 0
    prompt_tokens: int = 0
    answer_tokens: int = 0
    money: float | None = None

    def __add__(self, other: Cost) -> Cost:
        # Where one of them has no prices, nobody knows what both cost.
        asking = [c for c in (self, other) if c.requests]
        known = [c.money for c in asking if c.money is not None]
        return Cost(
            max(self.statements, other.statements),
            self.requests + other.requests,
            self.questions + other.questions,
            self.cached + other.cached,
            self.prompt_tokens + other.prompt_tokens,
            self.answer_tokens + other.answer_tokens,
            sum(known) if known and len(known) == len(asking) else None,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the fields by name."""
        return asdict(self)

    def __str__(self) -> str:
        if not self.requests and not self.cached:
            return f"{self.statements:,} statements; the model asks nobody"
        price = "" if self.money is None else f", at most {self.money:,.4f} in the currency of the prices"
        return (
            f"{self.statements:,} different statements: {self.questions:,} requests ({self.cached:,} more are answered already), "
            f"or up to {self.requests:,} where answers cannot be read; at most about {self.prompt_tokens:,} tokens in prompts and "
            f"{self.answer_tokens:,} in answers{price}"
        )


@dataclass
class Usage:
    """What was asked so far; threads may add to it.

    Attributes
    ----------
    requests : int
        Requests that were answered.
    cached : int
        Answers that were on disk.
    unreadable : int
        Answers from which no label could be read, on disk or new.
    failed : int
        Requests that had no answer, after all retries.
    uncounted : int
        Requests of which the server did not say how many tokens they took; with any, nobody knows what all cost.
    prompt_tokens, answer_tokens : int
        Of the requests that were answered, as the server counts them.
    """

    requests: int = 0
    cached: int = 0
    unreadable: int = 0
    failed: int = 0
    uncounted: int = 0
    prompt_tokens: int = 0
    answer_tokens: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def add(self, **counts: int) -> None:
        """Add to the counts."""
        with self._lock:
            for name, count in counts.items():
                setattr(self, name, getattr(self, name) + count)

    def to_dict(self, prices: tuple[float, float] | None = None) -> dict[str, Any]:
        """Return the counts by name, with what they cost."""
        names = ("requests", "cached", "unreadable", "failed", "uncounted", "prompt_tokens", "answer_tokens")
        return {
            **{name: getattr(self, name) for name in names},
            "money": None if self.uncounted else money(self.prompt_tokens, self.answer_tokens, prices),
        }
