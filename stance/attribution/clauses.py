"""Clauses that are reports although no verb of saying stands in its usual place, and those that are none."""

from __future__ import annotations

import re

from stance.attribution.contexts import AGENT, BOUNDARY, EMBEDDING
from stance.attribution.grammar import ADVERB, PAREN
from stance.attribution.place import Place, in_quotes

__all__ = ["asks", "is_gapped", "is_mere_member", "reacts", "somebody_had_said"]

# "|" in an example marks the phrase.

# "Asked by |Oman whether …", at the beginning of a sentence or of a clause.
_ASKED_BY = re.compile(
    r"(?:^|[,;] )(?:and |but |when |[Ww]hen )?(?:[Aa]sked|[Qq]uestioned|[Pp]ressed|[Cc]hallenged)"
    r"(?: \w+ly| again| further| in turn)? by $"
)
_QUESTION = re.compile(rf"^{PAREN},? (?:whether|if|why|how|what|when|where|which|to (?:explain|say|clarify|specify))\b")
# "Chad referred to the costs, and |Oman to the risks": what is left of the second clause.
_SECOND_CLAUSE = re.compile(r"(?:[,;] and |; ?)$")
_LEFT_OVER = re.compile(rf"^{PAREN}(?: {ADVERB})? (to|on|of|for|that|against|with|at) ")
# "…, which |Oman opposed".
_WHICH = re.compile(r", (?:which|to which|with which|a \w+ which)(?: (?:in turn|then))? $")
_REACTION = re.compile(
    rf"^{PAREN}(?: {ADVERB})* (?:supported|opposed|seconded|accepted|rejected|promised|endorsed|undertook|"
    r"questioned|contested|disputed|agreed|objected|declined|refused)\b"
)
# "to which |Oman's delegate had referred".
_PLUPERFECT = re.compile(rf"^{PAREN}(?: {ADVERB})*? (?:had|has)\b")
_PREPOSITION_WHICH = re.compile(r"\b(?:to|of|on|by|about|for|with|from|in|at) (?:which|whom) $")
# "|a member of the Group", "|two other members of the Group".
_MEMBER = re.compile(
    r"(?:(?:an?|one|two|three|four|five|six|some|several|other|another|fellow)\b ?)+(?:\w+ )?members? of\b",
    re.IGNORECASE,
)
_CONCESSION = re.compile(
    r"\b(?:although|though|albeit|as|while|whilst|being|despite being|itself|himself|herself),? $", re.I
)


def asks(before: str, after: str) -> bool:
    """Tell whether a phrase names who put a question ("Asked by |Oman whether it would sign, Chad replied")."""
    return bool(_ASKED_BY.search(before) and _QUESTION.match(after)) and not in_quotes(before)


def is_gapped(place: Place) -> bool:
    """Tell whether a phrase is the subject of a clause whose verb is that of the clause before.

    "Chad referred to the costs, and |Oman to the risks": the preposition that is left must stand in both.
    """
    left = _LEFT_OVER.match(place.after)
    if not place.accepted or not left or not _SECOND_CLAUSE.search(place.before):
        return False
    first = place.text[place.accepted[-1].end : place.phrase.start]
    return f" {left[1]} " in first and (left[1] == "that" or not EMBEDDING.search(first))


def reacts(place: Place) -> bool:
    """Tell whether a relative clause tells how a phrase met what was said: "…, which |Oman opposed"."""
    which = _WHICH.search(place.before)
    if not which or not _REACTION.match(place.after):
        return False
    first = place.before[: which.start()]
    cut = [m.end() for m in EMBEDDING.finditer(first)]
    return not cut or bool(BOUNDARY.search(first[cut[-1] :]))


def somebody_had_said(before: str, after: str) -> bool:
    """Tell whether a phrase only had said, before, what is spoken of: "the costs to which |Oman had referred"."""
    return bool(_PREPOSITION_WHICH.search(before) and _PLUPERFECT.match(after))


def is_mere_member(place: Place) -> bool:
    """Tell whether a phrase is one member of a group, or some, for which the group is not answerable."""
    words = place.text[place.phrase.start : place.phrase.end]
    if not _MEMBER.match(words) or any(sp.kind != "group" for sp in place.phrase.speakers):
        return False
    return bool(_CONCESSION.search(place.before) or AGENT.search(place.before))
