"""Judging a bare name ("Oman", "Peru and Togo"): it speaks only as the subject of a clause of its own."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property

from stance.attribution.contexts import EMBEDDING, FOLLOWED, FOLLOWED_SPEECH, HARD_START, SO_DID
from stance.attribution.grammar import (
    ADVERB,
    ANAPHORIC,
    AUX,
    GERUND,
    INSERT,
    MODIFIER,
    OFFICE,
    PARTICIPLE,
    ROLE,
    SPEECH,
)
from stance.attribution.place import Place, is_passive
from stance.attribution.skeleton import PERSON
from stance.attribution.style import Style
from stance.delegations import Registry

__all__ = ["judge_bare"]


def judge_bare(place: Place, style: Style, registry: Registry) -> str | None:
    """Return the construction that makes a bare name a speaker.

    Parameters
    ----------
    place : Place
        The name, or the list of names, in its sentence.
    style : Style
        The habits of the document.
    registry : Registry
        The delegations known.

    Returns
    -------
    str or None
        None where the name is only mentioned.
    """
    name = _BareName(place, style, registry)
    for rule in _RULES:
        verdict = rule(name)
        if verdict is not None:
            return verdict or None
    return None


class _BareName:
    """A bare name in its sentence, with what several rules ask."""

    def __init__(self, place: Place, style: Style, registry: Registry) -> None:
        self.text = place.text
        self.start = place.phrase.start
        self.before = place.before
        self.after = place.after
        self.accepted = place.accepted
        self.style = style
        self._place = place
        self._registry = registry

    @property
    def embedded(self) -> bool:
        """Whether the name stands inside what an earlier speaker says."""
        return self._place.embedded

    @cached_property
    def opens_sentence(self) -> bool:
        """Whether the name opens the sentence, alone or after the words for what it is.

        The latter only for organisations that the document introduces: "The coastal network |Open Harbours said".
        """
        if not self.before.strip(' "(—'):
            return True
        return self.is_unregistered and _KIND_OF_ORGANIZATION.match(self.before) is not None

    @property
    def is_unregistered(self) -> bool:
        """Whether only the document makes the name a delegation's."""
        return self._place.phrase.speakers[0].code not in self._registry

    @cached_property
    def bare_speakers(self) -> bool:
        """Whether bare names speak in this sentence or, by habit, in the document."""
        first = self.accepted[0].how if self.accepted else None
        return first in ("subject", "agent", "with", "included") or self.style.bare

    @cached_property
    def delegate_speaks(self) -> bool:
        """Whether somebody of the name speaks behind it: "For |Oman, all was said; its delegate added …"."""
        return bool(ANAPHORIC.search(self.after) and _DELEGATE_SPEAKS.search(self.after))

    @cached_property
    def says(self) -> bool:
        """Whether a verb of saying follows that is no passive."""
        return bool(FOLLOWED_SPEECH.match(self.after)) and not is_passive(self.after)


# -- rules -----------------------------------------------------------------------------------------------------------
# A rule returns a construction where the name speaks, MENTIONED where it does not, None where the rule is silent.
# "|" in an example marks the name.

MENTIONED = ""
_Rule = Callable[[_BareName], str | None]

# "The coastal network |Open Harbours".
_KIND_OF_ORGANIZATION = re.compile(r"^(?:The|An?) (?:[a-z-]+ ){1,4}$")
# "(For |Oman, all was said;) its delegate also asked".
_DELEGATE_SPEAKS = re.compile(
    rf"\b(?:[Ii]ts|[Hh]er|[Hh]is|[Tt]heir|[Tt]he) {MODIFIER}(?:{ROLE}|{OFFICE})\b,? "
    rf"(?:{ADVERB} )*(?:{SPEECH}|{AUX})"
)
# "|Oman's national position was" is close enough to Oman's saying so; "|Oman's coast" is not.
_VIEW = re.compile(rf"'s? {MODIFIER}(?:view|opinion|position)\b")
# "Against it had also spoken |Oman".
_HAS_SPOKEN = re.compile(r"\b(?:has|have|had) (?:\w+ )?spoken $")
# Bulletins: "CHAD, warmly supported by |OMAN", "… and opposed by |OMAN".
_SUPPORTED_BY = re.compile(
    r"(?:^|, |; |\band )(?:was |were |also |and )?"
    r"(?:supported|opposed|seconded|echoed|backed|joined|followed|countered|contested|questioned)(?: \w+ly)? by $"
)
# Bulletins: "supported by TOGO, but opposed by |OMAN".
_SUPPORTED_AND_OPPOSED_BY = re.compile(
    r"\b(?:supported|opposed) by (?:[^;.]*, )?(?:and|but) opposed by $|\band opposed by $"
)
# Bulletins: "CHAD, jointly with |OMAN, proposed".
_WITH = re.compile(r",? (?:together |along |jointly )?with ")
# "…, according to |Oman", "In the view of |Oman".
_ACCORDING_TO = re.compile(r"(?:^|[,;] )(?:[Aa]ccording to|[Ii]n the (?:words|view|opinion|telling) of) $")
# "But for |Oman, …", "In |Oman, …", "For |Oman's part".
_TOPIC = re.compile(r"^(?:Meanwhile, |But |And )?(?:[Ff]or|[Tt]o|[Ii]n|[Ff]rom|[Aa]s for) $")
_TOPIC_ENDS = re.compile(r"^(?:,|'s)")
# "The vote came late; the host, |Oman, …".
_THE_HOST = re.compile(r"(?:^|; |, )(?:the|its) (?:host|sponsor|proponent|co-sponsor|incoming chair|country),? $")
# "Next on the list was |Oman, which …".
_NEXT_WAS = re.compile(r"\b(?:[Ff]irst|[Nn]ext|[Ll]ast)\b[^,;]{0,30} (?:was|came) $")
_WHICH = re.compile(r"^, (?:which|who)\b")
# "Chad wanted article 3 to stay and |Oman that it should go".
_AND = re.compile(r"\band $")
_ELLIPTIC_CLAUSE = re.compile(r"^ (?:that|the latter|the former)\b")
# "The text was backed by the delegate of Chad and by |that of Oman".
_BY = re.compile(r"\bby $")
_THAT_OF = re.compile(r"(?:that|those) of ")
# "Chad objected, as did |Oman".
_AS_DID = re.compile(r", as (?:did|had|would|was|were|does|do) (?:those of |the )?$")
# "|Oman, calling for patience, …", "|Oman likewise, noting …".
_GERUND_CLAUSE = re.compile(rf"^ ?(?:likewise|too|similarly)?, (?:{GERUND})")
# "On article 3 |Oman asked", "Later |Oman asked".
_OPENING_ADVERBIAL = re.compile(
    r"^(?:On|At|In|To|After|Before|During|When|By|Over|This|That|Later|Earlier)\b[^,;]{1,45} $"
)
# "So did |Oman."
_SO_DID_WORD = re.compile(r"\b(?:so|nor|neither|as) \w+ $|Not so $")
_SENTENCE_ENDS = re.compile(r"^(?:\.|$|,? (?:too|likewise|as well)\.$)")
# "From |Oman the Committee then heard".
_WE_HEARD = re.compile(r"^ (?:the|we) (?:\w+ ){0,2}?heard\b")
# "It was also noted by |Oman that …".
_NOTED_BY = re.compile(rf"\b[Ii]t was (?:\w+ )?{PARTICIPLE} by $")
_NOTED_CLAUSE = re.compile(r"^ (?:that|whether|how|why)\b")
# "|Oman had a plan, Ms. Said explained": the person speaks for the name.
_PERSON_SAYS = re.compile(rf"[,\"] {PERSON} {SPEECH}")
# "|The National Ports Council had met, she said": what she speaks of.
_SOMEBODY_SAYS = re.compile(rf"[,\"] (?:he|she)(?: {ADVERB})* {SPEECH}")
# "|Oman wants".
_PRESENT_VERB = re.compile(rf"^{INSERT} [a-z]+s\b")
# A conjunction that opens the sentence governs the first clause only: "While it is late, |Oman said".
_OPENING_CONJUNCTION = re.compile(
    r"^(?:As|While|Since|When|If|Although|Though|Whereas|Unlike|Until|Because|Than|Provided that|Given that|"
    r"Noting that|Recalling that)\b"
)
# A paper or an occasion with clauses about it: "In a statement that was read out by the Chair, |Oman said".
_CIRCUMSTANCE = re.compile(
    rf"^(?:In|Through|With|By|At|On|During|After|Before|Following) (?:an?|the|its|their) (?:(?!{SPEECH})[\w-]+ ){{0,4}}?"
    r"[\w-]+,? (?:(?:in|with|to|on|by|of|from) )?(?:which|that|whose) [^;:\"]*, $"
)


def _possessive(name: _BareName) -> str | None:
    """What belongs to a country does not speak: "|Oman's coast is long"."""
    return MENTIONED if re.match(r"'s? ", name.after) and not _VIEW.match(name.after) else None


def _has_spoken(name: _BareName) -> str | None:
    """A perfect before its subject: "In favour had spoken |Oman"."""
    return "subject" if _HAS_SPOKEN.search(name.before) else None


def _supports(name: _BareName) -> str | None:
    """Bulletins tell who goes with, supports or opposes the subject: "CHAD, opposed by |OMAN, moved to close"."""
    if not ((name.accepted and name.bare_speakers) or name.style.capitals):
        return None
    if _SUPPORTED_BY.search(name.before) or _SUPPORTED_AND_OPPOSED_BY.search(name.before):
        return "agent"
    if name.accepted and _WITH.fullmatch(name.text[name.accepted[-1].end : name.start]):
        return "with"
    return None


def _embedded(name: _BareName) -> str | None:
    """Whoever is spoken of does not speak: "Chad said that |Oman had agreed"."""
    return MENTIONED if name.embedded else None


def _according_to(name: _BareName) -> str | None:
    """The one whose view it is: "According to |Oman, the text was ready"."""
    return "subject" if _ACCORDING_TO.search(name.before) else None


def _topic(name: _BareName) -> str | None:
    """The topic of a sentence: "For |Oman, the sums are simple".

    It is the speaker where somebody of its own says so, or where bare names are how the text reports.
    """
    if not (_TOPIC.match(name.before) and _TOPIC_ENDS.match(name.after)):
        return None
    by_habit = name.style.bare and name.before.strip().lower().startswith(("for", "to"))
    return "subject" if name.delegate_speaks or by_habit else MENTIONED


def _introduced(name: _BareName) -> str | None:
    """Words that set the name up as the next speaker: "The host, |Oman, …", "Last came |Oman, which …"."""
    if _THE_HOST.search(name.before) or (_NEXT_WAS.search(name.before) and _WHICH.match(name.after)):
        return "subject"
    return None


def _elliptic(name: _BareName) -> str | None:
    """A second clause without its verb: "Chad held that it was early, and |Oman that it was late"."""
    is_second = name.accepted and name.bare_speakers and _AND.search(name.before)
    return "subject" if is_second and _ELLIPTIC_CLAUSE.match(name.after) else None


def _that_of(name: _BareName) -> str | None:
    """A second agent: "… was seconded by the delegate of Chad and by |that of Oman"."""
    is_agent = name.accepted and _BY.search(name.before) and _THAT_OF.match(name.text, name.start)
    return "agent" if is_agent else None


def _as_did(name: _BareName) -> str | None:
    """Short agreement: "Chad asked for a vote, as did |Oman"."""
    return "subject" if _AS_DID.search(name.before) else None


def _gerund_clause(name: _BareName) -> str | None:
    """A report in a gerund: "|Oman, stressing the cost, …"."""
    return "subject" if name.opens_sentence and _GERUND_CLAUSE.match(name.after) else None


def _after_adverbial(name: _BareName) -> str | None:
    """An adverbial without its comma, where bare names speak by habit: "At that point |Oman objected"."""
    is_subject = name.style.bare and _OPENING_ADVERBIAL.match(name.before) and FOLLOWED_SPEECH.match(name.after)
    return "subject" if is_subject else None


def _so_did(name: _BareName) -> str | None:
    """The whole sentence agrees or differs: "So did |Oman.", "Not so |Oman"."""
    agrees = SO_DID.search(name.before) and _SO_DID_WORD.search(name.before) and _SENTENCE_ENDS.match(name.after)
    return "subject" if agrees or re.search(r"^Not so $", name.before) else None


def _heard_from(name: _BareName) -> str | None:
    """The one heard: "From |Oman we then heard a plea"."""
    return "subject" if re.search(r"^From $", name.before) and _WE_HEARD.match(name.after) else None


def _noted_by(name: _BareName) -> str | None:
    """The agent of an impersonal passive: "It was added by |Oman that …"."""
    return "agent" if _NOTED_BY.search(name.before) and _NOTED_CLAUSE.match(name.after) else None


def _opens_sentence(name: _BareName) -> str | None:
    """A name that opens the sentence speaks where its verb is one of saying, or by the habit of the document."""
    if not name.opens_sentence:
        return None
    if name.is_unregistered and _SOMEBODY_SAYS.search(name.after):
        return MENTIONED
    follows = FOLLOWED.match(name.after)
    speaks = (
        name.says  # "|Oman asked"
        or name.delegate_speaks  # "|Oman was ready, its delegate said"
        or (follows and _PERSON_SAYS.search(name.after))  # "|Oman signed, Ms. Said noted"
    )
    return "subject" if speaks or (name.style.bare and _speaks_by_habit(name)) else MENTIONED


def _speaks_by_habit(name: _BareName) -> bool:
    """Tell whether a first name speaks in a document where bare names do."""
    if re.match(r"^ ?:", name.after):  # "|Oman: not yet"
        return True
    if FOLLOWED_SPEECH.match(re.sub(r"\b(?:and|but) ", "", name.after)):  # "|Oman, a host and friend, asked"
        return True
    # "|Oman wants a vote", "|Oman walked out"; not "|Oman was accused of"
    is_active = FOLLOWED.match(name.after) or _PRESENT_VERB.match(name.after)
    return bool(is_active) and not is_passive(name.after)


def _without_speech(name: _BareName) -> str | None:
    """Inside the sentence a name needs a verb of saying: "…; |Oman has a long coast" is no report."""
    by_habit = name.style.bare and HARD_START.search(name.before) and FOLLOWED.match(name.after)
    return None if name.says or by_habit else MENTIONED


def _new_clause(name: _BareName) -> str | None:
    """The subject of a clause that begins with it: "Chad agreed, while |Oman objected"."""
    if not HARD_START.search(name.before):
        return None
    # "while Chad said that it and |Oman had signed": coordination inside what another says is no new speaker.
    if name.accepted and _AND.search(name.before) and not re.search(r"[;,] and $", name.before):
        return MENTIONED
    if name.accepted and not name.bare_speakers and re.search(r", and $", name.before):
        return MENTIONED  # "The delegate of Chad spoke of the past, and |Oman said"
    return "subject"


def _after_comma(name: _BareName) -> str | None:
    """The subject behind an opening clause: "Turning to costs, |Oman asked"."""
    if not name.before.endswith(", "):
        return None
    if not name.accepted and not EMBEDDING.search(_OPENING_CONJUNCTION.sub("", name.before)):
        return "subject"
    if not name.accepted and name.says and _CIRCUMSTANCE.match(name.before):
        return "subject"
    return "subject" if name.style.bare else None


_RULES: tuple[_Rule, ...] = (
    _possessive,
    _has_spoken,
    _supports,
    _embedded,
    _according_to,
    _topic,
    _introduced,
    _elliptic,
    _that_of,
    _as_did,
    _gerund_clause,
    _after_adverbial,
    _so_did,
    _heard_from,
    _noted_by,
    _opens_sentence,
    _without_speech,
    _new_clause,
    _after_comma,
)
