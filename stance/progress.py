"""How far long work is: a bar on a terminal, plain lines in a log."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TextIO

from tqdm import tqdm

__all__ = ["Progress"]

#: Seconds between two lines in a log.
_EVERY = 10.0


class Progress:
    """Progress of one stage of work, on standard error.

    Parameters
    ----------
    name : str
        What is done: ``reading``.
    total : int
        Number of units.
    unit : str
        What is counted, in the plural.
    shown : bool
        False shows nothing.
    """

    def __init__(self, name: str, total: int, unit: str, *, shown: bool) -> None:
        # A process without standard error has nowhere to show anything.
        self._stream: TextIO | None = sys.stderr
        shown = shown and self._stream is not None
        is_terminal = self._stream is not None and self._stream.isatty()
        self._name, self._total, self._unit = name, total, unit
        self._bar = tqdm(
            total=total, desc=name, unit=f" {unit}", disable=not (shown and is_terminal), file=self._stream
        )
        self._lines = shown and not is_terminal
        self._begun = self._told = time.monotonic()
        self._done = 0

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.close()
        if self._lines and kind is None:
            seconds = time.monotonic() - self._begun
            self._say(
                f"{self._done:,} {self._unit} in {_duration(seconds)}, {self._done / max(seconds, 1e-9):,.0f} a second"
            )

    def _say(self, words: str) -> None:
        print(f"{self._name}: {words}", file=self._stream, flush=True)

    def advance(self, count: int) -> None:
        """Tell of some more units."""
        self._done += count
        self._bar.update(count)
        now = time.monotonic()
        if self._lines and now - self._told >= _EVERY:
            self._told = now
            rate = self._done / (now - self._begun)
            left = (self._total - self._done) / rate if rate else 0.0
            self._say(f"{self._done:,} of {self._total:,} {self._unit}, {rate:,.0f} a second, {_duration(left)} left")

    def reach(self, done: int) -> None:
        """Tell how many units are done in all."""
        self.advance(done - self._done)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"
