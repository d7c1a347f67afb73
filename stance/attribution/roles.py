"""Rules for a noun phrase that names a speaker by his role: "the delegate of Oman", "Oman's position"."""

from __future__ import annotations

import re
from collections.abc import Callable

from stance.attribution.clauses import asks, is_gapped, is_mere_member, reacts, somebody_had_said
from stance.attribution.contexts import (
    AGENT,
    BEFORE_REJECT,
    CLAUSE_START,
    FOLLOWED,
    FOLLOWED_GERUND,
    FOLLOWED_RELATIVE,
    FOLLOWED_SPEECH,
    HARD_START,
    HEARD,
    IDENTITY,
    INTRO,
    INVERTED,
    NOT_AGENT,
    REDUCED_RELATIVE,
    SO_DID,
    SO_WORD,
)
from stance.attribution.grammar import INSERT, PAREN, PARTICIPLE, PERSON_OF, SPEECH
from stance.attribution.outsiders import presides
from stance.attribution.place import Place, in_quotes, is_embedded, opens, speaks
from stance.attribution.skeleton import ENTITY, SECTION

__all__ = ["RULES_FOR_ALL", "RULES_FOR_ROLES", "judge_section"]

# -- rules -----------------------------------------------------------------------------------------------------------
# A rule returns a construction where the phrase speaks, MENTIONED where it does not, None where the rule is silent.
# "|" in an example marks the phrase.

MENTIONED = ""
_Rule = Callable[[Place], str | None]

# "…, with |Oman", "…, with both |Oman and Chad".
_WITH = re.compile(r"\bwith (?:both )?$")
# "The costs, according to |AMA OWUSU (Ghana), …": these prepositions do introduce a speaker.
_SECTION_SOURCE = re.compile(r"\b(?:[Aa]ccording to|by) $")
# "AMA OWUSU (Ghana), joined later by a colleague, and |KOFI MENSAH (Togo)".
_SECTION_JOINED = re.compile(rf"{SECTION}[^;]*?,? and $")
# "The Committee elected |AMA OWUSU (Ghana)".
_ELECTED = re.compile(
    r"\b(?:[Ee]lected|[Ee]lecting|[Aa]ppointed|[Aa]ppointing|[Nn]ominated|[Dd]esignated|[Tt]hanked) (?:by acclamation )?$"
)
# "Chad backed the text, a view which |the delegate of Oman shared".
_VIEW_WHICH = re.compile(r", an? (?:\w+ ){1,3}(?:(?:in|to|with|from|by) )?(?:which|that) $")
# "Chad backed the text, a view shared by |Oman", "…, a request supported by Togo and, with a reservation, by |Oman".
_VIEW_BY = re.compile(
    r", an? (?:[\w-]+ ){0,2}(?:view|opinion|position|stance|assessment|conclusion|sentiment|preference|doubt|concern|fear|hope|"
    r"wish|request|suggestion|appeal|call|objection|criticism|reservation|argument|point|reading|reasoning)"
    r"(?: that was| which was)? (?:also |likewise |later |then |fully )*"
    r"(?:shared|supported|echoed|backed|endorsed|expressed|voiced|repeated|seconded|taken up|joined|opposed|rejected|"
    r"disputed|contested)(?: (?:also|later|in part|by many, among them))? "
    r"by (?:both )?(?:[^.;:\"]{1,120}(?:,|\band)(?: [^.;:,\"]{1,40},)? by )?$"
)
# "For |the delegate of Oman, …", "…, and to |the delegate of Oman it was clear".
_FOR = re.compile(r"(?:^|[,;] )(?:and |but )?(?:[Ii]t (?:appeared|seemed) to|[Ff]or|[Tt]o) $")
# "From |the delegate of Oman came a warning".
_FROM = re.compile(r"^[Ff]rom $|[,;] from $")
_CAME = re.compile(r"^[^,;.]{0,40}\b(?:came|was|were|followed)\b|^,")
# A pronoun has the verb already: "he also joined |the delegate of Oman".
_WHO_JOINS = re.compile(r"\b(?:[Hh]e|[Ss]he|[Ii]t|[Tt]hey) (?:\w+ )?(?:joined|followed) $")
# "She thanked |the delegate of Oman, who had said": not a speaker though a verb of saying follows.
_THANKED = re.compile(r"\b(?:thanked|congratulated|unlike|than)\b[^,;]*$")
# "…, and |the delegate of Oman said".
_COORDINATED = re.compile(r"\b(?:and|or) $")
# A verb whose object the phrase can be: "thanked |the delegate of Oman".
_VERB_BEFORE = re.compile(rf"(?:{SPEECH}|[a-z]+ing|[a-z]+ed) $")
# A verb whose subject the phrase is, after an opening: "To that side had also adhered |the delegate of Oman".
_INVERTED_OPENING = re.compile(
    r"^[^,\"]{0,80}\b(?:has|have|had)? ?(?:spoken|adhered|spoke|rose|joined|followed|came|sided|stood) $"
)
# The phrase ends its clause: "|the delegate of Oman on the other hand: …".
_CLAUSE_ENDS = re.compile(rf"^{PAREN}(?:,|;|\.|$| —| in | on | at |:)")
# "…; |Oman's concern was", "… — but |Oman's concern was".
_NEW_CLAUSE = re.compile(r"[;—] (?:and |but )?$")
# A verb with somebody to whom it is said, and what he is told: "asked |Oman to wait", "told |Oman that it was late".
_ADDRESSING = re.compile(r"ask(?:ed|s)|urge[ds]|tell[s]?|told|charge[ds]")
_ADDRESSED = re.compile(rf"^{PAREN} (?:to|for|about|how|why|what|when|where|which|whether|if|that)\b")
# "As |the members of the Group were divided, it would wait": a circumstance of what is said.
_REASON = re.compile(r"^(?:As|Since|Because|Given that|If|Now that|Once) $")
# "To that question |the delegate of Oman", with a noun at its end that could be a verb.
_OPENING_ADVERBIAL = re.compile(
    r"^(?:On|To|In|At|With|By|After) (?:that|this|the|these|those|both|either|the same) (?:[\w-]+ ){0,2}"
    r"(?:questions?|request|points?|matters?|issues?|remarks?|comments?|proposals?|appeal|call|subject|topic|article|"
    r"paragraph|clause|occasion|debate|text|draft|statement|objections?|arguments?|suggestions?) $"
)
# "Chad's point was taken up by Peru's delegate and by |Oman's": the last of several agents.
_SECOND_AGENT = re.compile(r"(?:,? and|,|;) (?:also |later |then |by contrast )?by $")
# "The proposal of |Oman was welcomed by": how others met a paper, not what it says.
_PAPER = re.compile(r"(?:An?|The|In a) (?:\w+ )?(?:proposal|paper|statement|contribution|submission|note|letter)\b")
_MET = re.compile(rf"^ (?:was|were|had been|has been) (?:also |then |\w+ly )*(?:{PARTICIPLE})(?: \w+)? by\b")
# "In a joint statement read out by |the Secretary, the Nordic countries welcomed".
_CARRIED = re.compile(
    r"^In an? (?:[\w-]+ ){0,2}(?:statement|letter|note|message|paper)(?: of [^,;]{1,40})? (?:read(?: out)?|circulated|distributed|delivered) by $"
)
_CARRIED_PAPER = re.compile(
    r"In an? (?:\w+ )?(?:statement|letter|note|message)[^,;]* (?:read out|circulated|distributed|delivered) by "
)
_ANOTHER_SUBJECT = re.compile(rf"^(?: [^,;]{{1,40}})?, (?:(?:the|The) )?{ENTITY}")
# "27 |members of the European Union".
_SO_MANY = re.compile(r"\b\d+ (?:of the )?$")
_INSERT_ONLY = re.compile(INSERT + " ?")


def _quoted(place: Place) -> str | None:
    """Nobody is reported by a phrase that somebody else utters: he had read “|Oman's delegate knows”."""
    return MENTIONED if in_quotes(place.before) else None


def _in_parenthesis(place: Place) -> str | None:
    """A phrase inside a parenthesis is a remark, unless it opens it: "a vote (as |Oman's delegate noted)"."""
    is_open = place.before.count("(") > place.before.count(")")
    if is_open and place.phrase.how != "section" and not place.before.endswith("("):
        return MENTIONED
    return None


def _inverted(place: Place) -> str | None:
    """The subject follows its verb: “It is late”, said |the delegate of Oman."""
    inverted = INVERTED.search(place.before)
    if not inverted or REDUCED_RELATIVE.search(place.before):
        return None  # "a proposal, submitted by |the delegate of Oman"
    if _ADDRESSING.fullmatch(inverted[1]) and _ADDRESSED.match(place.after):
        return MENTIONED  # "Some, among them Chad, asked |the delegate of Oman to wait"
    verb = inverted.start(1)
    if any(_INSERT_ONLY.fullmatch(place.text[q.end : verb]) for q in place.accepted):
        return None  # "Chad, speaking for a group, thanked |Oman": the verb has its subject already
    # Judged as if it stood in the place of its verb: "Chad recalled that, as noted |Oman's delegate, it was late" is
    # all in what Chad says.
    start = inverted.start() + 1
    if is_embedded(place.text[:start] + place.text[place.phrase.start :], start, place.accepted):
        return None
    return place.phrase.how


def _view_by(place: Place) -> str | None:
    """Who shares the view that was reported: "Chad backed the text, a position shared by |Oman"."""
    return "agent" if _VIEW_BY.search(place.before) and place.accepted else None


def _complement(place: Place) -> str | None:
    """A clause with a gerund: "Views differed, with |the delegate of Oman saying …"."""
    return "complement" if _WITH.search(place.before) and FOLLOWED_GERUND.match(place.after) else None


def judge_section(place: Place) -> str | None:
    """A person introduced with a delegation speaks, unless a preposition governs: "a question to |A. OWUSU (Ghana)".

    Or a verb of the meeting: "The Committee elected |A. OWUSU (Ghana) as its Chair".
    """
    before = place.before
    if _ELECTED.search(before):
        return MENTIONED
    if not BEFORE_REJECT.search(before) or _SECTION_JOINED.search(before) or _SECTION_SOURCE.search(before):
        return "section"
    return None


def _agrees(place: Place) -> str | None:
    """Short agreement: "Chad said that it would sign, as did |the delegate of Oman"."""
    if _WHO_JOINS.search(place.before):
        return None  # "he joined |the delegate of Oman in his appeal"
    if SO_DID.search(place.before) and (SO_WORD.search(place.before) or not place.embedded):
        return place.phrase.how
    return None


def _possessed(place: Place) -> str | None:
    """What belongs to a person does not make the person speak: "|Ms. Owusu's paper was long"."""
    return MENTIONED if place.phrase.how == "person" and re.match(r"'s?\b", place.after) else None


def _words_as_subject(place: Place) -> str | None:
    """Words speak only where they begin a clause: "|Oman's main concern was", not "She noted |Oman's concern about"."""
    if place.phrase.how != "statement":
        return None
    begins = (
        opens(place.before) or (INTRO.match(place.before) and not place.accepted) or _NEW_CLAUSE.search(place.before)
    )
    return "possessive" if begins else MENTIONED


def _person(place: Place) -> str | None:
    """A person named with a country speaks, unless he presides: "The Chair, |Mr. Owusu of Ghana, thanked".

    Without a title the words may name anything ("Central Bank of Ghana"), so that a verb of saying must be theirs.
    """
    words = place.text[place.phrase.start : place.phrase.end]
    if not PERSON_OF.match(words) and place.phrase.how != "name":
        return None
    if presides(place.before, words):
        return MENTIONED
    if place.phrase.how != "name" or speaks(place.before, place.after) or AGENT.search(place.before):
        return None
    return MENTIONED


def _mere_member(place: Place) -> str | None:
    """One of its members is not the group: "although |a member of the Group of 77, Chad objected"."""
    return MENTIONED if is_mere_member(place) or _SO_MANY.search(place.before) else None


def _referred(place: Place) -> str | None:
    """What somebody had said before is spoken of: "the costs to which |the delegate of Oman had referred"."""
    return MENTIONED if somebody_had_said(place.before, place.after) else None


def _reacts(place: Place) -> str | None:
    """A relative clause that tells what came next: "Chad moved to adjourn, which |the delegate of Oman opposed"."""
    return "agent" if reacts(place) else None


def _gapped(place: Place) -> str | None:
    """A second clause without its verb: "Chad's delegate referred to the costs, and |Oman's to the risks"."""
    return place.phrase.how if place.phrase.how == "possessive" and is_gapped(place) else None


def _asks(place: Place) -> str | None:
    """Who put the question that is answered: "Asked by |the delegate of Oman whether it was late, Chad replied"."""
    return "agent" if asks(place.before, place.after) else None


def _view_which(place: Place) -> str | None:
    """A view that is shared: "Chad backed the text, a stance which |the delegate of Oman also took"."""
    return place.phrase.how if _VIEW_WHICH.search(place.before) else None


def _embedded(place: Place) -> str | None:
    """Whoever is spoken of does not speak: "Chad said that |the delegate of Oman had agreed"."""
    return MENTIONED if place.embedded else None


def _identical(place: Place) -> str | None:
    """Whose view the one before is, too: "That was also the position of |the delegate of Oman"."""
    return place.phrase.how if IDENTITY.search(place.before) else None


def _second_agent(place: Place) -> str | None:
    """A further agent: "The motion was seconded by Chad's delegate and by |that of Oman"."""
    is_second = place.accepted and place.accepted[-1].how == "agent" and _SECOND_AGENT.search(place.before)
    return "agent" if is_second else None


def _carrier(place: Place) -> str | None:
    """Who only reads a paper out: "In a statement circulated by |the Secretariat, the Nordic countries welcomed"."""
    words = place.text[place.phrase.start : place.phrase.end]
    is_carried = _CARRIED.search(place.before) or _CARRIED_PAPER.match(words)
    return MENTIONED if is_carried and _ANOTHER_SUBJECT.match(place.after) else None


def _paper_met(place: Place) -> str | None:
    """The author of a paper does not speak where others are told to meet it: "The proposal of |Oman was opposed by"."""
    words = place.text[place.phrase.start : place.phrase.end]
    return MENTIONED if _PAPER.match(words) and _MET.match(place.after) else None


def _agent(place: Place) -> str | None:
    """The agent of a passive: "The motion was seconded by |the delegate of Oman"."""
    if not AGENT.search(place.before):
        return None
    if FOLLOWED_RELATIVE.match(place.after):
        return "agent"
    if NOT_AGENT.search(place.before) or REDUCED_RELATIVE.search(place.before):
        return MENTIONED  # "a reply to points raised by |the delegate of Oman"
    return "agent"


def _heard(place: Place) -> str | None:
    """The one heard, or in whose eyes: "The room heard from |Oman's delegate", "For |Oman's delegate, all was said"."""
    return place.phrase.how if HEARD.search(place.before) or _FOR.search(place.before) else None


def _source(place: Place) -> str | None:
    """Where words come from: "From |the delegate of Oman came a plea"."""
    return place.phrase.how if _FROM.search(place.before) and _CAME.search(place.after) else None


def _relative(place: Place) -> str | None:
    """What the phrase says stands in a relative clause: "Then there was |the delegate of Oman, who also asked …"."""
    if FOLLOWED_RELATIVE.match(place.after) and not _THANKED.search(place.before):
        return place.phrase.how
    return None


def _coordinated(place: Place) -> str | None:
    """A second clause: "Chad wanted more time and |the delegate of Oman asked for less"."""
    return place.phrase.how if _COORDINATED.search(place.before) and FOLLOWED_SPEECH.match(place.after) else None


def _governed(place: Place) -> str | None:
    """A preposition takes the phrase: "in a letter to |the delegate of Oman"."""
    return MENTIONED if BEFORE_REJECT.search(place.before) and not HARD_START.search(place.before) else None


def _after_adverbial(place: Place) -> str | None:
    """An adverbial without its comma: "To that question |the delegate of Oman replied"."""
    is_subject = not place.accepted and _OPENING_ADVERBIAL.match(place.before) and FOLLOWED_SPEECH.match(place.after)
    return place.phrase.how if is_subject else None


def _object(place: Place) -> str | None:
    """The object of a verb ("thanked |the delegate of Oman"), unless the verb stands before its subject."""
    if not _VERB_BEFORE.search(place.before) or HARD_START.search(place.before):
        return None
    return place.phrase.how if _INVERTED_OPENING.search(place.before) else MENTIONED


def _subject(place: Place) -> str | None:
    """The subject of a finite verb, or all of a clause: "|The delegate of Oman agreed", "…; |Oman's delegate: no"."""
    if _REASON.search(place.before) and not FOLLOWED_SPEECH.match(place.after):
        return MENTIONED
    if FOLLOWED.match(place.after):
        return place.phrase.how
    begins = HARD_START.search(place.before) or INTRO.match(place.before)
    return place.phrase.how if begins and _CLAUSE_ENDS.match(place.after) else None


def _begins_clause(place: Place) -> str | None:
    """The beginning of a clause, whatever follows: "…; |the delegate of Oman was for it"."""
    if HARD_START.search(place.before) or (not place.accepted and CLAUSE_START.search(place.before)):
        return place.phrase.how
    return None


RULES_FOR_ALL: tuple[_Rule, ...] = (_quoted, _in_parenthesis, _carrier, _inverted, _view_by, _complement)
RULES_FOR_ROLES: tuple[_Rule, ...] = (
    _person,
    _mere_member,
    _agrees,
    _possessed,
    _paper_met,
    _referred,
    _asks,
    _gapped,
    _words_as_subject,
    _view_which,
    _reacts,
    _identical,
    _embedded,
    _second_agent,
    _agent,
    _heard,
    _source,
    _relative,
    _coordinated,
    _governed,
    _after_adverbial,
    _object,
    _subject,
    _begins_clause,
)
