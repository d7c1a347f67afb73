"""Lists of those who took the floor: "Also speaking were the representatives of Peru and Togo."."""

from __future__ import annotations

import re

from stance.attribution.grammar import GERUND, LIST, ROLE, SPEECH
from stance.attribution.names import DocumentNames
from stance.attribution.skeleton import Skeleton
from stance.attribution.types import Speaker

__all__ = ["listed_speakers"]

# The list opens the sentence.
_LIST_OPENING = re.compile(
    # "Others taking the floor were", "Statements were also made"
    r"^(?:(?:\"[^\"]*\" )?(?:Also|Others?|Further|Additional) [^.]{0,140}?\b(?:were|was|included|came)\b|"
    r"(?:Additional|Further|Other) (?:co-?)?sponsors (?:of [^,;]{1,60} )?(?:were|included)\b|"
    r"Statements? (?:were|was) also (?:made|delivered|given)|"
    # "General statements were made by", "The following delegations"
    r"(?:Brief |General |Short |National |Other |Additional |Further |Similar )?"
    r"[Ss]tatements (?:were|was) (?:also )?(?:made|delivered|given) by"
    # "Among other delegations present were those of Peru and Togo"
    r"|Among (?:the )?(?:other |others )?(?:delegations |speakers |those )?(?:present|who spoke|attending) were\b"
    r"|Also on the speakers' list|Took also the floor|The following (?:delegations|States|speakers)|"
    # "The representatives of Peru and Togo also took the floor"
    r"The (?:representatives?|delegates?|delegations?|experts?|observers?) of [^.]*\balso "
    r"(?:spoke|made (?:statements|interventions|remarks)|took the floor|delivered statements|participated|took part|"
    r"intervened|contributed)\b(?! (?:against|in favour|for|of|that|about|on))"
    # "Closing remarks were then delivered by"
    r"|(?:[A-Z]\w+ )?(?:[Ss]tatements|[Ii]nterventions|[Rr]emarks|[Cc]omments|[Cc]ontributions|(?:[Ww]ritten )?[Tt]exts|[Ee]xplanations|[Rr]ights? of reply) (?:[^.]{0,80} )?"
    r"(?:were|was) (?:also |likewise |then |further )?(?:made|delivered|given|heard|offered|exercised|received) (?:\w+ ){0,2}?(?:by|from)"
    # "The speakers also included", "Participating in the debate were", "The floor was also taken by"
    r"|The (?:list of )?(?:other )?speakers (?:also )?(?:included|were)\b|Among the (?:other )?speakers were\b|"
    r"(?:Participating|Taking part|Taking the floor|Intervening|Heard|Speaking)\b"
    r"(?! (?:in (?:favour|support|opposition)|for|against|on behalf))[^,.]{0,80}\b(?:were|was)\b|"
    r"The floor was (?:\w+ )?taken by\b|"
    r"The (?:debate|discussion|exchange|meeting) was (?:\w+ )?(?:closed|concluded|opened) (?:by|with) "
    r"(?:\w+ )?(?:statements|interventions|remarks) (?:of|by|from)\b|"
    r"(?:\w+ )?(?:[Ss]tatements|[Ii]nterventions) (?:by|of|from) [^.]* (?:concluded|closed|opened|completed) the \w+\.$"
    # "The meeting was also attended by", "The Committee also heard from the delegates of Peru and Togo."
    r"|The \w+ (?:was|were) (?:also |further )?attended by|[^.]*\bon the speakers' list\b[^.]* were |"
    r"The \w+(?: \w+)? (?:also |then |further )?heard "
    r"(?:from|(?:brief |short )?(?:statements?|interventions?) (?:by|from)) "
    r"(?:the )?(?:representatives|delegates|delegations|speakers|experts|observers) of [^.]*\.?$"
    # "Speaking in explanation of vote were the representatives", "Also present"
    r"|Interventions were also made|Speaking in (?:explanation|exercise)[^,]*(?:were|was) the representatives?"
    r"|(?:Also (?:speaking|participating|delivering|making|taking|contributing|present|attending|intervening|on the)|"
    r"Present without speaking)\b)"
)
# The list comes first and the verb closes the sentence.
_LIST_CLOSING = re.compile(
    # "Peru and Togo also took the floor at the end of the debate."
    r"\b(?:also|likewise|too|as well|further|briefly) (?:spoke|took part|took the floor|"
    r"made (?:an? )?(?:brief |short )?(?:statements?|interventions?|remarks)|delivered (?:a )?statements?|"
    r"participated|intervened|contributed|attended|addressed the \w+|were heard|heard)"
    r"(?: (?:in|during|on|to|at|before|after|under)\b[^.;]{0,90})?\.?$|"
    # "Peru and Togo made general statements."
    r"\b(?<!\bnot )(?:spoke|took the floor|"
    r"made (?:brief |short |general |further |additional |introductory |opening |closing )?statements?|participated|"
    r"spoke on (?:other|related|different) (?:matters|items|aspects|questions|topics|issues|agenda items)|"
    r"(?:made statements|took the floor) in (?:exercise of (?:the|their) rights? of reply|explanation of (?:vote|position))|"
    r"(?:participated|took part) in the (?:debate|discussion|exchange|meetings?|proceedings|work)(?: (?:of|in) the \w+)?|"
    r"spoke briefly (?:in|at|on|during|before|after) [^,;.]{1,40})"
    r"(?: (?:as well|too|briefly|again|likewise))?\.$"
    # "Peru and Togo also explained their votes."
    r"|\b(?:also|likewise) explained their (?:votes?|positions?)(?: (?:before|after) the (?:vote|voting|adoption))?\.$"
    # "Peru and Togo submitted their statements in writing.", "… joined the discussion on chapter V."
    r"|\b(?:submitted|circulated|provided) (?:written statements?|(?:their |a )?statements? in writing)\.$|"
    r"\bjoined the (?:debate|discussion|exchange)(?: (?:on|of) [^,;.]{1,40})?\.$|"
    # "The representative of Peru spoke in exercise of the right of reply."
    r"\bspoke (?:again )?in (?:exercise of (?:the|its|his|her|their) rights? of reply|explanation of (?:vote|position))"
    r"(?: (?:before|after) the (?:vote|voting|adoption))?\.$|"
    # "Peru and Togo had inscribed their names but did not take the floor."
    r"\binscribed their names?\b[^.]*\bnot take the floor\b|\bhad (?:also )?asked for the floor\.$|"
    r"\bhad put down their names\b|\bintervened in the (?:general )?(?:debate|discussion|exchange)\.$"
    # "Peru and Togo were present", "… registered to speak"
    r"|\b(?:were|was|are|is) (?:also |likewise |still )?"
    r"(?:on the (?:list|speakers')|recorded as|present\b|inscribed|listed|represented|in attendance)|"
    r"\b(?:took part|participated|attended)(?: in the \w+)? as (?:an )?observers?\.?$|"
    r"\battended(?: (?:as observers|without (?:making statements?|taking the floor|speaking|intervening))|(?: the (?:meeting|session))?\.$)|\bregistered to speak\b"
    # "Peru and Togo were among those who spoke"
    r"|\bwere (?:also )?among (?:those (?:heard|who spoke|who took|that took|taking the floor|speaking|participating)|"
    r"the (?:other )?speakers)\b"
)
# What somebody says makes a list a report: "Also speaking was Peru, who called for …".
_SAYS_SOMETHING = re.compile(r", (?:who|and (?:said|noted|called))\b|\bsaid that\b")
# "Also speaking against it, Peru's delegate asked".
_SPEAKS_THEN = re.compile(
    rf"^Also \w+ing (?:(?!\b(?:were|was|included)\b)[^,;]){{1,80}}, (?:(?!\b(?:were|was|included)\b)[^,;]){{1,60}}? {SPEECH}"
)
_CLOSING_SAYS = re.compile(r"\b(?:said|which|noted|urged)\b")
# The gerunds that belong to the list and not to a speaker: "Also speaking were", "Taking".
_OWN_GERUND = re.compile(
    r"^Also [^.]*?\b(?:were|was)\b|^[A-Z]\w+ing\b|\bwithout (?:(?:making|delivering|giving) \w+|taking the floor|speaking)\.?$|"
    r"\bin writing\b"
)
# "Peru and Togo were among those who spoke": a list in spite of its relative clause.
_AMONG = re.compile(r"\bwere (?:also )?among (?:those|the)\b")
_QUOTED = re.compile(r"\"[^\"]*\"")
_SUBORDINATE = re.compile(rf"\b(?:{GERUND}|who|that|which)\b")
_STARTS_WITH_LIST = re.compile(rf"(?i:(?:the |an? )?(?:{ROLE} (?:of|from|for) ))?{LIST}")


def listed_speakers(skeleton: Skeleton, names: DocumentNames) -> tuple[Speaker, ...]:
    """Return the speakers of a sentence that only lists them.

    Parameters
    ----------
    skeleton : Skeleton
        The reduced sentence.
    names : DocumentNames
        The document's names.

    Returns
    -------
    tuple of Speaker
        Empty where the sentence is no list, or says what somebody said.
    """
    if not skeleton.names:
        return ()
    text = skeleton.text
    if _LIST_OPENING.match(text):
        is_list = not _SAYS_SOMETHING.search(text) and not _SPEAKS_THEN.match(text)
    elif _CLOSING_SAYS.search(text) or not _STARTS_WITH_LIST.match(text) or not _LIST_CLOSING.search(text):
        is_list = False
    else:
        is_list = bool(_AMONG.search(text) or not _SUBORDINATE.search(_OWN_GERUND.sub("", _QUOTED.sub("", text))))
    return names.speakers(skeleton, 0, len(text), "listed") if is_list else ()
