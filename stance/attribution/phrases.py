"""Judging a noun phrase by its place: does it speak, or is it only mentioned?

:func:`find_phrases` finds every phrase that names delegations; :func:`judge` asks the rules for it (``roles.py``,
``bare.py``) in their order. The first rule with a verdict decides.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from stance.attribution.bare import judge_bare
from stance.attribution.grammar import (
    ADJECTIVE_ROLE,
    BARE,
    ENTITY_ELLIPSIS,
    ENTITY_NOUN,
    ENTITY_ROLE,
    NAMED_OF,
    OFFICE_OF,
    PAPER_OF,
    PERSON_NAME,
    PERSON_OF,
    ROLE_OF,
    SECTION_NAME,
    UPPER,
)
from stance.attribution.names import DocumentNames
from stance.attribution.place import Place
from stance.attribution.roles import RULES_FOR_ALL, RULES_FOR_ROLES, judge_section
from stance.attribution.skeleton import ENTITY, ENTITY_KINDS, PERSON, Skeleton
from stance.attribution.style import Style
from stance.attribution.types import Phrase

__all__ = ["find_phrases", "judge"]

# The readings of a phrase, the longest first, each with the kinds of name that it can hold and with what is quickly looked
# for and must be there; where two overlap the earlier of them holds.
_APOSTROPHE = re.compile("'")
_NAME_OF_NAME = re.compile(rf"(?:{UPPER}[\w'.-]*|{PERSON}),? of (?:the )?{ENTITY}")
_READINGS = (
    (SECTION_NAME, "section", ("section",), None),
    (PAPER_OF, "role", ENTITY_KINDS, None),
    (ENTITY_ROLE, "possessive", ENTITY_KINDS, None),
    (ENTITY_NOUN, "statement", ENTITY_KINDS, _APOSTROPHE),
    (ENTITY_ELLIPSIS, "possessive", ENTITY_KINDS, _APOSTROPHE),
    (ROLE_OF, "role", ENTITY_KINDS, None),
    (OFFICE_OF, "role", ENTITY_KINDS, None),
    (PERSON_OF, "role", ENTITY_KINDS, _NAME_OF_NAME),
    (NAMED_OF, "name", ("state",), _NAME_OF_NAME),
    (ADJECTIVE_ROLE, "adjective", ("adjective",), None),
    (PERSON_NAME, "person", ("person",), None),
    (BARE, "subject", ENTITY_KINDS, None),
)

_SHOWN = {"statement": "possessive", "name": "role"}


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
    absent: set[re.Pattern[str] | None] = set()
    for pattern, how, kinds, sign in _READINGS:
        if skeleton.kinds.isdisjoint(kinds) or sign in absent:
            continue
        if sign and not sign.search(text):
            absent.add(sign)
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
    """Return a verdict as statements show it.

    The words of a delegation and its delegate are both its possession; a person named with a country has the role of its
    delegate.
    """
    return _SHOWN.get(verdict, verdict) or None
