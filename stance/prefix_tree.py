"""Regular expressions for long lists of words, as prefix trees.

Python's engine tries the alternatives of a flat list one after the other. In a tree it leaves all words with another
beginning after one character: several hundred verbs are seven times as fast to rule out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

__all__ = ["prefix_tree"]


def prefix_tree(strings: Iterable[str], characters: Mapping[str, str] | None = None) -> str:
    """Return a pattern that matches any of some strings, the longest first.

    Parameters
    ----------
    strings : iterable of str
        At least one.
    characters : mapping of str to str, optional
        Patterns to put in the place of single characters; the others stand for themselves.

    Returns
    -------
    str
        Where it is a group, it is a non-capturing one.
    """
    return _tree(sorted(set(strings)), 0, characters or {})


def _tree(strings: Sequence[str], depth: int, characters: Mapping[str, str]) -> str:
    ends = len(strings[0]) == depth
    branches = []
    first = 1 if ends else 0
    while first < len(strings):
        last = first + 1
        while last < len(strings) and strings[last][depth] == strings[first][depth]:
            last += 1
        character = strings[first][depth]
        branches.append(
            characters.get(character, re.escape(character)) + _tree(strings[first:last], depth + 1, characters)
        )
        first = last
    if not branches:
        return ""
    if len(branches) == 1 and not ends:
        return branches[0]
    return f"(?:{'|'.join(branches)}){'?' if ends else ''}"
