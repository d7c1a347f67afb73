"""People introduced by name and office: "AMA OWUSU, Deputy Minister of Justice of Ghana, said …".

High-level segments and panels introduce their speakers so, where debates write "AMA OWUSU (Ghana)". The words between the
name and the delegation can be any, so that it is not a list of offices that tells them but their form: a person's name at the
head of the sentence, an apposition without a verb, a preposition before the delegation, and a verb of saying behind it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from stance.attribution import lexicon as lx
from stance.attribution.grammar import ADVERB, CAPITALS, OFFICE, ROLE, SPEECH, UPPER
from stance.attribution.skeleton import plain
from stance.prefix_tree import prefix_tree

__all__ = ["Officer", "find_officer", "opens_with_person", "says_behind"]

_PARTICLE = r"(?:(?:de|da|do|dos|das|van|von|der|den|bin|bint|ibn|al|el|la|le|du|di|del|y|e) ){1,3}"
_INITIAL = rf"{UPPER}\."
_CAPITALS_NAME = rf"(?:(?:{CAPITALS}|{_INITIAL}) (?:{_PARTICLE})?){{1,5}}?{CAPITALS}"
_MIXED_NAME = rf"(?:{UPPER}[\w'.-]+ (?:{_PARTICLE})?){{1,4}}?{UPPER}[\w'-]+"
# "AMA OWUSU, |Deputy", "In reply, AMA OWUSU of |the", "AMA OWUSU, |of the".
_PERSON = re.compile(
    rf"(?:(?:[A-Z][^,;:\"()]{{0,60}}|), )?(?P<name>(?P<capitals>{_CAPITALS_NAME})(?=,| (?:of|from|for) )|{_MIXED_NAME}(?=,)),? "
)
# A further word with a capital before a comma or a preposition: what is quickly seen and must be there.
_SHAPE = re.compile(r" [^\W\d_a-z][^\s,]*(?:,| of | from | for )")
_REACH = 140
# What the office begins with. In small letters it must be a known one: "head of the secretariat", not "speaking at length in".
_TITLE = re.compile(
    rf"(?:[A-Z]|of |from |for |(?:\w+-)?(?i:{ROLE}|{OFFICE}|professor|founder|manager|editor|coordinator)\b|representing )"
)
# What makes an office of words behind a name that is not in capitals.
_OFFICE_WORD = re.compile(
    rf"\b(?:{OFFICE}|Secretary|Prosecutor|Judge|Professor|Coordinator|Adviser|Advisor|Officer|Delegate|Commander|Inspector|Dean|"
    r"Counsel|Envoy|Manager|Founder|Attaché|Keeper|Speaker|Lecturer|Fellow|Analyst|Engineer)\b"
)
# An office of the meeting, unless it is that of a group ("Chair of the African Group") or of a state itself.
_PRESIDES = re.compile(
    r"\b(?:Chair\w*|Co-Chair\w*|Vice-Chair\w*|President|Vice-President|Rapporteur|Moderator|Co-?[Ff]acilitator|Facilitator)\b"
)
_HEAD_OF_STATE = re.compile(r"(?:Vice-)?President(?: of the (?:\w+ ){0,2}Republic)?(?: and [^,]{1,60})? of (?:the )?$")
# The delegation follows …
_PREPOSITION = re.compile(r"(?:^|\b)(?:of|for|at|from|representing) (?:the )?$")
# A body also behind a comma: "Director, Division for Lights, |UNICEF".
_COMMA = re.compile(r"[\w)], $")
# … but is not part of another name: "Professor at the University of (Ghana)".
_INSTITUTION = re.compile(
    r"\b(?:University|Universities|College|Institute|Academy|School|Bank|Gulf|Bay|Centre|Center)(?: of| for| at)+ (?:the )?$"
)
_VERB = re.compile(rf"\b(?:{prefix_tree(lx.SPEECH_PASTS)}|had|was|were|who|which|that|where)\b")
# Behind the delegation: the abbreviation, what he speaks for or does besides, and the verb.
_SAYS = re.compile(
    rf"(?: \([^()]{{1,40}}\))?(?:,? (?:speaking|introducing|presenting|addressing|participating|joining|briefing|opening|responding|replying)\b[^;:\"]{{0,160}}?)?"
    rf",?(?: {ADVERB},?)* (?:{SPEECH})"
)
_LONGEST = 180


@dataclass(frozen=True, slots=True)
class Officer:
    """A person introduced by name and office.

    Attributes
    ----------
    start, end : int
        Where name, office and delegation stand in the sentence.
    name : str
        The person's name.
    delegation : int
        Index of the delegation among those of the sentence.
    """

    start: int
    end: int
    name: str
    delegation: int


def opens_with_person(text: str) -> re.Match[str] | None:
    """Match a person's name and what separates it from an office, at the head of a sentence."""
    if not _SHAPE.search(text, 0, _REACH):
        return None
    found = _PERSON.match(plain(text))
    return found if found and _TITLE.match(found.string, found.end()) else None


def says_behind(text: str, end: int) -> bool:
    """Tell whether a verb of saying follows the delegation that ends at ``end``."""
    return bool(_SAYS.match(text, end))


def find_officer(text: str, delegations: Sequence[tuple[int, int, bool]]) -> Officer | None:
    """Find the person whom a sentence introduces by name and office.

    Parameters
    ----------
    text : str
        The sentence.
    delegations : sequence of (int, int, bool)
        Start and end of each name of a delegation in it, and whether it is a state, in their order.

    Returns
    -------
    Officer or None
    """
    person = opens_with_person(text)
    if not person:
        return None
    flat = person.string
    for index, (start, end, is_state) in enumerate(delegations):
        if start < person.end("name"):
            if start <= person.start("name") and end >= person.end("name"):
                return None  # "SOUTH AFRICA, Chair of the African Group, said": no person
            continue
        title = flat[person.end() : start]
        if len(title) > _LONGEST or re.search(r"[;:\"()]", title) or _VERB.search(title):
            return None
        if not (_PREPOSITION.search(title) or (not is_state and _COMMA.search(title))) or (
            is_state and _INSTITUTION.search(title)
        ):
            continue
        if _PRESIDES.search(title) and is_state and not _HEAD_OF_STATE.match(title):
            continue
        if not person["capitals"] and not _OFFICE_WORD.search(title):
            continue
        if says_behind(flat, end):
            first, last = person.span("name")
            return Officer(first, end, text[first:last], index)
    return None
