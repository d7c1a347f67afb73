"""What the command line says, and where: results on standard output, everything else on standard error.

With ``--json`` a command prints one JSON object, its result, and nothing else on standard output. Colours are for
terminals alone, and for nobody who has set ``NO_COLOR`` (https://no-color.org).
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, TextIO

__all__ = ["Console", "paint"]

_COLOURS = {"red": "31", "yellow": "33"}


def paint(text: str, colour: str, stream: TextIO) -> str:
    """Return a text in a colour, where the stream is a terminal that shows colours."""
    plain = not stream.isatty() or bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    return text if plain else f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m"


class Console:
    """The voice of one command.

    Parameters
    ----------
    as_json : bool
        Print the result as JSON instead of words.
    quiet : bool
        No progress.
    """

    def __init__(self, *, as_json: bool = False, quiet: bool = False) -> None:
        self.as_json = as_json
        self.quiet = quiet

    @property
    def progress(self) -> bool:
        """Whether long work shows how far it is."""
        return not self.quiet

    def result(self, record: Any, *lines: str) -> None:
        """Print what a command found: the record as JSON, or the lines."""
        if self.as_json:
            print(json.dumps(record, indent=2, ensure_ascii=False, default=str))
            return
        for line in lines:
            print(line)

    def note(self, text: str) -> None:
        """Print what belongs beside the result."""
        if not self.as_json:
            print(text, file=sys.stderr)

    @staticmethod
    def warn(text: str) -> None:
        """Print what a user should look at."""
        print(f"{paint('stance:', 'yellow', sys.stderr)} {text}", file=sys.stderr)

    @staticmethod
    def error(text: str) -> None:
        """Print what went wrong."""
        print(f"{paint('stance:', 'red', sys.stderr)} {text}", file=sys.stderr)
