"""Judging a bare name ("Oman", "Peru and Togo"): it speaks only as the subject of a clause of its own."""

from __future__ import annotations

import re
from collections.abc import Callable

from stance.attribution.bare_name import BareName
from stance.attribution.clauses import asks, is_gapped, reacts
from stance.attribution.contexts import (
    AGENT,
    EMBEDDING,
    FOLLOWED,
    FOLLOWED_SPEECH,
    HARD_START,
    IDENTITY,
    REDUCED_RELATIVE,
    SO_DID,
)
from stance.attribution.grammar import (
    ADVERB,
    CAPITALS,
    GERUND,
    HONORIFIC,
    INSERT,
    MODIFIER,
    NAME_WORD,
    PARTICIPLE,
    SPEECH,
)
from stance.attribution.outsiders import body_meets
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
    name = BareName(place, style, registry)
    for rule in _RULES:
        verdict = rule(name)
        if verdict is not None:
            return verdict or None
    return None


# -- rules -----------------------------------------------------------------------------------------------------------
# A rule returns a construction where the name speaks, MENTIONED where it does not, None where the rule is silent.
# "|" in an example marks the name.

MENTIONED = ""
_Rule = Callable[[BareName], str | None]

# "|Oman's national position was" is close enough to Oman's saying so; "|Oman's coast" is not.
_VIEW = re.compile(rf"'s? {MODIFIER}(?:view|opinion|position)\b")
# "|OMAN: The text must be concluded", "|Oman (on a point of order): it was late"; not "|Oman: 3 votes", "|Oman: abstained".
_BEHIND_COLON = re.compile(r'^(?: \([^()]{1,60}\))?: ?"?[A-Za-z][\w\'-]*,?(?: "?[\w\'-]+[,;:"]{0,2}){3}')
# "Against it had also spoken |Oman".
_HAS_SPOKEN = re.compile(r"\b(?:has|have|had) (?:\w+ )?spoken $")
# Bulletins: "CHAD, warmly supported by |OMAN", "… and opposed by |OMAN".
_SUPPORTED_BY = re.compile(
    r"(?:^|, |; |\band )(?:was |were |also |and )?"
    r"(?:[Ss]upported|[Oo]pposed|[Ss]econded|[Ee]choed|[Bb]acked|[Jj]oined|followed|countered|contested|questioned)(?: \w+ly)? by $"
)
# "The delegate of Chad, supported by |Oman, moved to close": right behind the speaker, whatever the style.
_INSERTED_BY = re.compile(
    r",? (?:who was |later |and )?(?:\w+ly )?(?:supported|opposed|seconded|echoed|backed|joined)(?: \w+ly| in this)? by "
)
# Bulletins: "supported by TOGO, but opposed by |OMAN".
_SUPPORTED_AND_OPPOSED_BY = re.compile(
    r"\b(?:supported|opposed) by (?:[^;.]*, )?(?:and|but) opposed by $|\band opposed by $"
)
# Bulletins: "CHAD, jointly with |OMAN, proposed", "CHAD proposed, with |OMAN, that".
_WITH = re.compile(r"(?: (?:proposed|suggested|requested),|,)? (?:together |along |jointly )?with ")
# "…, according to |Oman", "In the view of |Oman".
_ACCORDING_TO = re.compile(
    r"(?:^|[,;] )(?:[Aa]ccording to|[Ii]n the (?:words|view|opinion|telling|judgement|judgment) of) $"
)
# "That was supported by |Oman", told by the reporter, as "had been supported" is not.
_MET_BY = re.compile(
    r"^(?:In this |On (?:this|that) (?:point )?)?(?:[Tt]hat|[Tt]his|[Tt]he|[Tt]hese|[Tt]hose|[Hh]is|[Hh]er|[Ii]ts|[Hh]e|[Ss]he|[Bb]oth|A (?:similar|different|further|contrary)|An opposite)\b"
    r"[^,;:\"]{0,80}? (?:was|were) (?:\w+ly |also |then )*"
    r"(?:supported|seconded|opposed|echoed|endorsed|backed|shared|rejected|contested|challenged|welcomed|joined|voiced|expressed)"
    r"(?: (?:in|on) (?:this|that))?(?: \w+ly)? by (?:both )?$"
)
# "A portal for that purpose was requested by |Oman", "As for ports, it was called for by |Oman". What is only supported may be
# a project, and supported with money.
_WISHED_BY = re.compile(
    r"^(?!(?:It|He|She)\b)[A-Z][^;:\"]{0,160}? (?:was|were) (?:\w+ly |also |then )*"
    r"(?:advocated|called for|demanded|desired|favoured|preferred|proposed|recommended|requested|suggested|urged|wanted|welcomed)"
    r"(?: (?:in|on) (?:this|that))?(?: \w+ly)? by (?:both )?$|"
    r"^As (?:for|to) [^;:\"]{1,160}, it (?:was|were) (?:\w+ly |also )*(?:supported|opposed|backed|rejected) by (?:both )?$"
)
# "… was supported by |Chad and found objectionable by |Oman".
_AND_BY = re.compile(
    rf",? (?:and|but) (?:also |later |\w+ly )*(?:(?:{PARTICIPLE}|opposed|found \w+)(?: \w+)? )?by (?:both )?"
)
# "The two delegations which spoke last, |Oman and Chad, gave".
_COUNTED = re.compile(
    r"^(?:The |These |Those )?(?:other |last |first )?(?:[Tt]wo|[Tt]hree|[Ff]our|[Ff]ive|[Ss]ix|[Ss]even|[Oo]thers?)\b[^,;:\"]{0,40}"
    r"\b(?:countries|delegations|Governments|members|speakers|States)\b[^,;:\"]{0,60}, $"
)
# "“Why now?” |Oman asked"; "A treaty, |Oman remarked, was one to sign".
_QUOTE = re.compile(r'^"[^"]*" ?$')
_REMARKED = re.compile(
    rf"^ (?:{ADVERB} )*(?:added|argued|believed|contended|continued|explained|felt|held|insisted|maintained|noted|observed|recalled|remarked|"
    r"replied|said|stated|stressed|thought),"
)
# "Those of |Oman and Chad did not".
_THOSE_OF = re.compile(r"^(?:Those|That) (?:of|from) $")
# "(introduced by) |Oman, which would like to see it adopted".
_WHICH_SAYS = re.compile(rf"^, (?:which|who)(?: {ADVERB})* (?:would )?{SPEECH}")
# "It was the view of |Oman that", "The position of |Oman was that".
_POSITION_OF = re.compile(
    r"(?:^|[;:] |, (?:and|but|while|whereas) )(?:[Ii]t was )?[Tt]he (?:\w+ )?(?:position|view|opinion|understanding|contention)(?: of)? $"
)
_POSITION_IS = re.compile(r"^ (?:was |is |remained )?(?:that|to)\b")
# "But for |Oman, …", "In |Oman, …", "For |Oman's part".
_TOPIC = re.compile(r"^(?:Meanwhile, |But |And )?(?:[Ff]or|[Tt]o|[Ii]n|[Ff]rom|[Aa]s for) $")
_TOPIC_ENDS = re.compile(r"^(?:,|'s)")
# "For |Oman, AMA OWUSU said", "For |Oman, Ms. Owusu said".
_PERSON_BEHIND = re.compile(
    rf"^, (?:{PERSON} |{HONORIFIC} (?:{NAME_WORD} ){{1,5}}|(?:{CAPITALS} ){{2,5}})(?:{ADVERB} )*{SPEECH}"
)
# "AMA OWUSU, |Special Rapporteur on wrecks, said".
_PERSON_BEFORE = re.compile(rf"^(?:{CAPITALS} ){{1,4}}{CAPITALS}, (?:the )?$")
_VERB_BEHIND_COMMA = re.compile(rf"^(?:, [^,;]{{1,60}})?, (?:{ADVERB} )*{SPEECH}")
# "The vote came late; the host, |Oman, …".
_THE_HOST = re.compile(r"(?:^|; |, )(?:the|its) (?:host|sponsor|proponent|co-sponsor|incoming chair|country),? $")
# "Next on the list was |Oman, which …", "First to speak was |Oman, on behalf of the Arab Group, which …".
_NEXT_WAS = re.compile(r"\b(?:[Ff]irst|[Nn]ext|[Ll]ast)\b[^,;]{0,30} (?:was|came) $")
_WHICH = re.compile(r"^(?:, (?:also )?(?:speaking )?(?:for|on behalf of) [^,;]{1,80})?, (?:which|who)\b")
# "Chad wanted article 3 to stay and |Oman that it should go".
_AND = re.compile(r"\band $")
_ELLIPTIC_CLAUSE = re.compile(r"^ (?:that|the latter|the former)\b")
# "The text was backed by the delegate of Chad and by |that of Oman".
_BY = re.compile(r"\bby $")
_THAT_OF = re.compile(r"(?:that|those) of ")
# "Chad's delegate asked for time, and |that of Oman agreed", "…, while |those of Oman and Peru did not".
_THAT_OF_SPEAKS = re.compile(r"(?:that|those) (?:of|from) ")
_DID_NOT = re.compile(r"^ did(?: not|n't)?\b")
# "Chad objected, as did |Oman".
_AS_DID = re.compile(r", as (?:did|does|do) (?:the )?$")
# "|Oman, calling for patience, …", "|Oman likewise, noting …".
_GERUND_CLAUSE = re.compile(rf"^ ?(?:likewise|too|similarly)?, (?:{GERUND})")
# "On article 3 |Oman asked", "Later |Oman asked".
_OPENING_ADVERBIAL = re.compile(
    r"^(?:On|At|In|To|After|Before|During|When|By|Over|This|That|Later|Earlier)\b[^,;]{1,45} $"
)
# "So did |Oman."
_SO_DID_WORD = re.compile(r"\b(?:so|nor|neither|as) \w+ $|Not so $")
_SENTENCE_ENDS = re.compile(r"^(?:\.|$|,? (?:too|likewise|as well)\.$)")
# "From |Oman the Committee then heard", "From |Oman came an account".
_WE_HEARD = re.compile(r"^ (?:(?:the|we) (?:\w+ ){0,2}?heard|came (?:an?|the|word))\b")
# "It was also noted by |Oman that …".
_NOTED_BY = re.compile(rf"\b[Ii]t was (?:\w+ )?{PARTICIPLE} by $")
_NOTED_CLAUSE = re.compile(r"^ (?:that|whether|how|why)\b")
# "|Oman had a plan, Ms. Said explained": the person speaks for the name.
_PERSON_SAYS = re.compile(rf"[,\"] {PERSON} {SPEECH}")
# "|The National Ports Council had met, she said": what she speaks of.
_SOMEBODY_SAYS = re.compile(rf"[,\"] (?:he|she)(?: {ADVERB})* {SPEECH}")
# "|Oman said that", "|the Secretariat replied".
_SAID_THAT = re.compile(
    rf"^(?: {ADVERB})? (?:said|stated|added|argued) that\b|^(?: {ADVERB})? (?:replied|answered|responded)\b"
)
# "|Oman should sign": what somebody else asks of it.
_ADVICE = re.compile(r"^ (?:should|must)\b")
# "|Oman wants".
_PRESENT_VERB = re.compile(rf"^{INSERT} [a-z]+s\b")
# A conjunction that opens the sentence governs the first clause only: "While it is late, |Oman said".
_OPENING_CONJUNCTION = re.compile(
    r"^(?:As|While|Since|When|If|Although|Though|Whereas|Unlike|Until|Because|Than|Provided that|Given that|"
    r"Noting that|Recalling that|Speaking as)\b"
)
# A paper or an occasion with clauses about it: "In a statement that was read out by the Chair, |Oman said".
_CIRCUMSTANCE = re.compile(
    rf"^(?:In|Through|With|By|At|On|During|After|Before|Following) (?:an?|the|its|their) (?:(?!{SPEECH})[\w-]+ ){{0,4}}?"
    r"[\w-]+,? (?:(?:in|with|to|on|by|of|from) )?(?:which|that|whose) [^;:\"]*, $"
)


def _possessive(name: BareName) -> str | None:
    """What belongs to a country does not speak: "|Oman's coast is long"."""
    return MENTIONED if re.match(r"'s? ", name.after) and not _VIEW.match(name.after) else None


def _as_in_a_protocol(name: BareName) -> str | None:
    """What a speaker says stands behind a colon: "|OMAN: The text must be concluded without delay"."""
    return "subject" if not name.before.strip(' "') and _BEHIND_COLON.match(name.after) else None


def _has_spoken(name: BareName) -> str | None:
    """A perfect before its subject: "In favour had spoken |Oman"."""
    return "subject" if _HAS_SPOKEN.search(name.before) else None


def _supports(name: BareName) -> str | None:
    """Bulletins tell who goes with, supports or opposes the subject: "CHAD, opposed by |OMAN, moved to close"."""
    if name.accepted and _INSERTED_BY.fullmatch(name.text[name.accepted[-1].end : name.start]):
        return "agent"
    if not ((name.accepted and name.bare_speakers) or name.style.capitals):
        return None
    if _SUPPORTED_BY.search(name.before) or _SUPPORTED_AND_OPPOSED_BY.search(name.before):
        return "agent"
    if name.accepted and _WITH.fullmatch(name.text[name.accepted[-1].end : name.start]):
        return "with"
    return None


def _embedded(name: BareName) -> str | None:
    """Whoever is spoken of does not speak: "Chad said that |Oman had agreed"."""
    return MENTIONED if name.embedded else None


def _asks(name: BareName) -> str | None:
    """Who put the question that is answered: "Asked by |Oman whether it was late, Chad replied"."""
    return "agent" if asks(name.before_noun, name.after) else None


def _answers(name: BareName) -> str | None:
    """Who answers it: "Asked by the delegate of Chad whether it was late, |Oman replied"."""
    is_asked = len(name.accepted) == 1 and asks(
        name.before[: name.accepted[0].start], name.text[name.accepted[0].end :]
    )
    return "subject" if is_asked and name.before.endswith(", ") and name.says else None


def _gapped(name: BareName) -> str | None:
    """A second clause without its verb: "Chad referred to the costs, and |Oman to the risks"."""
    return "subject" if name.bare_speakers and is_gapped(name.place) else None


def _reacts(name: BareName) -> str | None:
    """A relative clause that tells what came next: "Chad moved to adjourn, which |Oman opposed"."""
    return "agent" if reacts(name.place) else None


def _introduces(name: BareName) -> str | None:
    """An agent who goes on to say something: "The draft was introduced by |Oman, which asked for a vote"."""
    is_agent = not name.embedded and AGENT.search(name.before) and not REDUCED_RELATIVE.search(name.before)
    return "agent" if is_agent and _WHICH_SAYS.match(name.after) else None


def _met_by(name: BareName) -> str | None:
    """Who is told to have met what was said: "His proposal was opposed by |Oman"."""
    is_told = not name.accepted and _MET_BY.search(name.before) and not _SOMEBODY_SAYS.search(name.after)
    return "agent" if is_told else None


def _identical(name: BareName) -> str | None:
    """Whose view the one before is, too: "That was also the position |of Oman"."""
    return "subject" if IDENTITY.search(name.before_noun) else None


def _wished_by(name: BareName) -> str | None:
    """Who wants what a sentence is about: "A portal was requested by |Oman", "… and found superfluous by |Chad"."""
    if name.accepted:
        is_second = name.accepted[-1].how == "agent" and _AND_BY.fullmatch(
            name.text[name.accepted[-1].end : name.start]
        )
        return "agent" if is_second else None
    return "agent" if _WISHED_BY.search(name.before) and not _SOMEBODY_SAYS.search(name.after) else None


def _counted(name: BareName) -> str | None:
    """Who they are that were counted: "Three members of the Union, |Oman, Chad and Togo, objected"."""
    is_told = not name.accepted and _COUNTED.match(name.before) and name.after.startswith(",")
    return "subject" if is_told and FOLLOWED.match(name.after[1:]) else None


def _remarks(name: BareName) -> str | None:
    """The one whose words stand around: "“Why now?” |Oman asked", "A treaty, |Oman remarked, was one to sign"."""
    if name.accepted:
        return None
    is_quoted = _QUOTE.match(name.before) and name.says
    return "subject" if is_quoted or (name.before.endswith(", ") and _REMARKED.match(name.after)) else None


def _those_of(name: BareName) -> str | None:
    """Delegates, without the word, who open the sentence: "Those of |Oman and Chad did not"."""
    return "subject" if _THOSE_OF.match(name.before) and FOLLOWED.match(name.after) else None


def _according_to(name: BareName) -> str | None:
    """The one whose view it is: "According to |Oman, the text was ready"."""
    return "subject" if _ACCORDING_TO.search(name.before_noun) else None


def _position_of(name: BareName) -> str | None:
    """The one whose position is told: "The view of |Oman was that the text was ready"."""
    is_told = _POSITION_OF.search(name.before) and _POSITION_IS.match(name.after)
    return "subject" if is_told and not name.embedded else None


def _topic(name: BareName) -> str | None:
    """The topic of a sentence: "For |Oman, the sums are simple".

    It is the speaker where somebody of its own says so, be it a person who is named ("For Oman, AMA OWUSU said"), or where
    bare names are how the text reports.
    """
    if not (_TOPIC.match(name.before) and _TOPIC_ENDS.match(name.after)):
        return None
    by_habit = name.style.bare and name.before.strip().lower().startswith(("for", "to"))
    is_person = name.before == "For " and _PERSON_BEHIND.match(name.after)
    return "subject" if name.delegate_speaks or by_habit or is_person else MENTIONED


def _introduced(name: BareName) -> str | None:
    """Words that set the name up as the next speaker: "The host, |Oman, …", "Last came |Oman, which …"."""
    if _THE_HOST.search(name.before) or (_NEXT_WAS.search(name.before) and _WHICH.match(name.after)):
        return "subject"
    return None


def _behind_person(name: BareName) -> str | None:
    """The delegation or the mandate of a person in capitals: "AMA OWUSU, |Special Rapporteur on wrecks, said"."""
    return "subject" if _PERSON_BEFORE.match(name.before) and _VERB_BEHIND_COMMA.match(name.after) else None


def _elliptic(name: BareName) -> str | None:
    """A second clause without its verb: "Chad held that it was early, and |Oman that it was late"."""
    is_second = name.accepted and name.bare_speakers and _AND.search(name.before)
    return "subject" if is_second and _ELLIPTIC_CLAUSE.match(name.after) else None


def _that_of(name: BareName) -> str | None:
    """A second agent: "… was seconded by the delegate of Chad and by |that of Oman"."""
    is_agent = name.accepted and _BY.search(name.before) and _THAT_OF.match(name.text, name.start)
    return "agent" if is_agent else None


def _that_of_speaks(name: BareName) -> str | None:
    """Another delegate, without the word: "Chad's delegate asked for time, and |that of Oman called it wasted"."""
    is_delegate = name.accepted and not name.bare_speakers and _THAT_OF_SPEAKS.match(name.text, name.start)
    if not is_delegate or not HARD_START.search(name.before) or name.embedded:
        return None
    return "subject" if name.says or _DID_NOT.match(name.after) else None


def _as_did(name: BareName) -> str | None:
    """Short agreement: "Chad asked for a vote, as did |Oman".

    The tense tells it from what is only reported: "Chad said that it had signed, as had |Oman".
    """
    return "subject" if name.accepted and _AS_DID.search(name.before) else None


def _gerund_clause(name: BareName) -> str | None:
    """A report in a gerund: "|Oman, stressing the cost, …"."""
    return "subject" if name.opens_sentence and _GERUND_CLAUSE.match(name.after) else None


def _after_adverbial(name: BareName) -> str | None:
    """An adverbial without its comma, where bare names speak by habit: "At that point |Oman objected"."""
    is_subject = name.style.bare and _OPENING_ADVERBIAL.match(name.before) and FOLLOWED_SPEECH.match(name.after)
    return "subject" if is_subject else None


def _so_did(name: BareName) -> str | None:
    """The whole sentence agrees or differs: "So did |Oman.", "Not so |Oman"."""
    agrees = SO_DID.search(name.before) and _SO_DID_WORD.search(name.before) and _SENTENCE_ENDS.match(name.after)
    return "subject" if agrees or re.search(r"^Not so $", name.before) else None


def _heard_from(name: BareName) -> str | None:
    """The one heard: "From |Oman we then heard a plea"."""
    is_source = name.before == "From " or (not name.before and name.text.startswith("From "))
    return "subject" if is_source and _WE_HEARD.match(name.after) else None


def _noted_by(name: BareName) -> str | None:
    """The agent of an impersonal passive: "It was added by |Oman that …"."""
    return "agent" if _NOTED_BY.search(name.before) and _NOTED_CLAUSE.match(name.after) else None


def _opens_sentence(name: BareName) -> str | None:
    """A name that opens the sentence speaks where its verb is one of saying, or by the habit of the document."""
    if not name.opens_sentence:
        return None
    if name.is_unregistered and _SOMEBODY_SAYS.search(name.after):
        return MENTIONED
    if name.place.phrase.speakers[0].kind == "organization" and body_meets(name.text):
        return MENTIONED
    follows = FOLLOWED.match(name.after)
    speaks = (
        name.says  # "|Oman asked"
        or re.match(r"^, for its (?:own )?part,", name.after)
        or (name.delegate_speaks and not _ADVICE.match(name.after))  # "|Oman was ready, its delegate said"
        or (follows and _PERSON_SAYS.search(name.after))  # "|Oman signed, Ms. Said noted"
    )
    return "subject" if speaks or (name.style.bare and _speaks_by_habit(name)) else MENTIONED


def _speaks_by_habit(name: BareName) -> bool:
    """Tell whether a first name speaks in a document where bare names do."""
    if re.match(r"^ ?:", name.after):  # "|Oman: not yet"
        return True
    if FOLLOWED_SPEECH.match(re.sub(r"\b(?:and|but) ", "", name.after)):  # "|Oman, a host and friend, asked"
        return True
    # "|Oman wants a vote", "|Oman walked out"; not "|Oman was accused of"
    is_active = FOLLOWED.match(name.after) or _PRESENT_VERB.match(name.after)
    return bool(is_active) and not is_passive(name.after)


def _without_speech(name: BareName) -> str | None:
    """Inside the sentence a name needs a verb of saying: "…; |Oman has a long coast" is no report."""
    by_habit = name.style.bare and HARD_START.search(name.before) and FOLLOWED.match(name.after)
    return None if name.says or by_habit else MENTIONED


def _new_clause(name: BareName) -> str | None:
    """The subject of a clause that begins with it: "Chad agreed, while |Oman objected"."""
    if not HARD_START.search(name.before):
        return None
    # "while Chad said that it and |Oman had signed": coordination inside what another says is no new speaker.
    if name.accepted and _AND.search(name.before) and not re.search(r"[;,] and $", name.before):
        return MENTIONED
    if name.accepted and not name.bare_speakers and re.search(r", and $", name.before):
        # "The delegate of Chad spoke of the past, and |Oman said": he may go on speaking of it.
        reports = _SAID_THAT.match(name.after) and not EMBEDDING.search(name.text[name.accepted[-1].end : name.start])
        return "subject" if reports else MENTIONED
    return "subject"


def _after_comma(name: BareName) -> str | None:
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
    _as_in_a_protocol,
    _has_spoken,
    _supports,
    _reacts,
    _as_did,
    _identical,
    _wished_by,
    _embedded,
    _asks,
    _answers,
    _gapped,
    _introduces,
    _met_by,
    _according_to,
    _position_of,
    _topic,
    _introduced,
    _behind_person,
    _elliptic,
    _that_of,
    _that_of_speaks,
    _those_of,
    _counted,
    _remarks,
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
