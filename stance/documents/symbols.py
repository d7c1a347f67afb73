"""Document symbols (``GA/DIS/3521``).

In: a line. Out: the symbol, if the line holds little else; a symbol that prose mentions is another document's.
"""

from __future__ import annotations

import re

from stance.documents.dates import strip_dates

SYMBOL = re.compile(r"(?<![\w/.])[A-Z]{1,12}(?:/[A-Z0-9](?:[A-Za-z0-9.()-]*[A-Za-z0-9)])?){1,6}(?![\w/])")


def own_symbol(text: str) -> str | None:
    """Return the symbol of a line that holds little else."""
    if len(text) > 120:
        return None
    for found in SYMBOL.finditer(text):
        symbol = found.group()
        rest = strip_dates(text[: found.start()] + " " + text[found.end() :])
        rest = re.sub(
            r"\b(?:press release|symbol|document|united nations|un|original|english|no)\b", " ", rest, flags=re.I
        )
        if any(c.isdigit() for c in symbol) and len(re.findall(r"\w+", rest)) == 0:
            return symbol
    return None
