"""Judging a noun phrase by its place: does it speak, or is it only mentioned?

:func:`find_phrases` finds every phrase that names delegations; :func:`judge` asks the rules for it (``roles.py``,
``bare.py``) in their order. The first rule with a verdict decides.
"""

from __future__ import annotations

from collections.abc import Sequence

from stance.attribution.bare import judge_bare
from stance.attribution.grammar import (
    ADJECTIVE_ROLE,
    BARE,
    ENTITY_ELLIPSIS,
    ENTITY_NOUN,
    ENTITY_ROLE,
    OFFICE_OF,
    PAPER_OF,
    PERSON_NAME,
    ROLE_OF,
    SECTION_NAME,
)
from stance.attribution.names import DocumentNames
from stance.attribution.place import Place
from stance.attribution.roles import RULES_FOR_ALL, RULES_FOR_ROLES, judge_section
from stance.attribution.skeleton import ENTITY_KINDS, Skeleton
from stance.attribution.style import Style
from stance.attribution.types import Phrase

__all__ = ["find_phrases", "judge"]

# The readings of a phrase, the longest first, each with the kinds of name that it can hold and a letter without which it
# cannot be; where two overlap the earlier of them holds.
_READINGS = (
    (SECTION_NAME, "section", ("section",), ""),
    (PAPER_OF, "role", ENTITY_KINDS, ""),
    (ENTITY_ROLE, "possessive", ENTITY_KINDS, ""),
    (ENTITY_NOUN, "statement", ENTITY_KINDS, "'"),
    (ENTITY_ELLIPSIS, "possessive", ENTITY_KINDS, "'"),
    (ROLE_OF, "role", ENTITY_KINDS, ""),
    (OFFICE_OF, "role", ENTITY_KINDS, ""),
    (ADJECTIVE_ROLE, "adjective", ("adjective",), ""),
    (PERSON_NAME, "person", ("person",), ""),
    (BARE, "subject", ENTITY_KINDS, ""),
)


def find_phrases(skeleton: Skeleton, names: DocumentNames, represented: Sequence[Phrase] = ()) -> list[Phrase]:
    """Find every noun phrase that names delegations.

    Parameters
    ----------
    skeleton : Skeleton
        The reduced sentence.
    names : DocumentNames
        The document's names.
    represented : sequence of Phrase, optional
        Groups on whose behalf somebody speaks, which are no subjects of their own.

    Returns
    -------
    list of Phrase
        Phrases that do not overlap, in the order of the sentence.
    """
    text = skeleton.text
    for group in represented:
        text = text[: group.start] + "x" * (group.end - group.start) + text[group.end :]
    phrases: list[Phrase] = []
    for pattern, how, kinds, sign in _READINGS:
        if skeleton.kinds.isdisjoint(kinds) or sign not in text:
            continue
        for match in pattern.finditer(text):
            start, end = match.span()
            if any(start < p.end and end > p.start for p in phrases):
                continue
            speakers = names.speakers(skeleton, start, end, how)
            if speakers:
                phrases.append(Phrase(start, end, speakers, how))
    return sorted(phrases, key=lambda p: p.start)


def judge(place: Place, style: Style, names: DocumentNames) -> str | None:
    """Return the construction that makes a phrase a speaker.

    Parameters
    ----------
    place : Place
        The phrase in its sentence.
    style : Style
        The habits of the document.
    names : DocumentNames
        The document's names.

    Returns
    -------
    str or None
        None where the phrase is only mentioned.
    """
    for rule in RULES_FOR_ALL:
        verdict = rule(place)
        if verdict is not None:
            return _shown(verdict)
    if place.phrase.how == "subject":
        return judge_bare(place, style, names.registry)
    if place.phrase.how == "section":
        return judge_section(place)
    for rule in RULES_FOR_ROLES:
        verdict = rule(place)
        if verdict is not None:
            return _shown(verdict)
    return None


def _shown(verdict: str) -> str | None:
    """Return a verdict as statements show it: the words of a delegation and its delegate are both its possession."""
    return "possessive" if verdict == "statement" else verdict or None
