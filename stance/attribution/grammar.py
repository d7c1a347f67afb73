"""The noun phrases by which summaries name a speaker, and the words they are built from.

All patterns run over a *skeleton* (``skeleton.py``), in which each known name is one character. In the examples of
the comments the names are written out.
"""

from __future__ import annotations

import re
import unicodedata

from stance.attribution import lexicon as lx
from stance.attribution.skeleton import ADJECTIVE, BODY, ENTITY, PERSON, SECTION, STATE
from stance.prefix_tree import prefix_tree

__all__ = [
    "ADJECTIVE_ROLE",
    "ADVERB",
    "ANAPHORIC",
    "AUX",
    "BARE",
    "CAPITALS",
    "ENTITY_ELLIPSIS",
    "ENTITY_NOUN",
    "ENTITY_ROLE",
    "FINITE",
    "GERUND",
    "HONORIFIC",
    "INSERT",
    "LIST",
    "MEMBERS",
    "MIND",
    "MODIFIER",
    "NAMED_OF",
    "NAME_WORD",
    "OFFICE",
    "OFFICE_OF",
    "OPENING_PRONOUN",
    "PAPER_OF",
    "PAREN",
    "PARTICIPLE",
    "PERSON_NAME",
    "PERSON_OF",
    "PRONOUN",
    "ROLE",
    "ROLE_OF",
    "SECTION_NAME",
    "SPEECH",
    "THE",
    "UPPER",
    "WORDY",
]


def _is_capital(character: str) -> bool:
    return unicodedata.category(character) == "Lu"


# -- words -----------------------------------------------------------------------------------------------------------

# A capital of any alphabet with Latin letters ("Ș", "Ə", "Ứ"), also where its accent is a character of its own.
UPPER = (
    "(?:["
    + "".join(c for a, b in ((0x41, 0x250), (0x1E00, 0x1F00)) for c in map(chr, range(a, b)) if _is_capital(c))
    + "][\u0300-\u036f]*)"
)
# "the Netherlands", "its Norway" (of a group's member).
THE = r"(?:[Tt]he |its |her |his |their )?"
# "Belarus (on behalf of its neighbours)".
PAREN = r"(?: ?\([^()]*\))?"
# One member of a list: "the State of Qatar", "that of Chad", "members of the Group of 77"; no treaty's "Vienna".
_ITEM = (
    r"(?:(?:both |also |that of |those of |those from |the one from |of |from )?"
    r"(?:(?:the )?(?:States |countries |delegations |Parties )?(?:[Mm]embers? )?(?:States? |countries )?of )?"
    rf"{THE}{ENTITY}{PAREN}"
    r"(?! (?:Convention|Protocol|Charter|Declaration|Treaty|Agreement|Statute|Compact)\b))"
)
_AND = r"(?:,? (?:and|nor|as well as|together with|along with|or|&)(?: also)?|/| -) ?"
# "Peru, Togo and the Holy See"; also a single name.
# Others may close it: "Peru, Togo and several other delegations".
_AND_OTHERS = r"(?= and (?:several |many |some |a few )?(?:others\b|(?:further |other )\w))"
LIST = rf"{_ITEM}(?:(?:[,;] ?{_ITEM})*{_AND}{_ITEM})*(?:(?:, {_ITEM})+{_AND_OTHERS})?"
# Up to two words before a role: "deputy permanent representative", "youth delegate".
MODIFIER = rf"(?:{prefix_tree(lx.ROLE_MODIFIERS)} ?){{0,2}}"
# "delegate", "representatives": somebody who speaks for a delegation by being its …
ROLE = rf"(?:{prefix_tree(lx.ROLES)})s?"
# "Minister", "Director": an office that has a word or a name of its own behind it.
OFFICE = rf"(?:{prefix_tree(lx.OFFICES)})s?"
# "Mr.", "Sheikh".
HONORIFIC = rf"(?:{prefix_tree(lx.HONORIFICS)})\.?"
# A word of a person's name: "Ana", "K.", "de la Cruz"; in capitals: "O'NEILL".
NAME_WORD = rf"(?:(?:de|da|do|dos|das|van|von|der|den|bin|bint|ibn|al|el|la|le|du|di)[ -])*{UPPER}[\w'.\u0300-\u036f-]*"
CAPITALS = rf"(?:{UPPER}['-]?){{2,}}(?:{UPPER}[a-z]?['.-]?)*"
# One character of an apposition: no comma, unless it is the comma of a number ("12,000").
WORDY = r"(?:[^,;:\"]|(?<=\d),(?=\d))"
# What stands between a subject and its verb without being part of either: "also", "for her part", any "…ly".
ADVERB = rf"(?:\w+ly|{prefix_tree(lx.ADVERBS)})"

# -- verbs -----------------------------------------------------------------------------------------------------------

# "said", "urges"; "would like", but not "like".
SPEECH = rf"(?:{prefix_tree(lx.SPEECH_VERBS)}|(?<=\bwould )like(?= to\b| [^,;]{{1,80}} to be\b))\b"
AUX = rf"(?:{prefix_tree(lx.AUXILIARIES)})\b"  # "would", "could not"
GERUND = rf"(?:{prefix_tree(lx.SPEECH_GERUNDS)})\b"  # "saying"
PARTICIPLE = rf"(?:{prefix_tree(lx.SPEECH_PARTICIPLES)})\b"  # "supported (by)"
# "was grateful", "were not of the opinion", "had no objection": a state of mind is as good as a verb of saying.
MIND = (
    rf"(?:(?:was|were|is|are|remained|stayed|felt|seemed) (?:{ADVERB} )*(?:{prefix_tree(lx.MINDS)}|of (?:the|that|an?|another|one) (?:\w+ )?(?:belief|opinion|view)|"
    r"(?:for|behind) (?:it|that|this|these|those|the (?:draft|motion|proposal|text)))\b|"
    r"had (?:few |grave |great |no |serious |several |some |strong )?(?:difficult(?:y|ies)|misgivings|objections?|reservations?|sympathy)\b)"
)
FINITE = rf"(?:{SPEECH}|{AUX}|[a-z]+ed\b)"  # any finite verb, as far as its ending tells
# What may stand between a subject and its verb: company, a parenthesis, an apposition, an adverb
# ("Fiji (by video) and others, all of them islands, also said").
INSERT = (
    rf"(?:{PAREN}(?: and (?:several |many |some |a few )?(?:others\b|(?:further |other )+(?:countries|delegates|delegations|experts|Governments|members|representatives|speakers|States)\b))?(?:, (?!and |but )(?!while {THE}{ENTITY})[^;:]{{1,220}}?,| —[^—]{{1,160}}—)?"
    rf"(?: ?,? ?{ADVERB},?)*)"
)

# -- noun phrases that name a speaker --------------------------------------------------------------------------------

# A pattern with optional words at its beginning is tried at the beginnings of words alone.
_BEGINS = r"(?<!\w)"
# Possessive: "Ghana's deputy representative", "Togo's and Benin's delegates".
ENTITY_ROLE = re.compile(
    # A bare comma joins nothing: "Agreeing with Chad, Togo's representative asked".
    rf"{_BEGINS}(?:{THE}{ENTITY}(?:(?:'s|')?(?: and |, and )|(?:'s|'), ))*{THE}{ENTITY}(?:'s|')? {MODIFIER}"
    # "Ghana's Federal Police Commissioner", "Togo's Secretary for Justice"
    rf"(?:{ROLE}|(?:[A-Z][a-z]+ ){{0,2}}{OFFICE}|Secretary (?=for ))\b"
)
# Role with "of": "the representative of Ghana", "two experts from the island nation of Fiji".
ROLE_OF = re.compile(
    rf"{_BEGINS}(?:(?:[Tt]he|[Aa]n?|[Hh]is|[Hh]er|[Ii]ts|[Tt]heir|[Oo]ne|[Tt]wo|[Bb]oth) )?(?:\w+-\w+ )?{MODIFIER}\b(?i:{ROLE}|panell?ists?|secretariat)"
    r"(?:, [^,]{1,60},)? (?:of|from|for|representing|speaking for) "
    rf"(?:(?:the|an?) (?:[a-z-]+ ){{1,4}}(?={BODY})|(?:the )?(?:[A-Z][\w-]+ (?:(?:for|of|and) )?){{1,5}}(?:of|for) )?"
    rf"{LIST}"
)
# Office with "of": "the Deputy Minister for the Environment of Ghana".
OFFICE_OF = re.compile(
    rf"{_BEGINS}(?:(?:[Tt]he|[Aa]n?|[Hh]is|[Hh]er) )?{MODIFIER}{OFFICE}\b"
    rf"(?:,? (?:for|of|and|the|in|on|to|charge|[A-Z][\w'-]+))*? (?:of|for|to) {LIST}"
)
# Adjective: "the Ghanaian delegate", "the head of the Peruvian delegation".
ADJECTIVE_ROLE = re.compile(
    # "the Governor of the Ghanaian Central Bank"
    rf"{_BEGINS}(?:(?:[Tt]he )?{OFFICE} of the {ADJECTIVE} (?:[A-Z]\w+ )?"
    r"(?:Ministry|Parliament|Senate|Government|Bank|Authority|Agency|Customs|Police|Court)\b|"
    r"(?:(?:[Tt]he |[Aa] )?(?:head|leader|member|deputy head) of )?"
    rf"(?:(?:[Tt]he|[Aa]n?|[Hh]is|[Hh]er|[Ii]ts|[Tt]heir) )?(?:{ADJECTIVE}(?:, |,? and ))*{ADJECTIVE} {MODIFIER}"
    rf"(?:{ROLE}|{OFFICE})\b)"
)
# Words as the subject: "Ghana's main concern was", "Chad's statement dwelt on".
ENTITY_NOUN = re.compile(
    rf"{_BEGINS}{THE}{ENTITY}(?:'s|') (?:own |main |first |second |chief |initial |written |only |brief |short ){{0,2}}"
    rf"(?:{prefix_tree(lx.SPEECH_NOUNS)})\b(?= (?:{FINITE}|to|about|with|on|over|regarding)\b|,)"
)
# A paper as the subject: "A letter circulated by Ghana and Togo asked".
PAPER_OF = re.compile(
    r"^(?:An?|The|In a) (?:\w+ )?"
    r"(?:leaflet|paper|letter|message|statement|submission|contribution|note|memorandum|brief|proposal)"
    r"(?: (?:\w+ )?(?:circulated|submitted|distributed|sent|delivered|made|tabled|read out))?(?: in writing)?,? "
    rf"(?:from|by|of|on behalf of) {LIST}(?=,| (?:{FINITE}))"
)
# A possessive whose noun is left out: "The delegate of Ghana agreed; Togo's did not say."
ENTITY_ELLIPSIS = re.compile(
    rf"{_BEGINS}{THE}{ENTITY}'s?(?= (?:{ADVERB} )?(?:{SPEECH}|{AUX}|(?:to|on|of|for|that|against|with|at|as|regarding|concerning|the|an?) )|, who\b|"
    rf",(?: [\w-]+){{1,4}}, (?:{SPEECH}|{AUX}))"
)
# "AMA OWUSU (Ghana)".
SECTION_NAME = re.compile(SECTION)
# "Ms. Owusu", whom the document has introduced.
PERSON_NAME = re.compile(PERSON)
# A person with the country behind: "Mr. Ama Owusu of Ghana"; with capitals also "AMA OWUSU, of the African Union".
PERSON_OF = re.compile(
    rf"(?<!\w)(?<!\b[Tt]he )(?:(?:{PERSON}|{HONORIFIC} (?:{NAME_WORD} ){{0,4}}{NAME_WORD}),? of {THE}{STATE}(?!'s)|"
    rf"(?:{CAPITALS} ){{1,4}}{CAPITALS},? of (?:the )?{ENTITY}(?!'s))"
)
# The same with nothing to say that it is a person: "Ama Owusu of Ghana".
NAMED_OF = re.compile(
    r"(?<!\w)(?<!\b[Tt]he )(?!(?:The|An?|In|On|At|By|For|From|To|As|If|This|That|His|Her|Its|Their|Both|While|When)\b)"
    rf"(?:{NAME_WORD} ){{1,3}}{NAME_WORD} of {THE}{STATE}(?!'s)"
)
# Names and nothing else: "Ghana, Togo and Benin".
BARE = re.compile(_BEGINS + LIST)

# What a group is made of, before its short name: "the members of the (Group)", "Most countries of that (group)".
MEMBERS = (
    r"(?:[Tt]he (?:\w+ )?|(?:[Mm]ost|[Aa]ll)(?: of)?(?: the)? )?(?:[Mm]ember )?"
    r"(?:[Mm]embers|[Cc]ountries|States|[Dd]elegations) of (?:the|that) "
)

# -- noun phrases that point back ------------------------------------------------------------------------------------

# "its delegate", "the Minister", with no country behind.
ANAPHORIC = re.compile(
    rf"\b(?:[Ii]ts|[Hh]is|[Hh]er|[Tt]heir|whose|[Tt]he|[Tt]hat|[Tt]his) {MODIFIER}"
    rf"(?:(?:{prefix_tree(lx.ANAPHORIC_ROLES)})s?|{OFFICE})\b(?! (?:of|from|for) )"
)
PRONOUN = re.compile(r"\b(?:[Hh]e|[Ss]he|[Ii]t|[Tt]hey)\b")
# A sentence that opens with the speaker of the one before: "On funding, she asked …", "His delegation …".
OPENING_PRONOUN = re.compile(
    rf"^(?:[A-Z][^,]{{0,60}}, )?(?:(?:[Hh]e|[Ss]he)(?: {ADVERB})* (?:{SPEECH}|(?:would|could|had)\b(?! been\b))|"
    r"(?:[Hh]is|[Hh]er|[Ii]ts) (?:own )?(?:country|delegation|Government|government|group|Group)\b)"
)
