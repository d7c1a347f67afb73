"""A sentence in which every name is one character, so that grammar can be written as short regular expressions.

"The representative of the Russian Federation said" and "The representative of Oman said" are one construction. Here
each name that the registry (or the document itself) knows becomes a single private-use character whose range tells
what it is, quotation marks and spaces become plain ones, and the words inside quotes become filler: nobody is
reported by a phrase that somebody else utters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = [
    "ADJECTIVE",
    "BODY",
    "ENTITY",
    "ENTITY_KINDS",
    "PERSON",
    "SECTION",
    "STATE",
    "Name",
    "Skeleton",
    "skeletonize",
]

_SIZE = 0x300
_RANGES = {kind: chr(0xE000 + i * _SIZE) for i, kind in enumerate(("state", "adjective", "body", "person", "section"))}


def _class(*kinds: str) -> str:
    return "[" + "".join(f"{_RANGES[k]}-{chr(ord(_RANGES[k]) + _SIZE - 1)}" for k in kinds) + "]"


STATE = _class("state")
ADJECTIVE = _class("adjective")
BODY = _class("body")  # groups and organisations
PERSON = _class("person")  # "Mr. X" whose delegation the document has named
SECTION = _class("section")  # "JANE DOE (Country)"
#: The kinds of names that can speak by themselves.
ENTITY_KINDS = ("state", "body")
ENTITY = _class(*ENTITY_KINDS)

_PLAIN = str.maketrans({
    "’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"',
    "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2007": " ", "\n": " ", "\t": " ", "\r": " ",
    "\u2011": "-", "\u2010": "-", "–": "—",
})  # fmt: skip
_ENUMERATION = re.compile(r"[\[(]?(?:\d{1,3}|[a-z]|[ivx]{1,4})[.)\]]\s+(?=\S)")
_QUOTED = re.compile(r'"[^"]*"')


@dataclass(frozen=True, slots=True)
class Name:
    """A name in a sentence: its span, the delegation's code, its kind and the words themselves."""

    start: int
    end: int
    code: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Skeleton:
    """The sentence with one character for a name.

    Attributes
    ----------
    text : str
        The reduced sentence.
    names : dict of int to Name
        Position in ``text`` → the name that stands there.
    kinds : frozenset of str
        The kinds of the names: a pattern that asks for another kind need not be tried.
    """

    text: str
    names: dict[int, Name]  # in the order of the sentence
    kinds: frozenset[str]

    def codes(self, start: int, end: int, kinds: frozenset[str] | None = None) -> list[Name]:
        """Return the names between two positions of the reduced sentence, in their order."""
        return [n for p, n in self.names.items() if start <= p < end and (kinds is None or n.kind in kinds)]


def plain(text: str) -> str:
    """Return ``text`` with typographic quotes, dashes and spaces made plain, one character for one."""
    return text.translate(_PLAIN)


def skeletonize(sentence: str, names: Iterable[Name]) -> Skeleton:
    """Reduce a sentence.

    Parameters
    ----------
    sentence : str
        The sentence as it stands in the document.
    names : iterable of Name
        Names that do not overlap, in any order; offsets into ``sentence``.

    Returns
    -------
    Skeleton
    """
    flat = plain(sentence)
    out: list[str] = []
    length = 0
    found: dict[int, Name] = {}
    position = 0
    counts = dict.fromkeys(_RANGES, 0)
    for name in sorted(names, key=lambda n: n.start):
        if name.start < position or counts[name.kind] >= _SIZE:
            continue
        out.append(flat[position : name.start])
        length += name.start - position
        found[length] = name
        out.append(chr(ord(_RANGES[name.kind]) + counts[name.kind]))
        length += 1
        counts[name.kind] += 1
        position = name.end
    out.append(flat[position:])
    text = "".join(out)
    # Runs of white space are one space to grammar (line breaks with indents, justified text).
    if "  " in text:
        keep = [i for i, c in enumerate(text) if c != " " or i == 0 or text[i - 1] != " "]
        place = {old: new for new, old in enumerate(keep)}
        text = "".join(text[i] for i in keep)
        found = {place[position]: name for position, name in found.items()}
    # The number of a paragraph ("17. Oman proposed") is no part of its first sentence.
    number = _ENUMERATION.match(text)
    if number:
        cut = number.end()
        text = text[cut:]
        found = {position - cut: name for position, name in found.items() if position >= cut}
    # Same length, so that positions hold; the quotation marks stay, because inversion ("…," said X) leans on them.
    text = _QUOTED.sub(lambda m: '"' + "q" * (len(m[0]) - 2) + '"' if len(m[0]) > 14 else m[0], text)
    return Skeleton(text, found, frozenset(n.kind for n in found.values()))
