"""Judging a noun phrase by its place: does it speak, or is it only mentioned?

:func:`find_phrases` finds every phrase that names delegations; :func:`judge` asks the rules below, in their order. The
first rule with a verdict decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from stance.attribution.bare import judge_bare
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
    INTRO,
    INVERTED,
    NOT_AGENT,
    REDUCED_RELATIVE,
    SO_DID,
    SO_WORD,
)
from stance.attribution.grammar import (
    ADJECTIVE_ROLE,
    BARE,
    ENTITY_ELLIPSIS,
    ENTITY_NOUN,
    ENTITY_ROLE,
    INSERT,
    OFFICE_OF,
    PAPER_OF,
    PAREN,
    PERSON_NAME,
    ROLE_OF,
    SECTION_NAME,
    SPEECH,
)
from stance.attribution.names import DocumentNames
from stance.attribution.place import Place, in_quotes, is_embedded, opens
from stance.attribution.skeleton import SECTION, Skeleton
from stance.attribution.style import Style
from stance.attribution.types import Phrase

__all__ = ["find_phrases", "judge"]

# The readings of a phrase, the longest first; where two overlap the earlier of them holds.
_READINGS = (
    (SECTION_NAME, "section"),
    (PAPER_OF, "role"),
    (ENTITY_ROLE, "possessive"),
    (ENTITY_NOUN, "statement"),
    (ENTITY_ELLIPSIS, "possessive"),
    (ROLE_OF, "role"),
    (OFFICE_OF, "role"),
    (ADJECTIVE_ROLE, "adjective"),
    (PERSON_NAME, "person"),
    (BARE, "subject"),
)


def find_phrases(skeleton: Skeleton, names: DocumentNames, represented: Sequence[Phrase] = ()) -> list[Phrase]:
    """Find every noun phrase that names delegations.

    Parameters
    ----------
    skeleton : Skeleton
        The reduced sentence.
    names : DocumentNames
        The document's names.
    represented : sequence of Phrase, optional
        Groups on whose behalf somebody speaks, which are no subjects of their own.

    Returns
    -------
    list of Phrase
        Phrases that do not overlap, in the order of the sentence.
    """
    text = skeleton.text
    for group in represented:
        text = text[: group.start] + "x" * (group.end - group.start) + text[group.end :]
    phrases: list[Phrase] = []
    for pattern, how in _READINGS:
        for match in pattern.finditer(text):
            start, end = match.span()
            if any(start < p.end and end > p.start for p in phrases):
                continue
            speakers = names.speakers(skeleton, start, end, how)
            if speakers:
                phrases.append(Phrase(start, end, speakers, how))
    return sorted(phrases, key=lambda p: p.start)


def judge(place: Place, style: Style, names: DocumentNames) -> str | None:
    """Return the construction that makes a phrase a speaker.

    Parameters
    ----------
    place : Place
        The phrase in its sentence.
    style : Style
        The habits of the document.
    names : DocumentNames
        The document's names.

    Returns
    -------
    str or None
        None where the phrase is only mentioned.
    """
    for rule in _RULES_FOR_ALL:
        verdict = rule(place)
        if verdict is not None:
            return _shown(verdict)
    if place.phrase.how == "subject":
        return judge_bare(place, style, names.registry)
    if place.phrase.how == "section":
        return _judge_section(place)
    for rule in _RULES_FOR_ROLES:
        verdict = rule(place)
        if verdict is not None:
            return _shown(verdict)
    return None


def _shown(verdict: str) -> str | None:
    """Return a verdict as statements show it: the words of a delegation and its delegate are both its possession."""
    return "possessive" if verdict == "statement" else verdict or None


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
# "For |the delegate of Oman, …", "…, and to |the delegate of Oman it was clear".
_FOR = re.compile(r"(?:^|[,;] )(?:and |but )?(?:[Ff]or|[Tt]o) $")
# "From |the delegate of Oman came a warning".
_FROM = re.compile(r"^[Ff]rom $|[,;] from $")
_CAME = re.compile(r"^[^,;.]{0,40}\b(?:came|was|were|followed)\b|^,")
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


def _complement(place: Place) -> str | None:
    """A clause with a gerund: "Views differed, with |the delegate of Oman saying …"."""
    return "complement" if _WITH.search(place.before) and FOLLOWED_GERUND.match(place.after) else None


def _judge_section(place: Place) -> str | None:
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


def _view_which(place: Place) -> str | None:
    """A view that is shared: "Chad backed the text, a stance which |the delegate of Oman also took"."""
    return place.phrase.how if _VIEW_WHICH.search(place.before) else None


def _embedded(place: Place) -> str | None:
    """Whoever is spoken of does not speak: "Chad said that |the delegate of Oman had agreed"."""
    return MENTIONED if place.embedded else None


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


_RULES_FOR_ALL: tuple[_Rule, ...] = (_quoted, _in_parenthesis, _inverted, _complement)
_RULES_FOR_ROLES: tuple[_Rule, ...] = (
    _agrees,
    _possessed,
    _words_as_subject,
    _view_which,
    _embedded,
    _agent,
    _heard,
    _source,
    _relative,
    _coordinated,
    _governed,
    _object,
    _subject,
    _begins_clause,
)
