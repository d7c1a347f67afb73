"""What stands before and behind a noun phrase, as far as it tells whether the phrase is a speaker.

Patterns for what stands *before* end in ``$`` and are searched in the text up to the phrase; patterns for what stands
*behind* begin with ``^`` and are matched against the text from its end.
"""

from __future__ import annotations

import re

from stance.attribution import lexicon as lx
from stance.attribution.grammar import ADVERB, AUX, FINITE, GERUND, INSERT, MIND, PAREN, PARTICIPLE, SPEECH
from stance.prefix_tree import prefix_tree

__all__ = [
    "AGENT",
    "BEFORE_REJECT",
    "BOUNDARY",
    "CLAUSE_START",
    "EMBEDDING",
    "FOLLOWED",
    "FOLLOWED_GERUND",
    "FOLLOWED_RELATIVE",
    "FOLLOWED_SPEECH",
    "HARD_START",
    "HEARD",
    "IDENTITY",
    "INTRO",
    "INVERTED",
    "NOT_AGENT",
    "PASSIVE",
    "REDUCED_RELATIVE",
    "SO_DID",
    "SO_WORD",
]

# -- clauses ---------------------------------------------------------------------------------------------------------

# The end of what somebody says, where another can begin: "… that it was late, while |Oman …".
BOUNDARY = re.compile(
    r"(?:[;—]|, (?:and|but|while|whereas|though|although|with|as did|yet|whilst|as|to which|a \w+ (?:which|that)) |"
    r" while | whereas |: |\. |, (?:and )?(?=[\ue000-\uf8ff]))"
)
# The beginning of what somebody says: "said that", "asked why"; not the "which" of "in which".
EMBEDDING = re.compile(
    # The letters first: most words are none of these, and nine looks behind cost more than one ahead.
    r"\b(?=[abhistuw])(?<!\b[Ii]n )(?<!\b[Oo]n )(?<!\b[Tt]o )(?<!\b[Ww]ith )(?<!\b[Aa]t )(?<!\b[Oo]f )(?<!\b[Ff]or )(?<!\b[Bb]y )"
    r"(?<!\b[Ff]rom )"
    r"(?:that|whether|how|why|which|because|if|when|where|who|whom|what|until|since|unless|than|as)\b"
)

# -- before the phrase -----------------------------------------------------------------------------------------------

# Where a clause may begin, commas included: "On costs, |Oman".
CLAUSE_START = re.compile(
    r"(?:^|[;:—(] ?|^\"q*\"[,]? ?|"
    r"(?:^|, |; |[a-z] |\) )(?:and|but|while|whereas|with|though|although|whilst|as|yet|nor|so|for its part) |"
    r", |\" )$"
)
# Where a clause must begin: the sentence, a semicolon, ", but |Oman", "while |Oman".
HARD_START = re.compile(
    r"(?:^\W*|[;—] ?(?:and |but |while |whereas )?|[,)] (?:and|but|while|whereas|though|although|whilst) |"
    r"\b(?:while|whereas|whilst) |: )$"
)
# One opening adverbial: "Turning to reparations, |Oman".
# The number of a document stands in quotes and says nothing: "In connection with “L.5”, |Oman".
INTRO = re.compile(r"^(?:[^;:\"]|\"[^q\"][^\"]{0,11}\")*, (?:and |but )?$")
# A preposition or conjunction that makes the phrase part of something else: "a letter to |Oman".
BEFORE_REJECT = re.compile(
    r"\b(?:of|to|on|at|against|between|among|like|unlike|than|about|into|over|under|in|within|beyond|behind|via|per|"
    r"around|toward|towards|outside|besides|including|"
    r"with|from|for|by|and|or|as)(?: (?:both|all|what))? $"
)
# The one heard: "The Committee heard from |the delegate of Oman", "in the view of |the delegate of Oman".
HEARD = re.compile(
    r"\b(?:heard|hear|hearing)(?: \w+)? from $|"
    r"\b(?:[Aa]ccording to|[Ii]n the "
    r"(?:words|view|opinion|telling|judgement|judgment|reading|experience|assessment) of) $"
)
# Whose view that is which was just told: "That was also the position of |the delegate of Oman".
IDENTITY = re.compile(
    r"^(?:That|This) (?:was|is) (?:also |likewise |precisely )?(?:the |an? )?(?:\w+ )?"
    r"(?:argument|assessment|attitude|belief|conclusion|concern|conviction|feeling|hope|opinion|position|preference|reading|"
    r"reasoning|request|stance|understanding|view|wish)(?: also| likewise| too)?,? of "
    r"(?:[^;:\"]{1,80} and,?(?: [^,;:\"]{1,60},)? of )?$|"
    r"^(?:That|This) (?:was|is) (?:also |likewise |precisely )?(?:how|what|why) (?:both )?(?:the )?$"
)
# The agent of a passive: "The clause was supported by |the delegate of Oman".
AGENT = re.compile(
    rf"\b(?:{PARTICIPLE}|given|seconded|backed|shared|joined|followed|taken up|made|put|delivered|introduced|moved|"
    r"broken|raised|challenged|opposed|supported|echoed)"
    r"(?: \w+ly| up| out| on| down| in turn| forward| today| yesterday| last \w+)? by (?:both )?$|"
    r"\b(?:considered|deemed|found|judged|thought|called) (?:[\w-]+ ){1,3}by (?:both )?$|"
    r"\b(?:had|met with|won|enjoyed|received) the (?:\w+ )?(?:support|approval|agreement) of (?:both )?$"
)
# An agent inside what another speaks of: "He recalled the proposal made by |the delegate of Oman".
NOT_AGENT = re.compile(
    r"\b(?:statements?|remarks?|views?|concerns?|position|positions|points?|questions?|proposals?|comments?|"
    r"observations?|documents?|papers?|text|report|reports|amendments?|draft|language|suggestions?|arguments?|craft|"
    r"issues?|motion|call|calls|approach|convention|network)"
    r"(?: (?:just|earlier|previously|already|that (?:was|were|had been)|which (?:was|were|had been)))?"
    r" (?:made|delivered|given|submitted|put forward|mentioned|raised|introduced|expressed|proposed|presented|"
    r"circulated|tabled|outlined|voiced|contributed|sponsored|led|convened|provided|prepared|issued|described|offered|"
    r"cited|reported|posed|advanced|backed|commissioned|championed)(?: \w+ly| up| out)? by (?:both )?$"
)
# A participle that belongs to the noun before it, with no auxiliary: "the comparison drawn by |the delegate of Oman",
# "the doubts expressed by |the delegate of Oman". Also behind the comma of a paper: "a draft, tabled by |Oman's delegate".
REDUCED_RELATIVE = re.compile(
    rf"\b(?:(?i:the|a|an|that|those|this|these|its|her|his) (?:(?!{AUX})[\w'-]+ ){{0,4}}?"
    rf"(?!{AUX}|been |being )(?:[\w-]+)|that|those)(?: (?:just|earlier|previously|already|so \w+ly))? "
    r"(?:made|given|drawn|voiced|expressed|mentioned|raised|put forward|described|outlined|advanced|cited|proposed|"
    r"presented|submitted|tabled|delivered|shared|taken|held|defended|stated|set out|offered|advocated|formulated)"
    r"(?: \w+ly| up| out| forward)? by (?:both )?$|"
    r"\b(?i:an?|the) (?:[\w-]+ ){0,3}?(?:proposal|paper|draft|text|document|note|amendment|motion|letter|decision|resolution|"
    r"[Aa]greement|[Cc]onvention|[Tt]reaty|[Dd]eclaration|[Pp]rotocol|[Aa]rrangement|[Pp]rogramme|[Pp]lan|[Ss]tudy)"
    r"(?: on [^,;]{1,80})?(?: \([^)]*\))?, (?:made|submitted|tabled|circulated|prepared|put forward|drafted|concluded|adopted|signed|announced|introduced|proposed|sponsored) by (?:the |both )?$|"
    # "the doubts that had been expressed by |the delegate of Oman"
    r"\b(?:that|which) (?:had|has|have) (?:\w+ )?been (?:\w+ly )?\w+(?: up| out| forward)? by (?:the |both )?$"
)
# A verb that stands before its subject: "…, added |the delegate of Oman".
INVERTED = re.compile(
    r"(?:[,\"?!—:;)]|^)\s*"
    r"(?:and |as |so |then |but |had |has |have |was |were |is |also |thus |there )*"
    rf"(?:{ADVERB} )?((?:{prefix_tree(lx.INVERTING_VERBS)})\b|spoken)"
    r"(?: (?:for|by|also|too|on|in turn|back|both))? $"
)
# Short agreement with the one before: "so did |the delegate of Oman", "then followed |the delegate of Oman".
SO_DID = re.compile(
    r"\b(?:so|as|nor|neither) (?:did|was|were|would|had|could|do|does|has) $|"
    r"\b(?:came|followed|adhered|went|joined|stood|spoke|weighed in)(?: \w+)? $|\bNot so $|"
    r"\b[Ss]o too (?:was|were|had) $|\b[Ss]o (?:too )?(?:said|did) $"
)
# The same with "so", "nor", "neither" or "as" itself: "nor could |the delegate of Oman".
SO_WORD = re.compile(r"\b(?:so|so too|nor|neither|as) \w+ $")

# -- behind the phrase -----------------------------------------------------------------------------------------------

# Any finite verb: "|, which is landlocked, signed".
FOLLOWED = re.compile(rf"^{INSERT} ?(?:who |which )?(?:{FINITE})")
# A verb of saying, with an auxiliary or without: "| also urged", "| would prefer"; "| should explain" is advice to it.
FOLLOWED_SPEECH = re.compile(
    rf"^{INSERT} ?(?:(?:who|which) )?(?:(?:(?!should|must|shall|may|might|can\b){AUX} (?:{ADVERB} )*)?{SPEECH}|{MIND})"
)
# "|, who likewise asked".
FOLLOWED_RELATIVE = re.compile(rf"^{PAREN},? who(?: {ADVERB})* {SPEECH}")
# "(with) | noting"; "regarding" is a preposition.
FOLLOWED_GERUND = re.compile(rf"^{PAREN}(?: {ADVERB})* (?!(?:regarding|concerning)\b){GERUND}")
# A passive, which nobody says of himself: "| was accused of".
PASSIVE = re.compile(
    rf"^{INSERT} ?(?:was|were|is|are|had been|has been|have been) (?:also )?(?:{PARTICIPLE})"
    r"(?: as| of| by| for| in)\b"
)
