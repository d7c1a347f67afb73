"""Sentences in which nobody speaks for a delegation: the meeting acts, or the chair or an expert has the floor."""

from __future__ import annotations

import re

from stance.attribution import lexicon as lx
from stance.attribution.grammar import (
    ADVERB,
    CAPITALS,
    FINITE,
    HONORIFIC,
    INSERT,
    NAME_WORD,
    OFFICE,
    PERSON_OF,
    ROLE,
    SPEECH,
    THE,
)
from stance.attribution.skeleton import BODY, ENTITY, SECTION, STATE
from stance.prefix_tree import prefix_tree

__all__ = ["body_meets", "chair_takes_floor", "is_narrated", "outsider_speaks", "presides"]

# An adverbial before the meeting's name: "Acting without a vote, |the Committee approved".
_OPENING = (
    r"(?:Then|Next|Earlier|Later|Today|Also|Meanwhile|Afterwards|Thereafter|[A-Z]\w+ing [^,]{1,120}|"
    r"In (?:other|the) [^,]{1,60}|At the (?:outset|close|end)[^,]{0,50}|On [^,]{1,60}|Before [^,]{1,60}|"
    r"After [^,]{1,60}|Following [^,]{1,80}|Acting [^,]{1,80}|By [^,]{1,120})"
)
# The meeting acts: "The Sixth Committee took up", "Later, the Council adopted".
_NARRATOR = re.compile(
    rf"^(?:{_OPENING},? )?"
    rf"(?:[Tt]he |[Aa] |[Tt]his |[Ii]t )?(?:(?!(?:that|what|which|whose)\b)\w+ ){{0,5}}?(?:{prefix_tree(lx.BODIES)})\b(?: \([^)]*\))? "
    # "A committee established under a law of 2001 had met": a participle.
    rf"(?!(?:established|set up|convened|elected) (?:by|under|in)\b)(?:{prefix_tree(lx.NARRATOR_VERBS)})\b"
)
# The course of the meeting is told.
_NARRATOR_OPENING = re.compile(
    # "Discussions on article 4 continued"
    r"^(?:(?:Paragraphs?|Articles?|Sub-?paragraphs?|The (?:sub)?paragraphs?|Discussions?|Consultations|"
    r"Informal consultations|Negotiations|Action|Operative paragraph|Preambular paragraph|"
    r"Draft (?:resolution|decision))\b[^,;]{0,60}(?:, as a whole,)? "
    r"(?:remained|was|were|will|continued|is|are|has|have)\b|"
    # "By a vote of", "The draft resolution was adopted"
    r"By (?:a (?:recorded )?vote|\d+ votes|\d+ in favour|consensus)|A recorded vote|"
    r"The (?:(?:draft resolution|resolution|draft decision|amendment|motion|oral amendment|text|draft|report|result|"
    r"item)s?|meeting|floor|annex)\b[^,;]{0,80}\b(?:was|were) (?:then |also |thus |therefore |subsequently )?"
    r"(?:adopted|approved|rejected|defeated|carried|suspended|adjourned|put|taken|opened|closed|withdrawn|issued|"
    r"thereby)"
    # "On the suggestion of the Chair, further consideration of L.6 was deferred"
    r"|(?:[A-Z][^,;]{1,80}, )?(?:[Ff]urther )?[Cc]onsideration of [^,;]{1,80} was (?:then )?"
    r"(?:deferred|postponed|adjourned|suspended|resumed|concluded)"
    # "It went on to adopt", "The meeting rose", "It was so decided", "Member States agreed"
    r"|It (?:went on|then|also) (?:to )?(?:adopt|approv|reject|decid|took)|"
    r"(?:The|A) meeting (?:was|rose|began|resumed)|\(See |For (?:information media|details|further|more)|"
    r"Acting without a vote|Without a vote|It was so decided|The Committee will|The Assembly will|The Council will|"
    r"The next (?:\w+ ){0,3}?(?:meeting|session|conference|plenary|debate)\b[^;]{0,80} (?:will|would|is to|was to)\b|"
    r"Also today|In other business|In other matters|Guiding their debate|Before the [A-Z]\w+ (?:was|were)|"
    r"Member States (?:also )?(?:adopted|agreed|pledged)"
    # "On scope, opinions diverged"
    r"|(?:On|In|With regard to|Regarding|Concerning|Turning to|Moving (?:on )?to|"
    r"On the (?:question|issue|matter) of)[^,]{1,90}, "
    r"(?:the room|opinions|views|positions|delegations|delegates|speakers|participants|the debate|the discussion) )"
)
# What the meeting deals with, and what becomes of it: "The motion, as amended, was thereupon put to the vote".
_BUSINESS = (
    r"(?:(?:meeting|session|debate|discussion|exchange|vote|voting|draft|text|proposal|motion|amendment|request|"
    r"suggestion|recommendation|paragraph|article|decision|resolution|panel|item|report|list|chapter|outcome)s?|"
    r"remainder of the \w+|consideration of [^,;]{1,60})"
)
_DISPOSED = (
    r"(?:adopted|approved|rejected|defeated|carried|lost|put (?:to|aside|off)|suspended|adjourned|interrupted|postponed|"
    r"deferred|resumed|closed|opened|concluded|withdrawn|granted|agreed (?:to|upon|on)|moderated|chaired|devoted|"
    r"circulated|referred|left (?:open|pending)|forwarded|transmitted|reopened|divided|as follows|called)"
)
_DISPOSAL = re.compile(
    rf"^(?:(?:Thereupon|Then|Finally|Thereafter|Later|In the absence of [^,]{{1,40}}|There being [^,]{{1,40}}),? )?"
    rf"(?:[Tt]h(?:e|at|is|ose|ese) )(?:[\w-]+ ){{0,2}}?{_BUSINESS}\b(?: (?:on|of|in|to|with) [^,;]{{1,80}}?)?"
    rf"(?:, as (?:\w+ )?(?:amended|revised|corrected)(?: \w+)?,|, as a whole,)? "
    rf"(?:was|were) (?:(?:then|also|thus|therefore|thereupon|not|again|\w+ly) )*{_DISPOSED}\b(?! by (?:his|her|its)\b)"
)
# Its course in other words: "No decision was taken", "Views remained divided", "The debate then turned to costs".
_COURSE = re.compile(
    r"^(?:There (?:was|were) no (?:objections?|(?:further|other) speakers|statements?|comments?|requests? for the floor)\b|"
    r"No (?:other |further )?(?:objection|decision|vote|action|conclusion|statement|comment|agreement|request)s?"
    r"(?: on [^,;]{1,40})? (?:was|were) (?:taken|reached|raised|made|heard|called|voiced|requested|received)\b|"
    r"No (?:other |further |one )?(?:delegation|speaker|member|participant|one)s? (?:objected|opposed|asked|took|spoke|"
    r"responded|replied|commented)\b|"
    r"(?:Opinions?|Views?|Positions?|Delegations|Delegates|Speakers)(?: (?:on|about|regarding) [^,;]{1,60})? "
    r"(?:differed|diverged|varied|were divided|remained|was divided|were split)\b|"
    r"(?:Consideration|Discussion|Examination|Negotiations?|Consultations?) (?:of|on) [^,;]{1,80} "
    r"(?:would|will|was to|were to) (?:resume|continue|be (?:resumed|continued))\b|"
    r"(?:The )?(?:[Dd]ebate|[Dd]iscussions?|[Ee]xchange|[Cc]onversation)(?: then| next| later)? "
    r"(?:moved|turned|returned|shifted|closed|ended)\b|"
    r"The (?:delegates|delegations|speakers|participants|others)"
    rf"(?: (?:of|from) [^,;]{{1,60}})? (?:{ADVERB} )*(?:{prefix_tree(lx.SPEECH_PASTS)})\b|"
    r"In the absence of (?:any )?(?:objections?|further speakers)|There being no (?:objections?|further)|"
    r"The (?:result|vote|count|tally)(?: of [^,;]{1,30})? was \d|Voting was as follows)"
)
# "The texts on ports, wrecks and piers were approved without a vote".
_VOTELESS = ("without a vote", "by consensus", "by acclamation")
_APPROVED = re.compile(rf"^[^;:]{{1,200}}? (?:was|were) (?:\w+ )?(?:adopted|approved) (?:{'|'.join(_VOTELESS)})")
# "The Economic and Social Council held a special meeting today": the body in session has a name.
_SESSION = r"(?:meeting|session|debate|dialogue|discussion|panel|consideration|work|deliberations|examination)"
_BODY_MEETS = re.compile(
    rf"^(?:The )?{BODY} (?:today |this (?:morning|afternoon) )?(?:held (?:an?|its|the) (?:[\w-]+ ){{0,4}}?{_SESSION}|met|took up|"
    rf"(?:continued|concluded|began|opened|resumed) its (?:[\w-]+ ){{0,3}}?{_SESSION})\b"
)
# "the Special Rapporteur", "Committee Chair".
_OUTSIDER = (
    rf"(?:(?:[Tt]he|[Aa]n?|[Ii]ts) (?:[\w'-]+ ){{0,3}}?(?:{prefix_tree(lx.PERSON_TITLES)})\b(?!'s? )|"
    r"(?:Committee |Council |Assembly |Conference |Acting |Session )?"
    r"(?:Chair|President|Co-Chairs?|Chairperson|Chairman|Moderator|Co-Facilitators?|Rapporteur)\b)"
)
# An outsider as the subject, in either order: "The Special Rapporteur, a lawyer, warned", "…, said the Chair, who …".
_OUTSIDER_SPEAKS = re.compile(
    rf"(?:^(?:[A-Z][^,]{{0,80}}, )?|[,\"] (?:{SPEECH}) )(?:{_OUTSIDER})(?!(?: of| for| from) {THE}{STATE})"
    rf"(?:(?:,| of| on| for| from| to| in) [^.;]{{0,120}}?)?,? ?{INSERT}(?!had\b)(?:{FINITE})"
)
# What one of them had done is told by somebody else: "A Special Rapporteur of the Council had come to see the wrecks".
_OUTSIDER_HAD = re.compile(rf"(?:[A-Z][^,]{{0,80}}, )?{_OUTSIDER}(?: (?:of|on|for|from|to|in) [^,;]{{1,80}}?)? had\b")
# A person without a country opens the sentence: "A retired judge", "In closing, the Special Rapporteur".
_OUTSIDER_FIRST = re.compile(
    rf"^(?:[A-Z][^,]{{0,60}}, )?(?:The |A |Its )(?:[\w-]+ ){{0,2}}?(?:{prefix_tree(lx.PERSON_TITLES)})\b(?!'s?\b)"
    rf"(?!(?: of| for| from) {THE}{STATE})(?! (?:in|of) [^,;]{{1,40}} who\b)"
)
# Another with an office or a role: "The Director of the Port Institute replied", "An expert from the floor wondered".
_STRANGER = re.compile(
    rf"^(?:The|An?) (?:[\w-]+ ){{0,2}}?(?:{ROLE}|{OFFICE}|director|adviser|secretary|manager|student|author|activist)\b "
    rf"(?:of|from|for|in) (?:(?!{ENTITY})[^,;\"]){{1,90}}?(?:, [^;\"]{{1,100}},)? (?:{ADVERB} )*(?:{prefix_tree(lx.SPEECH_PASTS)})\b"
)
# A person of whom the text does not say for whom he speaks: "In reply, Ms. Owusu said", "AMA OWUSU, Executive Director, said".
_STRANGE_PERSON = re.compile(
    rf"^(?:(?:[A-Z][^,;]{{0,60}}, )?{HONORIFIC} (?:{NAME_WORD} ){{0,4}}{NAME_WORD}|(?:{CAPITALS} ){{1,4}}{CAPITALS})"
    rf"(?:, [^;\"]{{1,120}}?,)?(?: {ADVERB})* (?:{prefix_tree(lx.SPEECH_PASTS)})\b"
)
# The chair is introduced with a delegation and does not speak for it: "AMA OWUSU (Ghana), Vice-Chair of the Committee".
_CHAIR = (
    r"(?:Chair|Chairman|Chairperson|Chairwoman|Vice-Chair|Co-Chair|Rapporteur|President|Moderator|Co-Facilitator|"
    r"Facilitator|Coordinator)\b"
)
_CHAIR_SECTION = re.compile(
    rf"^(?:{SECTION}|{PERSON_OF.pattern})(?:, | \()"
    r"(?:speaking |as |in (?:his|her) capacity as |the |current |outgoing |newly elected |acting )*"
    rf"(?:[\w-]+ ){{0,2}}?{_CHAIR}(?! (?:of|for) {THE}{BODY})"
)
# The same the other way about: "the Chair of the Committee, |Mr. Owusu of Ghana", "Co-Chair |Ama Owusu of Ghana".
_CHAIR_BEFORE = re.compile(rf"(?i:{_CHAIR})(?: of [^,;]{{1,60}})?,? $")
_CHAIR_AMONG = re.compile(rf"^(?i:{_CHAIR})")


def is_narrated(text: str) -> bool:
    """Tell whether a reduced sentence tells the course of the meeting ("The Committee then adopted …")."""
    if any(p.match(text) for p in (_NARRATOR, _NARRATOR_OPENING, _DISPOSAL, _COURSE, _BODY_MEETS)):
        return True
    return any(words in text for words in _VOTELESS) and bool(_APPROVED.match(text))


def body_meets(text: str) -> bool:
    """Tell whether a reduced sentence begins with the body in session ("The Economic and Social Council met today …")."""
    return bool(_BODY_MEETS.match(text))


def outsider_speaks(text: str) -> bool:
    """Tell whether the chair, an expert or another who is no delegation speaks in a reduced sentence."""
    if _OUTSIDER_HAD.match(text):
        return False
    return bool(
        _OUTSIDER_SPEAKS.search(text)
        or _OUTSIDER_FIRST.match(text)
        or _STRANGER.match(text)
        or _STRANGE_PERSON.match(text)
    )


def chair_takes_floor(text: str) -> bool:
    """Tell whether a sentence begins with somebody who chairs ("AMA OWUSU (Ghana), Chair of the Committee, …")."""
    return bool(_CHAIR_SECTION.match(text))


def presides(before: str, words: str) -> bool:
    """Tell whether a person is named as the one who chairs: "The Committee Chair, |Ms. Ama Owusu of Ghana, …"."""
    return bool(_CHAIR_BEFORE.search(before) or _CHAIR_AMONG.match(words))
