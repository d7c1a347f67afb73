"""On whose behalf somebody speaks: "Oman, speaking for the Group of 77, …"."""

from __future__ import annotations

import re

from stance.attribution.grammar import LIST, PAREN, ROLE, THE
from stance.attribution.names import DocumentNames
from stance.attribution.skeleton import ADJECTIVE, BODY, ENTITY, ENTITY_KINDS, PERSON, SECTION, STATE, Skeleton
from stance.attribution.types import Phrase, Speaker

__all__ = ["find_groups", "in_national_capacity", "spokesman"]

# Cues that need a group or an organisation behind: ", for the African Group", "made a statement on behalf of".
_GROUP_CUE = re.compile(
    r"(?:(?:(?:\b[Ss]peaking|\b[Ss]poke|\b[Ss]peaks) (?:[^,;.\"]{0,40}? )?|^|[,(] ?|\bstatement |\bposition |"
    r"\b(?:opened|began|closed|answered|spoke|replied|added|stated|explained|responded) |"
    r"\b(?:submitted|circulated|read out|delivered|made) |\b[Dd]elivering a statement |\b(?:[Tt]aking|took) the floor |"
    r"\b(?:text|draft|resolution|proposal)(?: \([^)]*\))? |"
    r"\b(?:[Ii]ntroducing|[Oo]pening|[Pp]resenting|[Tt]abling)[^,;]{0,120}? )"
    r"(?:also |and |both |this time |[Aa]s coordinator )?"
    r"(?:[Ff]or|[Oo]n behalf of|[Ii]n the name of|[Rr]epresenting|for and on behalf of|"
    r"[Ii]n (?:his|her|its) capacity as (?:the )?(?:\w+ ){0,3}of|"
    r"(?<=[Ss]peaking )as (?:the )?(?:\w+ )?(?:[Cc]hair(?:man|person|woman)?|[Cc]oordinator|[Pp]residen(?:t|cy)|[Ss]pokes\w+) of)|\bon behalf of) "
    rf"({LIST})"
)
# Cues behind which a state can stand too: "on behalf of Chad and Oman".
_GROUP_STRICT = re.compile(
    r"\b(?:[Oo]n behalf of|[Ss]peaking (?:also )?for|[Ii]n the name of|[Rr]epresenting|[Ss]poke (?:also )?for|[Ii]n a joint statement with) "
    rf"({LIST})"
)
# "read out the joint statement of the Group of 77".
_STATEMENT_OF = re.compile(
    r"\b(?:read(?: out)?|[Dd]eliver(?:ed|ing)|[Pp]resent(?:ed|ing)|made|[Mm]aking)(?: \w+)? "
    rf"(?:a|the) (?:\w+ )?statement (?:of|by|from|for|on behalf of) ({LIST})"
)
# "The African Group, through Ghana, asked", "The African Group, for which Ghana spoke, asked".
_THROUGH = re.compile(
    rf"{BODY}{PAREN},? (?:through|represented by|speaking through) {THE}({STATE})|"
    rf"{BODY}{PAREN}, (?:for|on behalf of) (?:which|whom) (?:the {ROLE} of )?{THE}(?P<spoke>{STATE}) (?:again |also )?spoke\b"
)
# A speaker who leaves the group's chair: "In her national capacity, she added", "Oman itself".
_NATIONAL = re.compile(
    r"\b(?:national capacity|national capacities|on (?:his|her|its) own (?:country's )?behalf|"
    r"[Ss]peaking in (?:his|her) own (?:name|capacity)|"
    r"[Oo]n behalf of (?:his|her|its) (?:own )?(?:country|delegation|Government)|(?:[Hh]is|[Hh]er) own (?:country|Government|State)\b|"
    r"[Ii]n (?:his|her|its) own (?:name|right)|"
    r"[Ss]peaking for (?:his|her|its) own (?:country|delegation|Government)"
    rf"|[Ss]peaking for {THE}{STATE} alone|for its own part|own delegation|in (?:his|her|a) personal capacity|"
    r"of a national character|on a national note|"
    rf"[Ss]peaking nationally|Nationally(?=,)|(?<=, )nationally(?=,))|{STATE} itself\b"
)
# One of them stands in whatever the pattern matches.
_NATIONAL_WORDS = ("national", "Nationally", "own", "itself", "behalf", "alone", "personal")

# "(for) the African Group alone": the group is the one that speaks.
_ALONE = re.compile(r"^ (?:alone|itself)\b")
# A speaker before the cue: "the delegate of Oman, for the Group".
_SPEAKER_BEFORE = re.compile(rf"(?:{ROLE}|{ENTITY}|{SECTION}|{PERSON})[^.;]{{0,40}},? ?$")
# What somebody else had said, or did not say: "the position Chad had stated on behalf of", "not speaking for".
_SAID_EARLIER = re.compile(
    r"\b(?:had|has|have) (?:\w+ )?(?:said|stated|spoken|made|delivered|read(?: out)?|noted|argued)\b[^,;]{0,40}$|"
    r"\bnot (?:be )?(?:speaking|spoken)? ?$|\bsaid $"
)
# "the statement (made) for", "that delivered by the delegate of Chad on behalf of", "the views expressed on behalf of".
_STATEMENT_OF_ANOTHER = re.compile(
    r"\b(?:the|that|those|this|these|any|all|both|such) "
    r"(?:(?:[\w-]+ ){0,3}?(?:statements?|interventions?|remarks|comments|positions?|views?|observations?|concerns?|"
    r"misgivings|doubts?|objections?|criticisms?|hopes?|fears?|sentiments?|thanks|support|"
    r"proposals?|calls?|appeals?|points?|assessments?|opinions?|reservations?|declarations?|arguments?) )?"
    r"(?:(?:that |which )?(?:had been |was |were |would be |to be )?"
    r"(?:just |earlier |already |previously )?(?:made|delivered|given|read out|stated|expressed|voiced|presented|"
    r"outlined|submitted|put forward|raised|set out|advanced|formulated)(?: \w+ly| earlier| today)? )?"
    rf"(?:by (?:the )?(?:{ROLE} of )?{THE}[^,;.\"]{{1,60}}?,? )?"
    r"(?:(?:speaking|also|and) )*(?:for|on behalf of|in the name of|of|by|from) $"
)
_DELIVERS = re.compile(
    r"\b(?:made|makes?|making|deliver(?:ed|s|ing)?|read(?:s|ing)?(?: out)?|present(?:ed|s|ing)?|introduc(?:ed|es|ing)|"
    r"submit(?:ted|s|ting)?|circulat(?:ed|es|ing)|g[ia]v(?:e|es|ing)|explain(?:ed|s|ing)|set(?:s|ting)? out|reiterat(?:ed|es|ing)|summariz(?:ed|es|ing)|voic(?:ed|ing)|table[ds]|issu(?:ed|ing)|"
    r"convey(?:ed|ing)|express(?:ed|ing)|outlin(?:ed|ing)|[Ii]n) $"
)
# "Canada and New Zealand (|CANZ)"
_BRACKETED_GROUP = re.compile(rf"{STATE}(?: and |, and ){THE}{STATE} \(({BODY})\)$")
# What is still to come: "A draft would be submitted by Mali on behalf of".
_TO_BE_DONE = re.compile(r"\b(?:will|would|to|should|could|might) (?:\w+ )?be (?:\w+ )?\w+ed by [^,;]{1,60} $")
# What is said begins.
_SAID = re.compile(r"\b(?:said|that|whether)\b")
_NOT_SPEAKING = re.compile(r"\bnot speaking")
# Who speaks behind an opening "For the African Group": ", the delegate of Ghana", ", Ghana".
_SPEAKER_BEHIND = re.compile(rf"^, (?:the (?:{ROLE}) |{THE}{STATE}|{SECTION}|{PERSON}|{ADJECTIVE})")


def find_groups(skeleton: Skeleton, names: DocumentNames) -> list[Phrase]:
    """Find the groups, and other delegations, on whose behalf somebody speaks in a sentence.

    Parameters
    ----------
    skeleton : Skeleton
        The reduced sentence.
    names : DocumentNames
        The document's names.

    Returns
    -------
    list of Phrase
        Each with the construction ``represented``.
    """
    if skeleton.kinds.isdisjoint(ENTITY_KINDS):
        return []
    text = skeleton.text
    first_said = _SAID.search(text)
    limit = first_said.start() if first_said else len(text)
    found: dict[int, Phrase] = {}
    for pattern in (_STATEMENT_OF, _GROUP_STRICT, _GROUP_CUE) if "body" in skeleton.kinds else (_GROUP_STRICT,):
        for match in pattern.finditer(text):
            start, end = match.span(1)
            if start in found:
                continue
            if pattern is not _GROUP_STRICT and any(n.kind != "body" for n in skeleton.codes(start, end)):
                continue
            if _ALONE.search(text[end:]) or _is_said_earlier(text, match) or _is_anothers(text, match):
                continue
            if match.start() > limit and not _is_own_cue(text, match):
                continue
            if pattern is _GROUP_CUE and _is_subject(text, match):
                continue
            found[start] = Phrase(start, end, _represented(skeleton, start, end, names), "represented")
    return list(found.values())


def _represented(skeleton: Skeleton, start: int, end: int, names: DocumentNames) -> tuple[Speaker, ...]:
    """Return whom a list stands for: with the name of a group behind them in brackets, its members are that group."""
    bracketed = _BRACKETED_GROUP.search(skeleton.text, start, end)
    first = bracketed.start(1) if bracketed else start
    return names.speakers(skeleton, first, end, "represented")


def _is_anothers(text: str, match: re.Match[str]) -> bool:
    """Tell whether a cue belongs to a statement that the speaker only goes along with, or speaks of.

    "She supported the statement made for the African Group", "in line with the position stated by Chad on behalf of the
    Group". Who delivers, reads out or introduces a statement speaks for the group himself.
    """
    if _TO_BE_DONE.search(text[: match.start()]):
        return True
    noun = _STATEMENT_OF_ANOTHER.search(text[: match.start(1)])
    if not noun:
        return False
    before = text[: noun.start()]
    is_subject = not before.strip(' "') or before.endswith((", ", "; "))
    return not is_subject and not _DELIVERS.search(before)


def _is_said_earlier(text: str, match: re.Match[str]) -> bool:
    """Tell whether a cue belongs to other words than those reported ("what Chad had said on behalf of …")."""
    around = text[max(0, match.start() - 14) : match.start(1)]
    return bool(_SAID_EARLIER.search(text[: match.start()]) or _NOT_SPEAKING.search(around))


def _is_own_cue(text: str, match: re.Match[str]) -> bool:
    """Tell whether a cue behind the words reported is about their speaker ("…, said Oman, for the Group")."""
    return bool(_SPEAKER_BEFORE.search(text[: match.start()]) or re.search(r"[Ss]peaking|[Ss]poke", match[0]))


def _is_subject(text: str, match: re.Match[str]) -> bool:
    """Tell whether an opening "For …" names the subject itself ("For the African Group, the sums were plain")."""
    opens = not text[: match.start()].strip(' "')
    is_for = re.match(r"^[Ff]or ", match[0].lstrip(" ,("))
    if not (opens and is_for) or re.search(r"[Ss]p[eo]", match[0]):
        return False
    return not _SPEAKER_BEHIND.match(text[match.end(1) :])


def spokesman(skeleton: Skeleton, names: DocumentNames) -> tuple[Speaker, ...]:
    """Return the state through which a group speaks ("The African Group, through Ghana, asked …")."""
    match = _THROUGH.search(skeleton.text)
    if not match:
        return ()
    start = match.start("spoke") if match["spoke"] else match.start(1)
    return names.speakers(skeleton, start, start + 1, "role")


def in_national_capacity(skeleton: Skeleton) -> bool:
    """Tell whether a sentence says that its speaker speaks for a country alone."""
    return any(w in skeleton.text for w in _NATIONAL_WORDS) and bool(_NATIONAL.search(skeleton.text))
