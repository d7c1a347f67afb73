"""Small measures of a piece of text that readers and heading analysis share.

In: a string. Out: its words, its squeezed form, its share of capitals; :data:`TERMINAL` finds the end of a sentence.
"""

from __future__ import annotations

import re

TERMINAL = re.compile(r"[.!?…][\"”’'»)\]*]*\s*$")


def word_set(text: str) -> frozenset[str]:
    return frozenset(text.split())


def squeeze(text: str) -> str:
    return " ".join(text.split()).casefold()


def capital_share(text: str) -> float:
    """Return the share of the longer words that begin with a capital: near 1 in a headline, low in prose."""
    words = re.findall(r"[^\W\d_][\w’'-]*", text[:600])
    longer = [word for word in words if len(word) >= 4]
    words = longer if len(longer) >= 2 else words
    return sum(word[0].isupper() for word in words) / len(words) if words else 1.0
