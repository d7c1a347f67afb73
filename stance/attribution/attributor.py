"""Sentences → statements: who is reported as saying each sentence.

Attribution reads a meeting summary the way its genre is written. Every sentence is reduced (``skeleton.py``), noun
phrases that can stand for a speaker are found in it, and each is judged by its place in the grammar of reported
speech: subject of a verb of saying, inverted subject ("…, said the delegate of X"), agent of a passive ("supported by
X"), complement ("with X saying"), or merely mentioned. What a sentence leaves open (pronouns, free indirect speech,
"its delegate") is settled by the sentences before it. Delegations that only appear in a list of those who took the
floor are kept apart as *listed*.

``Statement.attribution`` tells which construction was found, so that a reader can check a rule and not only a result.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from stance.attribution import lexicon as lx
from stance.attribution.skeleton import (
    ADJECTIVE,
    BODY,
    ENTITY,
    PERSON,
    SECTION,
    STATE,
    Name,
    Skeleton,
    plain,
    skeletonize,
)
from stance.delegations import Registry, load_registry
from stance.delegations.codes import name_to_code
from stance.documents import Document
from stance.sentences import Sentence, split_sentences

__all__ = ["Attribution", "Statement", "attribute"]

UNNAMED = "UNNAMED"


@dataclass(frozen=True, slots=True)
class Statement:
    """One (sentence, speaker) pair.

    Attributes
    ----------
    document : str
        Name of the document.
    sentence : int
        Number of the sentence in the document, from 1.
    start, end : int
        Offsets of the sentence, Unicode code points into the text of the document.
    text : str
        The sentence as stored.
    speaker : str
        ISO 3166-1 alpha-3 code of a state, the registry's code of another delegation, an upper-case code made from
        the name of an organisation that the registry lacks, or ``UNNAMED``.
    speaker_name : str
        The delegation's name, or the words used for unnamed speakers.
    speaker_kind : str
        ``state``, ``group``, ``organization`` or ``unnamed``.
    attribution : str
        The construction by which the speaker was found: ``possessive``, ``role``, ``adjective``, ``section``,
        ``person``, ``subject``, ``agent``, ``complement``, ``included``, ``represented``, ``anaphora``, ``pronoun``,
        ``continued`` or ``unnamed``.
    """

    document: str
    sentence: int
    start: int
    end: int
    text: str
    speaker: str
    speaker_name: str
    speaker_kind: str
    attribution: str


@dataclass(frozen=True)
class Attribution:
    """What attribution found in a document.

    Attributes
    ----------
    sentences : tuple of Sentence
        All sentences and headings of the body.
    statements : tuple of Statement
        In the order of the text.
    listed : tuple of (str, str, str)
        Code, name and kind of each speaker of a list such as "Also speaking were …".
    names : dict of int to tuple of Name
        Sentence number → the names in it, for masking.
    """

    sentences: tuple[Sentence, ...]
    statements: tuple[Statement, ...]
    listed: tuple[tuple[str, str, str], ...]
    names: dict[int, tuple[Name, ...]] = field(repr=False)

    @cached_property
    def prose(self) -> tuple[Sentence, ...]:
        """The sentences without the headings."""
        return tuple(s for s in self.sentences if not s.heading)

    @cached_property
    def _starts(self) -> dict[int, int]:
        return {s.start: i for i, s in enumerate(self.prose)}

    def place(self, start: int) -> int | None:
        """Return the index in ``prose`` of the sentence that begins at an offset, None if none does."""
        return self._starts.get(start)


@dataclass(frozen=True, slots=True)
class _Speaker:
    code: str
    name: str
    kind: str
    how: str


@dataclass(frozen=True, slots=True)
class _Phrase:
    """A noun phrase that can stand for speakers: its span in the skeleton and whom it names."""

    start: int
    end: int
    speakers: tuple[_Speaker, ...]
    how: str
    verb: bool = False


def _alternatives(words: Sequence[str] | frozenset[str]) -> str:
    return "|".join(re.escape(w) for w in sorted(words, key=lambda w: (-len(w), w)))


_THE = r"(?:[Tt]he |its |her |his |their )?"
_PAREN = r"(?: ?\([^()]*\))?"
_ITEM = rf"(?:(?:both |also |that of |those of |those from |the one from |of |from )?(?:(?:the )?(?:States |countries |delegations |Parties )?(?:[Mm]embers? )?(?:States? |countries )?of )?{_THE}{ENTITY}{_PAREN}(?! (?:Convention|Protocol|Charter|Declaration|Treaty|Agreement|Statute|Compact)\b))"
_AND = r"(?:,? (?:and|as well as|together with|along with|or|&)(?: also)?|/| -) ?"
_LIST = rf"{_ITEM}(?:(?:[,;] ?{_ITEM})*{_AND}{_ITEM})*"
_MODIFIER = (
    r"(?:(?:[Pp]ermanent|[Dd]eputy|[Aa]cting|[Cc]hief|[Ss]enior|[Hh]ead|[Vv]ice|[Ff]oreign|[Jj]ustice|[Ii]nterior|[Pp]rime|[Ss]tate|own|new|lead|"
    r"young|[Yy]outh|first|second|technical|government(?:al)?|national|legal|two|three|veteran|distinguished|other|then|last|visiting|outgoing|elderly) ?){0,2}"
)
_ROLE = rf"(?:{_alternatives(lx.ROLES)})s?"
_OFFICE = rf"(?:{_alternatives(lx.OFFICES)})s?"
_WORDY = r"(?:[^,;:\"]|(?<=\d),(?=\d))"
_ADVERB = (
    r"(?:also|then|too|further|furthermore|again|however|likewise|meanwhile|in turn|next|similarly|nevertheless|nonetheless|\w+ly|therefore|still|once more|"
    r"for (?:his|her|its) part|both|all|instead|even|always|itself|himself|herself|in particular|on the other hand|by contrast|in contrast|never|just|only|neither|each|merely|first|not|alone|had|has|in (?:his|her|its) (?:turn|view|reply)|long)"
)
_SPEECH = rf"(?:{_alternatives(lx.SPEECH_VERBS)})\b"
_AUX = rf"(?:{_alternatives(lx.AUXILIARIES)})\b"
_GERUND = rf"(?:{_alternatives(lx.SPEECH_GERUNDS)})\b"
_PARTICIPLE = rf"(?:{_alternatives(lx.SPEECH_PARTICIPLES)})\b"
_FINITE = rf"(?:{_SPEECH}|{_AUX}|[a-z]+ed\b)"
# What may stand between a subject and its verb: a parenthesis, an apposition, an adverb.
_INSERT = (
    rf"(?:{_PAREN}(?:, (?!and |but )(?!while {_THE}{ENTITY})[^;:]{{1,220}}?,| —[^—]{{1,160}}—)?(?: ?,? ?{_ADVERB},?)*)"
)

_ENTITY_ROLE = re.compile(
    rf"(?:{_THE}{ENTITY}(?:'s|')?(?:, | and |, and ))*{_THE}{ENTITY}(?:'s|')? {_MODIFIER}(?:{_ROLE}|{_OFFICE})\b"
)
_ROLE_OF = re.compile(
    rf"(?:(?:[Tt]he|[Aa]n?|[Hh]is|[Hh]er|[Ii]ts|[Tt]heir|[Oo]ne|[Tt]wo|[Bb]oth) )?(?:\w+-\w+ )?{_MODIFIER}\b[Rr]?{_ROLE}"
    rf"(?:, [^,]{{1,60}},)? (?:of|from|for|representing|speaking for) (?:(?:the|an?) (?:[a-z-]+ ){{1,4}}(?={BODY})|(?:the )?(?:[A-Z][\w-]+ (?:(?:for|of|and) )?){{1,5}}(?:of|for) )?{_LIST}"
)
_OFFICE_OF = re.compile(
    rf"(?:(?:[Tt]he|[Aa]n?|[Hh]is|[Hh]er) )?{_MODIFIER}{_OFFICE}\b(?:,? (?:for|of|and|the|in|on|to|charge|[A-Z][\w'-]+))*? (?:of|for|to) {_LIST}"
)
_ADJECTIVE_ROLE = re.compile(
    rf"(?:(?:[Tt]he |[Aa] )?(?:head|leader|member|deputy head) of )?(?:(?:[Tt]he|[Aa]n?|[Hh]is|[Hh]er|[Ii]ts|[Tt]heir) )?{ADJECTIVE} {_MODIFIER}(?:{_ROLE}|{_OFFICE})\b"
)
_ENTITY_NOUN = re.compile(
    rf"{_THE}{ENTITY}(?:'s|') (?:own |main |first |second |chief |initial |written |only |brief |short ){{0,2}}(?:{_alternatives(lx.SPEECH_NOUNS)})\b(?= (?:{_FINITE}|to|about|with|on|over|regarding)\b|,)"
)
_PAPER_OF = re.compile(
    rf"^(?:An?|The|In a) (?:\w+ )?(?:leaflet|paper|letter|message|statement|submission|contribution|note|memorandum|brief|proposal)(?: (?:\w+ )?(?:circulated|submitted|distributed|sent|delivered|made|tabled|read out))?(?: in writing)? (?:from|by|of|on behalf of) {_LIST}(?=,| (?:{_FINITE}))"
)
_ENTITY_ELLIPSIS = re.compile(rf"{_THE}{ENTITY}'s?(?= (?:{_ADVERB} )?(?:{_SPEECH}))")
_SECTION_NAME = re.compile(SECTION)
_PERSON_NAME = re.compile(PERSON)
_BARE = re.compile(_LIST)
_ANAPHORIC = re.compile(
    rf"\b(?:[Ii]ts|[Hh]is|[Hh]er|[Tt]heir|whose|[Tt]he|[Tt]hat|[Tt]his) {_MODIFIER}(?:(?:{_alternatives(lx.ANAPHORIC_ROLES)})s?|{_OFFICE})\b(?! (?:of|from|for) )"
)
_PRONOUN = re.compile(r"\b(?:[Hh]e|[Ss]he|[Ii]t|[Tt]hey)\b")
_OPENING_PRONOUN = re.compile(
    rf"^(?:[A-Z][^,]{{0,60}}, )?(?:(?:[Hh]e|[Ss]he)(?: {_ADVERB})* (?:{_SPEECH})|(?:[Hh]is|[Hh]er|[Ii]ts) (?:own )?(?:country|delegation|Government|government|group|Group)\b)"
)
_INCLUDING = re.compile(
    rf"\b(?:including|among them|notably|such as|like|led by|headed by)(?: (?:the )?(?:{_ROLE}))?(?: (?:from|of|those of|those from))? ({_LIST})"
)

_UNNAMED = re.compile(
    r"\b(?:(?P<count>[Aa] (?:large |small |significant |great |considerable |wide |growing )?(?:number|handful|majority|group|few|couple|range|minority|series|third|half|dozen)(?: of)?"
    r"|[Ss]ome|[Mm]any|[Ss]everal|[Mm]ost|[Nn]umerous|[Vv]arious|[Aa] few|[Oo]thers?|[Cc]ertain|[Oo]ther|[Tt]wo|[Tt]hree|[Ff]our|[Ff]ive|[Ss]ix|[Oo]ne|[Aa]nother|[Ff]ew|[Mm]ore than \w+|[Aa]ll|[Nn]early all|[Ss]till others|[Yy]et others|[Aa] dozen|[Hh]alf)"
    rf"(?: of)?(?: the)?(?: \w+(?:-\w+)?){{0,2}}? )?(?<!\bits )(?<!\btheir )(?<!\bhis )(?<!\bher )(?<!'s )(?P<noun>{_alternatives(lx.UNNAMED_NOUNS)}|(?<=[Oo]ne )(?:delegation|speaker|delegate|representative|expert|observer|participant)|(?<=[Aa]nother )(?:delegation|speaker|delegate|representative|expert|observer|participant))\b",
    re.IGNORECASE,
)
_UNNAMED_BARE = re.compile(
    r"\b(?:[Ss]ome|[Oo]thers|[Mm]any|[Ss]everal|[Mm]ost|[Aa] few|[Ff]ew|[Ss]till others|[Yy]et others)\b(?! of\b)"
)
_UNNAMED_VIEW = re.compile(
    r"^(?:Moreover, |In addition, |However, |Conversely, )?(?:It was|The (?:view|opinion|concern|point|question|suggestion|hope|preference|wish|argument|doubt|reservation|observation)s? (?:was|were)|[Vv]iews? (?:was|were)|[Cc]oncerns? (?:was|were)|[Ss]upport was|[Dd]oubts? (?:was|were)|[Aa]nother view was|A question was|Questions were|A suggestion was|Reference was|Preference was|A proposal was|Broad support was)"
    rf"(?: \w+ly)?(?: also| further| again| therefore)?(?: \w+ly)? (?:{_PARTICIPLE}|raised|made|felt|held|expressed)"
)

_GROUP_CUE = re.compile(
    rf"(?:(?:(?:\b[Ss]peaking|\b[Ss]poke|\b[Ss]peaks|\bspeaking) (?:[^,;.\"]{{0,40}}? )?|^|[,(] ?|\bstatement |\bposition |\b(?:answered|spoke|replied|added|stated|explained|responded) |\b(?:submitted|circulated|read out|delivered|made) |\b[Dd]elivering a statement |\b[Tt]aking the floor |\b(?:text|draft|resolution|proposal)(?: \([^)]*\))? |\b(?:[Ii]ntroducing|[Oo]pening|[Pp]resenting|[Tt]abling)[^,;]{{0,120}}? )"
    rf"(?:also |and |both |this time |[Aa]s coordinator )?(?:[Ff]or|[Oo]n behalf of|[Ii]n the name of|[Rr]epresenting|for and on behalf of|[Ii]n (?:his|her|its) capacity as (?:the )?(?:\w+ ){{0,3}}of)|\bon behalf of) ({_LIST})"
)
_GROUP_STRICT = re.compile(
    rf"\b(?:[Oo]n behalf of|[Ss]peaking (?:also )?for|[Ii]n the name of|[Rr]epresenting|[Ss]poke (?:also )?for) ({_LIST})"
)
_STATEMENT_OF = re.compile(
    rf"\b(?:read(?: out)?|[Dd]eliver(?:ed|ing)|[Pp]resent(?:ed|ing)|made|[Mm]aking)(?: \w+)? (?:a|the) (?:\w+ )?statement (?:of|by|from|for|on behalf of) ({_LIST})"
)
_THROUGH = re.compile(rf"{BODY}{_PAREN},? (?:through|represented by|speaking through) {_THE}({STATE})")
_NATIONAL = re.compile(
    r"\b(?:national capacity|national capacities|on (?:his|her|its) own (?:country's )?behalf|[Ss]peaking in (?:his|her) own (?:name|capacity)|[Oo]n behalf of (?:his|her|its) (?:own )?(?:country|delegation|Government)|(?:his|her) own country|[Ii]n (?:his|her|its) own (?:name|right)|[Ss]peaking for (?:his|her|its) own (?:country|delegation|Government)"
    rf"|[Ss]peaking for {_THE}{STATE} alone|for its own part|own delegation|in (?:his|her|a) personal capacity|[Ss]peaking nationally)|{STATE} itself\b"
)

_LISTED = re.compile(
    r"^(?:(?:\"[^\"]*\" )?(?:Also|Others?|Further|Additional) [^.]{0,140}?\b(?:were|was|included|came)\b|Statements? (?:were|was) also (?:made|delivered|given)|(?:Brief |General |Short |National |Other |Additional |Further |Similar )?[Ss]tatements (?:were|was) (?:also )?(?:made|delivered|given) by"
    r"|Also on the speakers' list|Took also the floor|The following (?:delegations|States|speakers)|The (?:representatives?|delegates?|delegations?|experts?|observers?) of [^.]*\balso (?:spoke|made (?:statements|interventions|remarks)|took the floor|delivered statements|participated|took part|intervened|contributed)"
    r"|(?:[A-Z]\w+ )?(?:[Ss]tatements|[Ii]nterventions|[Rr]emarks|[Cc]omments) (?:[^.]{0,80} )?(?:were|was) (?:also |likewise |then |further )?(?:made|delivered|given|heard) (?:\w+ ){0,2}?(?:by|from)"
    r"|The \w+ (?:was|were) (?:also |further )?attended by|[^.]*\bon the speakers' list\b[^.]* were |The \w+(?: \w+)? (?:also |then |further )?heard (?:from|(?:brief |short )?(?:statements?|interventions?) (?:by|from)) (?:the )?(?:representatives|delegates|delegations|speakers|experts|observers) of [^.]*\.?$"
    r"|Interventions were also made|Speaking in (?:explanation|exercise)[^,]*(?:were|was) the representatives?"
    r"|Also (?:speaking|participating|delivering|making|taking|contributing|present|attending|intervening|on the)\b)"
)
_LISTED_TAIL = re.compile(
    r"\b(?:also|likewise|too|as well|further|briefly) (?:spoke|took part|took the floor|made (?:an? )?(?:brief |short )?(?:statements?|interventions?|remarks)|delivered (?:a )?statements?|participated|intervened|contributed|addressed the \w+|were heard)"
    r"(?: (?:in|during|on|to|at|before|after|under)\b[^.;]{0,90})?\.?$|\b(?:spoke|took the floor|made (?:brief |short |general |further |additional |introductory |opening |closing )?statements?|took part in the (?:debate|discussion|exchange)|participated in the (?:debate|discussion|exchange))(?: (?:as well|too|briefly|again|likewise))?\.$"
    r"|^[^a-z]*(?:[a-z]{2,3} [^a-z]*)*\b(?:were|was|are|is) (?:also |likewise |still )?(?:on the (?:list|speakers')|recorded as|present\b|inscribed|listed|represented|in attendance)|\battended as observers|\bregistered to speak\b"
    r"|\bwere (?:also )?among (?:those (?:heard|who spoke|who took|that took|taking the floor|speaking|participating)|the (?:other )?speakers)\b"
)

_BODY_NOUN = _alternatives(lx.BODIES)
_NARRATOR = re.compile(
    rf"^(?:(?:Then|Next|Earlier|Later|Today|Also|Meanwhile|Afterwards|Thereafter|[A-Z]\w+ing [^,]{{1,120}}|In (?:other|the) [^,]{{1,60}}|At the (?:outset|close|end)[^,]{{0,50}}|On [^,]{{1,60}}|Before [^,]{{1,60}}|After [^,]{{1,60}}|Following [^,]{{1,80}}|Acting [^,]{{1,80}}|By [^,]{{1,120}}),? )?"
    rf"(?:[Tt]he |[Aa] |[Tt]his |[Ii]t )?(?:\w+ ){{0,5}}?(?:{_BODY_NOUN})\b(?: \([^)]*\))? (?:{_alternatives(lx.NARRATOR_VERBS)})\b"
)
_NARRATOR_OPENING = re.compile(
    r"^(?:(?:Paragraphs?|Articles?|Sub-?paragraphs?|The (?:sub)?paragraphs?|Discussions?|Consultations|Informal consultations|Negotiations|Action|Operative paragraph|Preambular paragraph|Draft (?:resolution|decision))\b[^,;]{0,60}(?:, as a whole,)? (?:remained|was|were|will|continued|is|are|has|have)\b|By (?:a (?:recorded )?vote|\d+ votes|\d+ in favour|consensus)|A recorded vote|The (?:draft resolution|resolution|draft decision|amendment|motion|oral amendment|text|draft|report|result|meeting|floor|item|annex)\b[^,;]{0,80}\b(?:was|were) (?:then |also |thus |therefore |subsequently )?(?:adopted|approved|rejected|defeated|carried|suspended|adjourned|put|taken|opened|closed|withdrawn|issued|thereby)"
    r"|It (?:went on|then|also) (?:to )?(?:adopt|approv|reject|decid|took)|(?:The|A) meeting (?:was|rose|began|resumed)|\(See |For (?:information media|details|further|more)|Acting without a vote|Without a vote|It was so decided|The Committee will|The Assembly will|The Council will|Also today|In other business|In other matters|Guiding their debate|Before the [A-Z]\w+ (?:was|were)|Member States (?:also )?(?:adopted|agreed|pledged)"
    r"|(?:On|In|With regard to|Regarding|Concerning|Turning to|Moving (?:on )?to|On the (?:question|issue|matter) of)[^,]{1,90}, (?:the room|opinions|views|positions|delegations|delegates|speakers|participants|the debate|the discussion) )"
)
_OUTSIDER = rf"(?:(?:[Tt]he|[Aa]n?|[Ii]ts) (?:[\w'-]+ ){{0,3}}?(?:{_alternatives(lx.PERSON_TITLES)})\b(?!'s? )|(?:Committee |Council |Assembly |Conference |Acting |Session )?(?:Chair|President|Co-Chairs?|Chairperson|Chairman|Moderator|Co-Facilitators?|Rapporteur)\b)"
_BLOCKED = re.compile(
    rf"(?:^(?:[A-Z][^,]{{0,80}}, )?|[,\"] (?:{_SPEECH}) )(?:{_OUTSIDER})(?!(?: of| for| from) {_THE}{STATE})(?:(?:,| of| on| for| from| to| in) [^.;]{{0,120}}?)?,? ?{_INSERT}(?:{_FINITE})"
)
_CHAIR_FIRST = re.compile(
    rf"^(?:[A-Z][^,]{{0,60}}, )?(?:The |A |Its )(?:[\w-]+ ){{0,2}}?(?:{_alternatives(lx.PERSON_TITLES)})\b(?!'s?\b)(?!(?: of| for| from) {_THE}{STATE})"
)
_CHAIR_SECTION = re.compile(
    rf"^{SECTION}(?:, | \()(?:speaking |as |in (?:his|her) capacity as |the |current |outgoing |newly elected |acting )*(?:[\w-]+ ){{0,2}}?"
    rf"(?:Chair|Chairman|Chairperson|Chairwoman|Vice-Chair|Co-Chair|Rapporteur|President|Moderator|Co-Facilitator|Facilitator|Coordinator)\b"
)

_BOUNDARY = re.compile(
    r"(?:[;—]|, (?:and|but|while|whereas|though|although|with|as did|yet|whilst|as|to which|a \w+ (?:which|that)) | while | whereas |: |\. |, (?:and )?(?=[\ue000-\uf8ff]))"
)
_EMBEDDING = re.compile(
    r"(?<!\b[Ii]n )(?<!\b[Oo]n )(?<!\b[Tt]o )(?<!\b[Ww]ith )(?<!\b[Aa]t )(?<!\b[Oo]f )(?<!\b[Ff]or )(?<!\b[Bb]y )(?<!\b[Ff]rom )(?<!\bto )\b(?:that|whether|how|why|which|because|if|when|where|who|whom|what|until|since|unless|than|as)\b"
)
_CLAUSE_START = re.compile(
    r"(?:^|[;:—(] ?|^\"q*\"[,]? ?|(?:^|, |; |[a-z] |\) )(?:and|but|while|whereas|with|though|although|whilst|as|yet|nor|so|for its part) |, |\" )$"
)
_HARD_START = re.compile(
    r"(?:^\W*|[;—] ?(?:and |but |while |whereas )?|[,)] (?:and|but|while|whereas|though|although|whilst) |\b(?:while|whereas|whilst) |: )$"
)
_INTRO = re.compile(r"^[^;:\"]*, (?:and |but )?$")
_BEFORE_REJECT = re.compile(
    r"\b(?:of|to|on|at|against|between|among|like|unlike|than|about|into|over|under|in|within|beyond|behind|via|per|around|toward|towards|outside|besides|including|"
    r"with|from|for|by|and|or|between|as)(?: (?:both|all|what))? $"
)
_HEARD = re.compile(
    r"\b(?:heard|hear|hearing)(?: \w+)? from $|\b(?:[Aa]ccording to|[Ii]n the (?:words|view|opinion|telling|judgement|judgment|reading|experience|assessment) of) $"
)
_AGENT = re.compile(
    rf"\b(?:{_PARTICIPLE}|given|seconded|backed|shared|joined|followed|taken up|made|put|delivered|introduced|moved|broken|raised|challenged|opposed|supported|echoed)(?: \w+ly| up| out| on| down| in turn| forward)? by (?:both )?$"
)
_NOT_AGENT = re.compile(
    r"\b(?:statements?|remarks?|views?|concerns?|position|positions|points?|questions?|proposals?|comments?|observations?|documents?|papers?|text|report|reports|amendments?|draft|language|suggestions?|arguments?|craft|issues?|motion|call|calls|approach|convention|network|report)"
    r"(?: (?:just|earlier|previously|already|that (?:was|were|had been)|which (?:was|were|had been)))?"
    r" (?:made|delivered|given|submitted|put forward|mentioned|raised|introduced|expressed|proposed|presented|circulated|tabled|outlined|voiced|contributed|sponsored|led|convened|provided|prepared|issued|described|offered|cited|reported|posed|advanced|backed|commissioned|championed)(?: \w+ly| up| out)? by (?:both )?$"
)
_INVERTED = re.compile(
    rf"(?:[,\"?!—:;)]|^)\s*(?:and |as |so |then |but |had |has |have |was |were |is |also |thus |there )*(?:{_ADVERB} )?((?:{_alternatives(lx.INVERTING_VERBS)})\b|spoken)(?: (?:for|by|also|too|on|that|in turn|back|both))? $"
)
_SO_DID = re.compile(
    r"\b(?:so|as|nor|neither) (?:did|was|were|would|had|could|do|does|has) $|\b(?:came|followed|adhered|went|joined|stood|spoke|weighed in)(?: \w+)? $|\bNot so $|\b[Ss]o (?:too )?(?:said|did) $"
)
_FOLLOWED = re.compile(rf"^{_INSERT} ?(?:who |which )?(?:{_FINITE})")
_FOLLOWED_SPEECH = re.compile(
    rf"^{_INSERT} ?(?:(?:who|which) )?(?:(?!should|must|shall|may|might|can\b){_AUX} (?:{_ADVERB} )*)?(?:{_SPEECH})"
)
_FOLLOWED_RELATIVE = re.compile(rf"^{_PAREN},? who(?: {_ADVERB})* {_SPEECH}")
_FOLLOWED_GERUND = re.compile(rf"^{_PAREN}(?: {_ADVERB})* {_GERUND}")
_TAIL = re.compile(r"^(?:\.|$|,? (?:too|likewise|as well)\.$)")

_UPPER_NAME = re.compile(
    r"(?:(?:^|(?<=[\s“\"(—,;]))(?:(?:Mr|Mrs|Ms|Dr|Sir|Dame|Msgr|Monsignor|Archbishop|Baroness|Lord|Prince|Princess|Sheikh|Ambassador|Judge|Father|Sister|Bishop|General|Colonel|H\.E\.)\.?\s+)?"
    r"(?P<name>(?:[A-ZÀ-ÞĀ-Ž][’'\-]?)+(?:[\s ]+(?:(?:de|da|do|dos|das|van|von|der|den|bin|bint|ibn|al|el|la|le|du|di|del|ter|ten|of|y|e)[\s ]+)*(?:[A-ZÀ-ÞĀ-Ž][a-z]?[’'\-.]*)+)+)|"
    r"(?:Mr|Mrs|Ms|Dr|Msgr|Monsignor|Archbishop|Mme)\.?\s+(?P<mixed>(?:(?:[A-ZÀ-ÞĀ-Ž][\w’'\-]+|de|da|van|von|der|bin|al|el|la|le)[\s ]?){1,4}?))"
    r"[\s ]*,?[\s ]*\((?P<where>[^()]{2,80}(?:\([^()]*\))?[^()]{0,20})\)"
)
_PERSON = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|Messrs|Mme|Msgr|Monsignor|Archbishop|Ambassador|Judge|Sir|Lord)\.?[\s ]+(?P<name>[A-ZÀ-ÞĀ-Ž][\w’'\-]*(?:[\s ][A-ZÀ-ÞĀ-Ž][\w’'\-]*){0,3})"
)

_CAP = r"(?:[A-ZÀ-Þ][\w’'\-&.]*[\w]|[A-Z]\b|[0-9]{2}\b)"
_CAP_NAME = rf"{_CAP}(?: (?:(?:of|for|and|the|on|de|des|du|against|to|in|without|without|&|la|los|del|with|from|by|between|beyond|across|pour|les|sans) )*{_CAP})*"
# The secretary of a body in session speaks for the Secretariat.
_SECRETARY = re.compile(
    r"\b(?:Committee|Commission|Conference|Council) Secretary\b(?!-)|\bSecretary of the (?:\w+ ){0,2}?(?:Committee|Commission|Conference|Council|Working Group)\b"
)
_ROLE_ORG = re.compile(
    rf"\b(?:{_ROLE}|delegation|man|woman|mother|student|fellow|campaigner|resident|president|director|founder|member|activist|lawyer|volunteer|organizer|secretary|head)(?: of [a-z' -]{{0,30}})?(?: in [A-Z]\w+)?,? (?:of|from|for|representing|speaking for|on behalf of) (?:(?:the |an? )(?:[a-z][a-z-]* ){{1,4}})?[“\"]?(?:the |The )?(?P<name>{_CAP_NAME})(?: \((?P<short>[A-Z][A-Za-z0-9\-]{{1,12}})\))?"
)
_SUBJECT_ORG = re.compile(
    rf"(?:^Not so |^|[;.:] |^On behalf of |, while |, and |^[A-Z][^,;]{3, 80}, (?=the )|^(?:In|At|On|From|By) [a-z ]{3, 40} (?=the )|^The (?:non-governmental organization|network|association|federation|civil society (?:group|network|organization)|coalition|company|charity|group|campaign|alliance) )[“\"]?(?:[Tt]he )?(?P<name>{_CAP_NAME})(?: \((?P<short>[A-Z][A-Z0-9\-]{{1,12}})\))?(?=,?[”\"]?[, (]|’s |'s )"
)
_POSSESSIVE_ORG = re.compile(rf"(?:^|[\s“\"])(?:[Tt]he )?(?P<name>{_CAP} {_CAP_NAME})[’']s? (?:{_ROLE})\b")
_ORG_WORD = re.compile(
    r"\b(?:League|Forum|Network|Alliance|Federation|Association|Society|Coalition|Institute|Institution|Foundation|Union|Centre|Center|Initiative|Campaign|Watch|International|Observatory|Clinic|Trust|Partnership|"
    r"Guild|Club|Movement|Fund|Agency|Organization|Organisation|Company|Corporation|Group|Confederation|Chamber|Bureau|Academy|University|Caucus|Front|Lab|Collective|Exchange|Desk|Project|Bar|Circle|Grandmothers|Mothers|Friends|Engineers|Lawyers|Doctors|Women|Youth|Workers|Journalists|Board|Bank|Office|Service|Services|Secretariat|Programme|Council|Commons|Rights|Action|Voices|Wires|Ledger|House|Industry|Councils)\b"
)


class _Reader:
    """Reads one document; holds what the document itself teaches (people, organisations, style)."""

    def __init__(self, document: Document, sentences: Sequence[Sentence], registry: Registry) -> None:
        self.document = document
        self.sentences = sentences
        self.registry = registry
        self.people: dict[str, str] = {}
        self.organizations: dict[str, str] = {}  # words as used → name
        self.introductions: dict[int, list[Name]] = {}
        self.offices: dict[str, tuple[_Speaker, ...]] = {}  # "executive director" → who was introduced as one
        self._learn_people()
        self._learn_organizations()
        self.names = {s.number: tuple(self._find_names(s)) for s in sentences}
        self.skeletons = {s.number: skeletonize(s.text, self.names[s.number]) for s in sentences}
        self.section_style = sum(len(v) for v in self.introductions.values()) >= 3
        self.capital_style = self._is_capital_style()
        self.bare_style = self.capital_style or self._is_bare_style()

    # -- what the document teaches -------------------------------------------------------------------------------

    def _learn_people(self) -> None:
        for s in self.sentences:
            for match in _UPPER_NAME.finditer(s.text):
                where = match["where"]
                delegation = self.registry.resolve(where) or self.registry.resolve(re.split(r"[,;]", where)[0].strip())
                name = match["name"] or match["mixed"]
                if delegation is None or (match["name"] and self.registry.resolve(match["name"].strip())):
                    continue
                start = match.start()
                self.introductions.setdefault(s.number, []).append(
                    Name(start, match.end(), delegation.code, "section", match[0])
                )
                parts = [p for p in re.split(r"[\s ]+", name.strip()) if p]
                for size in range(1, min(4, len(parts)) + 1):
                    self.people.setdefault(" ".join(parts[-size:]).casefold(), delegation.code)

    def _learn_organizations(self) -> None:
        for s in self.sentences:
            if s.heading:
                continue
            for pattern in (_ROLE_ORG, _SUBJECT_ORG, _POSSESSIVE_ORG):
                for match in pattern.finditer(s.text):
                    a, b = match.span("name")
                    if any(
                        m.start < b and m.end > a and not (a <= m.start and m.end <= b)
                        for m in self.registry.find(s.text)
                    ):
                        continue  # "Côte" of "Côte d'Ivoire"
                    name = re.sub(r"[’']s$", "", match["name"])
                    if not self._is_new_organization(name, match, s.text, strict=pattern is _SUBJECT_ORG):
                        continue
                    self.organizations[name] = name
                    short = match.groupdict().get("short")
                    if short and self.registry.resolve(short) is None:
                        self.organizations[short] = name

    def _is_new_organization(self, name: str, match: re.Match[str], text: str, *, strict: bool) -> bool:
        words = [w for w in re.split(r"[\s ]+", name) if w[:1].isupper()]
        if (
            not words
            or self.registry.resolve(name) is not None
            or (name.isupper() and not _ORG_WORD.search(name.title()))
        ):
            return False
        known = self.registry.find(name)
        covered = sum(m.end - m.start for m in known)
        rest = name
        for m in reversed(known):
            rest = rest[: m.start] + rest[m.end :]
        if known and not _ORG_WORD.search(rest):
            return False
        if covered >= len(name) - 2 or not re.search(r"[A-Z]", rest):
            return False
        generic = [w for w in words if w in lx.GENERIC_NAMES]
        if re.search(
            r"\b(?:Expert|Working|Contact|Drafting|Open-ended|Task|Study|Informal|Small) (?:Group|Force)\b", name
        ):
            return False
        if (
            not _ORG_WORD.search(name)
            and words[-1]
            in lx.GENERIC_NAMES - {"Organization", "Forum", "Initiative", "World", "Court", "Mechanism", "Fund"}
        ) or len(generic) == len(words):
            return False
        if re.match(
            r"(?:United Nations|General|Security|Economic|International Law|Human Rights Council|Special|Permanent|Deputy|Prime|Foreign)\b",
            name,
        ) and not _ORG_WORD.search(words[-1]):
            return False
        if (len(words) == 1 and words[0] in lx.ANAPHORIC_BODIES) or re.match(r"The\b|THE\b", name):
            return False
        if re.search(
            r"\b(?:Committee|Commission|General Assembly|Conference|Convention|Treaty|Protocol|Chair|Rapporteur|Minister|Working Group|General|Secretary|Law of the Sea)\b",
            name,
        ):
            return False
        if strict:
            after = re.sub(r'^,?"', "", plain(text[match.end() :]))
            if not re.match(
                rf"(?:, {_WORDY}{{1,120}},| \([^)]*\))*,?(?: {_ADVERB},?)* (?:{_SPEECH}|{_AUX} (?:{_ADVERB} )*(?:{_SPEECH}))",
                after,
            ) and not re.match(r", (?:which|whose|its|who)\b", after):
                return False
            if len(words) < 2 or not _ORG_WORD.search(name.title() if name.isupper() else name):
                return len(words) >= 2 and bool(re.match(r", (?:which|whose|a|an) ", after))
        return True

    def _find_names(self, s: Sentence) -> Iterator[Name]:
        taken: list[tuple[int, int]] = []

        def free(start: int, end: int) -> bool:
            return all(end <= a or start >= b for a, b in taken)

        for name in self.introductions.get(s.number, ()):
            taken.append((name.start, name.end))
            yield name
        for match in _PERSON.finditer(s.text):
            words = re.split(r"[\s ]+", match["name"])
            for size in range(len(words), 0, -1):
                key = " ".join(words[:size]).casefold().removesuffix("’s").removesuffix("'s")
                code = self.people.get(key)
                if code and free(match.start(), match.end()):
                    end = match.start("name") + len(" ".join(words[:size]))
                    if re.search(r"[’']s$", s.text[match.start() : end]):
                        end -= 2
                    taken.append((match.start(), end))
                    yield Name(match.start(), end, code, "person", s.text[match.start() : end])
                    break
        for match in _SECRETARY.finditer(s.text):
            if free(*match.span()):
                taken.append(match.span())
                yield Name(match.start(), match.end(), "SECRETARIAT", "body", match[0])
        for alias, full in sorted(self.organizations.items(), key=lambda item: -len(item[0])):
            for match in re.finditer(rf"[“\"]{re.escape(alias)},?[”\"]|(?<!\w){re.escape(alias)}(?!\w)", s.text):
                if free(*match.span()):
                    taken.append(match.span())
                    yield Name(match.start(), match.end(), name_to_code(full), "body", full)
        for m in self.registry.find(s.text, types=None):
            if not free(m.start, m.end):
                continue
            if m.type == "capital":
                # "Budapest Convention", "Rome Statute": an instrument, not a government.
                if re.match(r"[\s ]+(?:and [A-Z]\w+ )?[A-Z][a-z]", s.text[m.end :]) or re.match(
                    r"[’']s\b", s.text[m.end :]
                ):
                    continue
                kind = "capital"
            elif m.type == "demonym":
                kind = "adjective"
            else:
                kind = "state" if self.registry.get(m.code).kind == "state" else "body"
            taken.append((m.start, m.end))
            yield Name(m.start, m.end, m.code, kind, s.text[m.start : m.end])

    def _is_capital_style(self) -> bool:
        """Tell whether speakers stand in capitals, as in bulletins of environmental negotiations."""
        upper = lower = 0
        for s in self.sentences:
            if s.heading:
                continue
            for n in self.names[s.number]:
                if n.kind in ("state", "body") and len(n.text) > 3:
                    upper += n.text.isupper()
                    lower += not n.text.isupper()
        return upper >= 5 and upper >= 0.5 * (upper + lower)

    def _is_bare_style(self) -> bool:
        """Tell whether a country's bare name is the usual subject of what it says ("Latvia argued …")."""
        bare = roles = 0
        for s in self.sentences:
            if s.heading:
                continue
            text = self.skeletons[s.number].text
            roles += bool(
                _ENTITY_ROLE.search(text)
                or _ROLE_OF.search(text)
                or _ADJECTIVE_ROLE.search(text)
                or _SECTION_NAME.search(text)
            )
            bare += bool(re.match(rf"{_THE}{ENTITY}{_INSERT} ?{_SPEECH}", text))
        return bare >= 4 and bare > roles

    # -- speakers ------------------------------------------------------------------------------------------------

    def _speaker(self, name: Name, how: str) -> _Speaker:
        if name.code in self.registry:
            d = self.registry.get(name.code)
            return _Speaker(d.code, d.name, d.kind, how)
        return _Speaker(name.code, name.text, "organization", how)

    def _speakers(self, skeleton: Skeleton, start: int, end: int, how: str) -> tuple[_Speaker, ...]:
        seen: dict[str, _Speaker] = {}
        for name in skeleton.codes(start, end):
            if name.kind != "capital":
                seen.setdefault(name.code, self._speaker(name, how))
        return tuple(seen.values())

    # -- the document --------------------------------------------------------------------------------------------

    def read(self) -> Attribution:
        statements: list[Statement] = []
        listed: dict[str, tuple[str, str, str]] = {}
        current: tuple[_Speaker, ...] = ()
        paragraph = 0
        for s in self.sentences:
            if s.heading:
                current = ()
                continue
            fresh = s.paragraph != paragraph
            paragraph = s.paragraph
            skeleton = self.skeletons[s.number]
            names = self._listed(skeleton)
            if names:
                for sp in names:
                    listed.setdefault(sp.code, (sp.code, sp.name, sp.kind))
                current = ()
                continue
            found, blocked = self._sentence(skeleton, current)
            named = [sp for sp in found if sp.kind != "unnamed"]
            if _NATIONAL.search(skeleton.text):
                found = [sp for sp in found if sp.kind != "group" or sp.how != "represented"]
                named = [sp for sp in named if sp.kind != "group" or sp.how != "represented"]
                if named and named[-1].how in ("pronoun", "anaphora", "person", "continued"):
                    states = [sp for sp in named if sp.kind == "state"]
                    dropped = {sp.code for sp in named if sp.kind != "state"} if states else set()
                    found = [sp for sp in found if sp.code not in dropped]
                    named = [sp for sp in named if sp.code not in dropped]
                current = tuple(sp for sp in current if sp.kind == "state") or current
            if not found and not blocked and current and self._continues(s, skeleton, fresh, current):
                found = [replace(sp, how="continued") for sp in current]
                named = found
            for sp in found:
                statements.append(
                    Statement(self.document.name, s.number, s.start, s.end, s.text, sp.code, sp.name, sp.kind, sp.how)
                )
            if named:
                current = self._focus(named, current)
            elif found or blocked or not self._continues(s, skeleton, fresh, current):
                current = ()
        spoken = {x.speaker for x in statements}
        return Attribution(
            tuple(self.sentences),
            tuple(statements),
            tuple(v for k, v in listed.items() if k not in spoken),
            self.names,
        )

    @staticmethod
    def _focus(named: Sequence[_Speaker], current: tuple[_Speaker, ...]) -> tuple[_Speaker, ...]:
        """Return who goes on speaking after a sentence: the last one named, with the groups he speaks for."""
        represented = [sp for sp in named if sp.how == "represented"]
        main = [sp for sp in named if sp.how != "represented"]
        if not main:
            return tuple(represented)
        if all(sp.how in ("pronoun", "anaphora", "continued", "person") for sp in main) and len(main) > 1:
            return tuple(main) + tuple(represented)
        # Those who only support or oppose, or are included, do not take the floor from the subject.
        subjects = [sp for sp in main if sp.how not in ("agent", "included", "with")] or main
        return (subjects[-1], *represented)

    def _continues(self, s: Sentence, skeleton: Skeleton, fresh: bool, current: tuple[_Speaker, ...]) -> bool:
        """Tell whether a sentence without a speaker goes on with the one before (free indirect speech)."""
        text = skeleton.text
        if _NARRATOR.match(text) or _NARRATOR_OPENING.match(text):
            return False
        if fresh:
            return (
                self.section_style
                and bool(current)
                and len(s.text) > 40
                and not re.match(r"(?:The Committee|The Assembly|The Council|The Chair)\b", text)
            )
        if sum(sp.kind == "state" for sp in current) > 1:
            return False
        return not self._foreign_subject(skeleton, current)

    def _foreign_subject(self, skeleton: Skeleton, current: tuple[_Speaker, ...]) -> bool:
        """Tell whether, in a text where bare names speak, the sentence has another country for its subject."""
        if not self.bare_style:
            return False
        match = re.match(rf"{_THE}({ENTITY})", skeleton.text)
        return match is not None and skeleton.names[match.start(1)].code not in {sp.code for sp in current}

    # -- lists ---------------------------------------------------------------------------------------------------

    def _listed(self, skeleton: Skeleton) -> tuple[_Speaker, ...]:
        text = skeleton.text
        bare = re.sub(r"\"[^\"]*\"", "", text)
        if re.search(
            rf"\b(?:{_GERUND}|who|that|which)\b", re.sub(r"^Also [^.]*?\b(?:were|was)\b|^[A-Z]\w+ing\b", "", bare)
        ) and not _LISTED.match(text):
            return ()
        if _LISTED.match(text):
            speakers = self._speakers(skeleton, 0, len(text), "listed")
            if speakers and re.search(r", (?:who|and (?:said|noted|called))\b|\bsaid that\b", text):
                return ()
            return speakers
        if _LISTED_TAIL.search(text) and not re.search(r"\b(?:said|which|noted|urged)\b", text):
            if re.match(rf"(?i:(?:the |an? )?(?:{_ROLE} (?:of|from|for) ))?{_LIST}", text):
                return self._speakers(skeleton, 0, len(text), "listed")
        return ()

    # -- one sentence --------------------------------------------------------------------------------------------

    def _phrases(self, skeleton: Skeleton, represented: Sequence[tuple[int, int]] = ()) -> list[_Phrase]:
        """Find every noun phrase that names delegations, the longest reading first."""
        text = skeleton.text
        for a, b in represented:
            text = text[:a] + "x" * (b - a) + text[b:]
        phrases: list[_Phrase] = []

        def add(match: re.Match[str], how: str) -> None:
            start, end = match.span()
            if any(start < p.end and end > p.start for p in phrases):
                return
            speakers = self._speakers(skeleton, start, end, how)
            if speakers:
                phrases.append(_Phrase(start, end, speakers, how))

        for pattern, how in (
            (_SECTION_NAME, "section"),
            (_PAPER_OF, "role"),
            (_ENTITY_ROLE, "possessive"),
            (_ENTITY_NOUN, "statement"),
            (_ENTITY_ELLIPSIS, "possessive"),
            (_ROLE_OF, "role"),
            (_OFFICE_OF, "role"),
            (_ADJECTIVE_ROLE, "adjective"),
            (_PERSON_NAME, "person"),
            (_BARE, "subject"),
        ):
            for match in pattern.finditer(text):
                add(match, how)
        return sorted(phrases, key=lambda p: p.start)

    def _sentence(self, skeleton: Skeleton, current: tuple[_Speaker, ...]) -> tuple[list[_Speaker], bool]:
        """Return the speakers of one sentence, and whether somebody speaks who is no delegation."""
        text = skeleton.text
        blocked = bool(_CHAIR_SECTION.match(text))
        groups = self._groups(skeleton)
        group_spans = [(a, b) for a, b, _ in groups]
        accepted: list[_Phrase] = []
        for phrase in self._phrases(skeleton, group_spans):
            if blocked and phrase.how == "section":
                continue
            how = self._judge(skeleton, phrase, accepted)
            if how:
                speakers = tuple(replace(sp, how=how) for sp in phrase.speakers)
                accepted.append(replace(phrase, speakers=speakers, how=how))
                office = re.match(rf"(?:[Tt]he |[Aa]n? )?((?:Deputy )?{_OFFICE}) ", text[phrase.start : phrase.end])
                if office:
                    self.offices[office[1].lower()] = speakers
        accepted.extend(self._included(skeleton, accepted))
        unnamed = self._unnamed(skeleton, accepted)
        anaphoric, stopped = self._anaphora(skeleton, accepted, current)
        blocked = blocked or stopped
        result: dict[str, _Speaker] = {}
        for phrase in sorted([*accepted, *anaphoric], key=lambda p: p.start):
            for sp in phrase.speakers:
                result.pop(sp.code, None)
                result[sp.code] = sp
        for start, _, speakers in groups:
            if (
                result
                or not re.search(rf"\b{_SPEECH}", text[:start])
                or re.match(r"(?:The|A|In a) (?:\w+ )?(?:statement|letter|note|paper)\b", text)
            ):
                for sp in speakers:
                    result.setdefault(sp.code, sp)
        match = _THROUGH.search(text)
        if match:
            for sp in self._speakers(skeleton, match.start(1), match.end(1), "role"):
                result.setdefault(sp.code, sp)
        found = list(result.values())
        if not found and (_BLOCKED.search(text) or _CHAIR_FIRST.match(text)):
            blocked = True
        return found + unnamed, blocked

    def _groups(self, skeleton: Skeleton) -> list[tuple[int, int, tuple[_Speaker, ...]]]:
        """Find the groups, and other delegations, on whose behalf somebody speaks in the sentence."""
        text = skeleton.text
        found = []
        seen: set[int] = set()
        first_that = re.search(r"\b(?:said|that|whether)\b", text)
        limit = first_that.start() if first_that else len(text)
        for pattern in (_STATEMENT_OF, _GROUP_STRICT, _GROUP_CUE):
            for match in pattern.finditer(text):
                start, end = match.span(1)
                if start in seen:
                    continue
                names = skeleton.codes(start, end)
                if pattern is not _GROUP_STRICT and not all(n.kind == "body" for n in names):
                    continue
                if re.search(r"^ (?:alone|itself)\b", text[end:]):
                    continue
                inverted = re.search(
                    rf"(?:{_ROLE}|{ENTITY}|{SECTION}|{PERSON})[^.;]{{0,40}},? ?$", text[: match.start()]
                )
                if re.search(
                    r"\b(?:had|has|have) (?:\w+ )?(?:said|stated|spoken|made|delivered|read(?: out)?|noted|argued)\b[^,;]{0,40}$|\bnot (?:be )?(?:speaking|spoken)? ?$|\bsaid $",
                    text[: match.start()],
                ) or re.search(r"\bnot speaking", text[max(0, match.start() - 14) : start]):
                    continue
                if match.start() > limit and not inverted and not re.search(r"[Ss]peaking|[Ss]poke", match[0]):
                    continue
                if (
                    pattern is _GROUP_CUE
                    and re.match(r"^[Ff]or ", match[0].lstrip(" ,("))
                    and not text[: match.start()].strip(' "')
                    and not re.search(r"[Ss]p[eo]", match[0])
                ):
                    if not re.match(
                        rf"^, (?:the (?:{_ROLE}) |{_THE}{STATE}|{SECTION}|{PERSON}|{ADJECTIVE})", text[end:]
                    ):
                        continue  # "For the African Group, the sums …" names the subject itself
                seen.add(start)
                found.append((match.start(1), end, self._speakers(skeleton, start, end, "represented")))
        return found

    def _judge(self, skeleton: Skeleton, phrase: _Phrase, accepted: Sequence[_Phrase]) -> str | None:
        """Return the construction that makes a phrase a speaker, or None where it is only mentioned."""
        text = skeleton.text
        before, after = text[: phrase.start], text[phrase.end :]
        if before.count('"') % 2:
            return None
        if before.count("(") > before.count(")") and phrase.how != "section" and not re.search(r"\($", before):
            return None
        inverted = _INVERTED.search(before)
        if inverted and any(re.fullmatch(_INSERT + " ?", text[q.end : inverted.start(1)]) for q in accepted):
            inverted = None  # "X, speaking for Y, thanked Z": the verb has its subject already
        if inverted and not self._embedded(
            text[: inverted.start() + 1] + text[phrase.start :],
            replace(phrase, start=inverted.start() + 1, end=inverted.start() + 1),
            accepted,
        ):
            return phrase.how
        embedded = self._embedded(text, phrase, accepted)
        if re.search(r"\bwith (?:both )?$", before) and _FOLLOWED_GERUND.match(after):
            return "complement"
        if phrase.how == "subject":
            return self._judge_bare(text, phrase, accepted, embedded)
        if phrase.how in ("section",):
            return (
                "section"
                if not _BEFORE_REJECT.search(before)
                or re.search(rf"{SECTION}[^;]*?,? and $", before)
                or re.search(r"\b(?:[Aa]ccording to|by) $", before)
                else None
            )
        if _SO_DID.search(before) and (re.search(r"\b(?:so|nor|neither|as) \w+ $", before) or not embedded):
            return phrase.how
        if phrase.how == "person" and re.match(r"'s?\b", after):
            return None
        if phrase.how == "statement":
            return (
                "possessive"
                if not before.strip(' "(')
                or (_INTRO.match(before) and not accepted)
                or re.search(r"[;—] (?:and |but )?$", before)
                else None
            )
        if re.search(r", an? (?:\w+ ){1,3}(?:(?:in|to|with|from|by) )?(?:which|that) $", before):
            return phrase.how
        if embedded:
            return None
        if _AGENT.search(before):
            return None if _NOT_AGENT.search(before) and not _FOLLOWED_RELATIVE.match(after) else "agent"
        if _HEARD.search(before) or re.search(r"(?:^|[,;] )(?:and |but )?(?:[Ff]or|[Tt]o) $", before):
            return phrase.how
        if re.search(r"^[Ff]rom $|[,;] from $", before) and re.search(
            r"^[^,;.]{0,40}\b(?:came|was|were|followed)\b|^,", after
        ):
            return phrase.how
        if _SO_DID.search(before):
            return phrase.how
        if _FOLLOWED_RELATIVE.match(after) and not re.search(
            r"\b(?:thanked|congratulated|unlike|than)\b[^,;]*$", before
        ):
            return phrase.how
        if re.search(r"\b(?:and|or) $", before) and _FOLLOWED_SPEECH.match(after):
            return phrase.how
        if _BEFORE_REJECT.search(before) and not _HARD_START.search(before):
            return None
        if re.search(rf"(?:{_SPEECH}|[a-z]+ing|[a-z]+ed) $", before) and not _HARD_START.search(before):
            # "thanked the representative of X": an object, unless the sentence has nobody else and the verb is inverted.
            if not (
                re.search(
                    r"^[^,\"]{0,80}\b(?:has|have|had)? ?(?:spoken|adhered|spoke|rose|joined|followed|came|sided|stood) $",
                    before,
                )
            ):
                return None
            return phrase.how
        if _FOLLOWED.match(after) or (
            re.match(rf"^{_PAREN}(?:,|;|\.|$| —| in | on | at |:)", after)
            and (_HARD_START.search(before) or _INTRO.match(before))
        ):
            return phrase.how
        if _HARD_START.search(before) or (not accepted and _CLAUSE_START.search(before)):
            return phrase.how
        return None

    def _judge_bare(self, text: str, phrase: _Phrase, accepted: Sequence[_Phrase], embedded: bool) -> str | None:
        """Judge a bare name: it speaks only as the subject of a clause of its own."""
        before, after = text[: phrase.start], text[phrase.end :]
        if re.match(r"'s? ", after) and not re.match(rf"'s? {_MODIFIER}(?:view|opinion|position)\b", after):
            return None
        start = not before.strip(' "(—') or bool(
            re.match(r"^(?:The|An?) (?:[a-z-]+ ){1,4}$", before) and phrase.speakers[0].code not in self.registry
        )
        bare_first = (bool(accepted) and accepted[0].how in ("subject", "agent", "with", "included")) or self.bare_style
        if re.search(r"\b(?:has|have|had) (?:\w+ )?spoken $", before):
            return "subject"
        # Bulletins: who goes with, supports or opposes the subject.
        if (accepted and bare_first) or self.capital_style:
            if re.search(
                r"(?:^|, |; |\band )(?:was |were |also |and )?(?:supported|opposed|seconded|echoed|backed|joined|followed|countered|contested|questioned)(?: \w+ly)? by $",
                before,
            ) or re.search(
                r"\b(?:supported|opposed) by (?:[^;.]*, )?(?:and|but) opposed by $|\band opposed by $", before
            ):
                return "agent"
            if accepted and re.fullmatch(
                r",? (?:together |along |jointly )?with ", text[accepted[-1].end : phrase.start]
            ):
                return "with"
        if embedded:
            return None
        if re.search(r"(?:^|[,;] )(?:[Aa]ccording to|[Ii]n the (?:words|view|opinion|telling) of) $", before):
            return "subject"
        anaphoric = _ANAPHORIC.search(after) and re.search(
            rf"\b(?:[Ii]ts|[Hh]er|[Hh]is|[Tt]heir|[Tt]he) {_MODIFIER}(?:{_ROLE}|{_OFFICE})\b,? (?:{_ADVERB} )*(?:{_SPEECH}|{_AUX})",
            after,
        )
        if re.match(r"^(?:Meanwhile, |But |And )?(?:[Ff]or|[Tt]o|[Ii]n|[Ff]rom|[Aa]s for) $", before) and re.match(
            r"^(?:,|'s)", after
        ):
            # "For Lesotho, the sums are simple": the topic is the speaker where somebody of its own says so,
            # or where bare names are how the text reports.
            fits = anaphoric or (self.bare_style and before.strip().lower().startswith(("for", "to")))
            return "subject" if fits else None
        if re.search(
            r"(?:^|; |, )(?:the|its) (?:host|sponsor|proponent|co-sponsor|incoming chair|country),? $", before
        ):
            return "subject"
        if re.search(r"\b(?:[Ff]irst|[Nn]ext|[Ll]ast)\b[^,;]{0,30} (?:was|came) $", before) and re.match(
            r"^, (?:which|who)\b", after
        ):
            return "subject"
        if (
            re.search(r"\band $", before)
            and accepted
            and re.match(r"^ (?:that|the latter|the former)\b", after)
            and bare_first
        ):
            return "subject"
        if accepted and re.search(r"\bby $", before) and re.match(r"(?:that|those) of ", text[phrase.start :]):
            return "agent"
        if re.search(r", as (?:did|had|would|was|were|does|do) (?:those of |the )?$", before):
            return "subject"
        if start and re.match(rf"^ ?(?:likewise|too|similarly)?, (?:{_GERUND})", after):
            return "subject"
        if (
            self.bare_style
            and re.match(
                r"^(?:On|At|In|To|After|Before|During|When|By|Over|This|That|Later|Earlier)\b[^,;]{1,45} $", before
            )
            and _FOLLOWED_SPEECH.match(after)
        ):
            return "subject"
        if (
            _SO_DID.search(before)
            and _TAIL.match(after)
            and re.search(r"\b(?:so|nor|neither|as) \w+ $|Not so $", before)
        ):
            return "subject"
        if re.search(r"^From $", before) and re.match(r"^ (?:the|we) (?:\w+ ){0,2}?heard\b", after):
            return "subject"
        if re.search(rf"\b[Ii]t was (?:\w+ )?{_PARTICIPLE} by $", before) and re.match(
            r"^ (?:that|whether|how|why)\b", after
        ):
            return "agent"
        if re.search(r"^Not so $", before):
            return "subject"
        colon = re.match(r"^ ?:", after)
        if start:
            if colon and self.bare_style:
                return "subject"
            if _FOLLOWED_SPEECH.match(after) and not self._passive(after):
                return "subject"
            if anaphoric or (_FOLLOWED.match(after) and re.search(rf"[,\"] {PERSON} {_SPEECH}", after)):
                return "subject"
            if self.bare_style and _FOLLOWED_SPEECH.match(re.sub(r"\b(?:and|but) ", "", after)):
                return "subject"
            if (
                self.bare_style
                and (_FOLLOWED.match(after) or re.match(rf"^{_INSERT} [a-z]+s\b", after))
                and not self._passive(after)
            ):
                return "subject"
            return None
        if not _FOLLOWED_SPEECH.match(after) or self._passive(after):
            if not (self.bare_style and _HARD_START.search(before) and _FOLLOWED.match(after)):
                return None
        if _HARD_START.search(before):
            # "while X said that A and B had signed": coordination inside what somebody else says is no new speaker.
            if re.search(r"\band $", before) and accepted and not re.search(r"[;,] and $", before):
                return None
            return "subject" if bare_first or not accepted or not re.search(r", and $", before) else None
        if re.search(r", $", before):
            if not accepted and not _EMBEDDING.search(
                re.sub(
                    r"^(?:As|While|Since|When|If|Although|Though|Whereas|Unlike|Until|Because|Than|Provided that|Given that|Noting that|Recalling that)\b",
                    "",
                    before,
                )
            ):
                return "subject"
            return "subject" if bare_first and self.bare_style else None
        return None

    @staticmethod
    def _passive(after: str) -> bool:
        """Tell whether the verb behind a name is a passive ("was accused"), which nobody says of himself."""
        return bool(
            re.match(
                rf"^{_INSERT} ?(?:was|were|is|are|had been|has been|have been) (?:also )?(?:{_PARTICIPLE})(?: as| of| by| for| in)\b",
                after,
            )
        )

    @staticmethod
    def _embedded(text: str, phrase: _Phrase, accepted: Sequence[_Phrase]) -> bool:
        """Tell whether a phrase stands inside what an earlier speaker of the sentence says."""
        earlier = [p for p in accepted if p.end <= phrase.start and p.how not in ("included",)]
        pronoun = re.search(rf"\b(?:[Hh]e|[Ss]he|[Tt]hey|{PERSON})\b(?: \w+){{0,2}}? {_SPEECH}", text[: phrase.start])
        origin = earlier[-1].end if earlier else (pronoun.end() if pronoun else None)
        if origin is None:
            return bool(
                re.search(r"\b(?:asked|inquired|wondered|heard) (?:whether|why|how|what) [^,;]*$", text[: phrase.start])
            )
        between = text[origin : phrase.start]
        cut = [m.end() for m in _EMBEDDING.finditer(between)]
        if re.match(
            r"(?:While|Whereas|Although|Though|As|Where|If|Even if|Even though)\b", text
        ) and between.rstrip().endswith((",", ", her", ", his", ", its")):
            return False
        if not cut:
            # "said X had …", "urged X to …": no conjunction, but the verb's own complement.
            return bool(re.search(rf"\b(?:{_SPEECH})(?: to| on| for| upon)? (?:the )?$", between)) and not re.search(
                r"[,;\"]", between[-3:]
            )
        return not _BOUNDARY.search(between[cut[-1] :] + text[phrase.start])

    def _included(self, skeleton: Skeleton, accepted: Sequence[_Phrase]) -> list[_Phrase]:
        """Find "a number of delegates, including representatives of A and B, …"."""
        text = skeleton.text
        found = []
        for match in _INCLUDING.finditer(text):
            before = text[: match.start()]
            named = _UNNAMED.search(before) or _UNNAMED_BARE.search(before)
            if not named or not re.search(r"(?:, |\(|— ?)$", before) or before.count("(") > before.count(")"):
                continue
            if re.search(r"\bthat\b", before[named.start() :]) or self._embedded(
                text, _Phrase(match.start(), match.end(), (), ""), accepted
            ):
                continue
            if named.end() < match.start() - 60:
                continue
            start, end = match.span(1)
            if not any(p.start < end and p.end > start for p in accepted):
                found.append(_Phrase(start, end, self._speakers(skeleton, start, end, "included"), "included"))
        return found

    def _unnamed(self, skeleton: Skeleton, accepted: Sequence[_Phrase]) -> list[_Speaker]:
        text = skeleton.text
        found: list[_Speaker] = []
        view = _UNNAMED_VIEW.match(text)
        if view and not accepted:
            return [_Speaker(UNNAMED, "unattributed view", "unnamed", "unnamed")]
        spans: list[tuple[int, int]] = []
        for pattern in (_UNNAMED, _UNNAMED_BARE):
            for match in pattern.finditer(text):
                if any(match.start() < b and match.end() > a for a, b in spans):
                    continue
                before, after = text[: match.start()], text[match.end() :]
                if before.count('"') % 2 or any(p.start <= match.start() < p.end for p in accepted):
                    continue
                inverted = _INVERTED.search(before)
                clause = not before.strip(' "(') or _HARD_START.search(before) or _INTRO.match(before)
                follows = (
                    _FOLLOWED_SPEECH.match(after)
                    or re.match(
                        rf"^(?: (?:of|from|in|with|without) [^,;]{{1,80}}?)?{_INSERT} ?(?:{_SPEECH}|{_AUX})", after
                    )
                    or re.match(r"^, including", after)
                )
                if self._embedded(text, _Phrase(match.start(), match.end(), (), ""), accepted):
                    continue
                if (
                    inverted
                    or (clause and follows)
                    or (re.search(r"\bwith $", before) and _FOLLOWED_GERUND.match(after))
                ):
                    spans.append(match.span())
                    words = re.sub(r"\s+", " ", text[match.start() : match.end()]).strip()
                    found.append(_Speaker(UNNAMED, words, "unnamed", "unnamed"))
        return found

    def _anaphora(
        self, skeleton: Skeleton, accepted: Sequence[_Phrase], current: tuple[_Speaker, ...]
    ) -> tuple[list[_Phrase], bool]:
        """Resolve "its delegate", "the Executive Director" and pronouns; also tell whether an outsider speaks."""
        text = skeleton.text
        if accepted:
            opening = _OPENING_PRONOUN.match(text)
            if opening and current and all(p.start > opening.end() for p in accepted):
                speakers = tuple(replace(sp, how="pronoun") for sp in current)
                return [_Phrase(0, opening.end(), speakers, "pronoun")], False
            return [], False
        for match in _ANAPHORIC.finditer(text):
            before, after = text[: match.start()], text[match.end() :]
            if before.count('"') % 2 or self._embedded(text, _Phrase(match.start(), match.end(), (), ""), ()):
                continue
            if not self._speaks(before, after) and not re.search(r"\b(?:in the words of|according to) $", before):
                continue
            speakers = self._topic(skeleton, match.start()) or self.offices.get(self._office(match[0])) or current
            if speakers:
                return [
                    _Phrase(
                        match.start(), match.end(), tuple(replace(sp, how="anaphora") for sp in speakers), "anaphora"
                    )
                ], False
        if _BLOCKED.search(text) or _CHAIR_FIRST.match(text):
            return [], True
        for match in _PRONOUN.finditer(text):
            before, after = text[: match.start()], text[match.end() :]
            if not current or before.count('"') % 2 or (match[0].lower() == "they" and len(current) < 2):
                continue
            if (
                match[0].lower() == "it"
                and not self.bare_style
                and not (current[-1].kind != "state" and _FOLLOWED_SPEECH.match(after))
            ):
                continue
            if self._speaks(before, after) and not self._passive(after):
                speakers = tuple(replace(sp, how="pronoun") for sp in current)
                return [_Phrase(match.start(), match.end(), speakers, "pronoun")], False
        return [], False

    @staticmethod
    def _speaks(before: str, after: str) -> bool:
        """Tell whether a verb of saying belongs to what stands between the two texts."""
        return bool(
            _INVERTED.search(before)
            or re.match(rf"^{_PAREN}(?: ?,? ?{_ADVERB},?)* ?(?:{_AUX} (?:{_ADVERB} )*)?(?:{_SPEECH})", after)
            or re.match(rf"^(?:, [^,]{{1,80}},) ?(?:{_SPEECH})", after)
        )

    @staticmethod
    def _office(words: str) -> str:
        return re.sub(r"^(?:the|its|his|her|their|that|this) ", "", words.lower())

    def _topic(self, skeleton: Skeleton, end: int) -> tuple[_Speaker, ...]:
        """Return the delegation that a sentence is about before "its delegate": its subject, or "For X, …"."""
        text = skeleton.text
        best: tuple[_Speaker, ...] = ()
        for match in _BARE.finditer(text, 0, end):
            before, after = text[: match.start()], text[match.end() :]
            if match.end() > end or before.count('"') % 2:
                continue
            subject = (
                re.match(rf"^{_INSERT} ?(?:{_FINITE}|[a-z]+s\b)", after)
                or re.match(r"^(?:Nor|Neither|So|Not) \w+ $", before)
                or (
                    text[match.end() : end].strip(" ,") == ""
                    and re.search(r"[Ss]peaking (?:for|on behalf of) $", before)
                )
            )
            starts = (
                not before.strip(' "(')
                or re.match(r"^(?:Nor|Neither|So|Not|Only then) \w+ $", before)
                or _HARD_START.search(before)
                or _INTRO.match(before)
                or re.search(r"[Ss]peaking (?:for|on behalf of) $", before)
            )
            framed = re.match(
                r"^(?:[A-Z]\w+, )?(?:For|In|To|From|As for|Speaking for|Speaking on behalf of) $", before
            ) and re.match(r"^(?:,| )", after)
            unlike = (
                re.search(r"\b(?:[Uu]nlike|[Ll]ike|than|with|from|by|to|of|against|as) $", before)
                and not framed
                and not re.search(r"[Ss]peaking", before)
            )
            if ((subject and starts) or framed) and not unlike:
                best = self._speakers(skeleton, match.start(), match.end(), "anaphora")
                if subject:
                    break
        return best


def attribute(
    document: Document, sentences: Sequence[Sentence] | None = None, registry: Registry | None = None
) -> Attribution:
    """Link every sentence of a document to the speakers that it reports.

    Parameters
    ----------
    document : Document
        A document as read.
    sentences : sequence of Sentence, optional
        Its sentences; split here when left out.
    registry : Registry, optional
        The delegations that can speak; the package's own when left out.

    Returns
    -------
    Attribution
        Statements in the order of the text, listed speakers, and the names found in each sentence.
    """
    sentences = split_sentences(document) if sentences is None else sentences
    return _Reader(document, sentences, registry or load_registry()).read()
