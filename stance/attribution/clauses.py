"""Clauses that are reports although no verb of saying stands in its usual place, and those that are none."""

from __future__ import annotations

import re

from stance.attribution.contexts import AGENT, BOUNDARY, EMBEDDING
from stance.attribution.grammar import ADVERB, PAREN
from stance.attribution.place import Place, in_quotes
from stance.attribution.skeleton import ENTITY, PERSON, SECTION

__all__ = ["asks", "is_gapped", "is_mere_member", "reacts", "somebody_had_said"]

# "|" in an example marks the phrase.

# "Asked by |Oman whether …", at the beginning of a sentence or of a clause.
_ASKED_BY = re.compile(
    r"(?:^|[,;] )(?:and |but |when |[Ww]hen )?(?:[Aa]sked|[Qq]uestioned|[Pp]ressed|[Cc]hallenged)"
    r"(?: \w+ly| again| further| in turn)? by $"
)
# "Replying to a question from |Oman", "On a question from |Oman".
_QUESTION_FROM = re.compile(
    r"(?:^|[,;] )(?:(?:[Rr]eplying|[Rr]esponding) to|[Aa]nswering|[Ii]n (?:reply|response|answer) to|[Oo]n) (?:an?|the|another|two) (?:\w+ )?"
    r"(?:questions?|query|queries|inquiry|enquiry) (?:from|of|by) $"
)
_QUESTION = re.compile(rf"^{PAREN},? (?:whether|if|why|how|what|when|where|which|to (?:explain|say|clarify|specify))\b")
# "Chad referred to the costs, and |Oman to the risks": what is left of the second clause.
_SECOND_CLAUSE = re.compile(r"(?:[,;] and |; ?)$")
_LEFT_OVER = re.compile(rf"^{PAREN}(?: {ADVERB})? (to|on|of|for|that|against|with|at|as|regarding|concerning|the|an?) ")
# The same behind a possessive, which can have no other sense: "Chad's delegate spoke of ports and |Oman's of ships".
_SECOND_OF_SEVERAL = re.compile(r"(?:[,;] (?:and )?|; ?| and )$")
# What is left may be the object: "Chad's delegate described the ports, and |Oman's the ships".
_OBJECT = ("the", "a", "an")
# "…, which |Oman opposed".
_WHICH = re.compile(
    r", (?:which|(?:in (?:response|reply|answer) )?to which|with which|a \w+ which)(?: (?:in turn|then))? $"
)
# "…, to which |the Secretariat replied".
_TO_WHICH = re.compile(r", (?:in (?:response|reply|answer) )?to which $")
_REPLIES = re.compile(rf"^{PAREN}(?: {ADVERB})* (?:replied|responded|answered|said|explained|stated|clarified)\b")
_REACTION = re.compile(
    rf"^{PAREN}(?: {ADVERB})* (?:supported|opposed|seconded|accepted|rejected|promised|endorsed|undertook|"
    r"questioned|contested|disputed|agreed|objected|declined|refused|said (?:was|were|would|had|could|should))\b"
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
# "Oman, |a member of the Group, …".
_APPOSITION = re.compile(rf"(?:{ENTITY}|{SECTION}|{PERSON})\)?, $")


def asks(before: str, after: str) -> bool:
    """Tell whether a phrase names who put a question ("Asked by |Oman whether it would sign, Chad replied")."""
    asked = (_ASKED_BY.search(before) and _QUESTION.match(after)) or _QUESTION_FROM.search(before)
    return bool(asked) and not in_quotes(before)


def is_gapped(place: Place) -> bool:
    """Tell whether a phrase is the subject of a clause whose verb is that of the clause before.

    "Chad referred to the costs, and |Oman to the risks": the preposition that is left must stand in both.
    """
    left = _LEFT_OVER.match(place.after)
    joined = _SECOND_OF_SEVERAL if place.phrase.how == "possessive" else _SECOND_CLAUSE
    if not place.accepted or not left or not joined.search(place.before):
        return False
    first = place.text[place.accepted[-1].end : place.phrase.start]
    if left[1] not in _OBJECT and f" {left[1]} " not in first:
        return False
    return left[1] in ("that", "as") or not EMBEDDING.search(first)


def reacts(place: Place) -> bool:
    """Tell whether a relative clause tells how a phrase met what was said: "…, which |Oman opposed"."""
    which = _WHICH.search(place.before)
    if _TO_WHICH.search(place.before) and _REPLIES.match(place.after):
        return True
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
    if not _MEMBER.match(words) or any(sp.kind == "state" for sp in place.phrase.speakers):
        return False
    return bool(_CONCESSION.search(place.before) or AGENT.search(place.before) or _APPOSITION.search(place.before))
