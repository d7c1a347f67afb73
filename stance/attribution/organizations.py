"""Organisations that the registry lacks and a document itself presents as speakers."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

from stance.attribution import lexicon as lx
from stance.attribution.grammar import ADVERB, AUX, CAPITALS, OFFICE, ROLE, SPEECH, UPPER, WORDY
from stance.attribution.officers import find_officer, opens_with_person, says_behind
from stance.attribution.skeleton import plain
from stance.delegations import Registry
from stance.prefix_tree import prefix_tree
from stance.sentences import Sentence

__all__ = ["learn_organizations"]

# -- where an organisation is presented ------------------------------------------------------------------------------

_CAP = rf"(?:{UPPER}[\w’'\-&.]*[\w]|[A-Z]\b|[0-9]{{2}}\b)"
# Words with capitals, joined by small ones: "League of Coastal Towns for the Sea".
_CAP_NAME = (
    rf"{_CAP}(?:(?:(?<=[sS])[’'])? (?:(?:of|for|and|or|the|on|de|des|du|against|to|in|without|&|la|los|del|with|from|by|between|"
    rf"beyond|across|pour|les|sans) )*{_CAP})*"
)
# Somebody of it: "a campaigner from the group Open Harbours (OH)".
_ROLE_ORG = re.compile(
    rf"\b(?:{ROLE}|delegation|man|woman|mother|student|fellow|campaigner|resident|president|director|founder|member|"
    r"activist|lawyer|volunteer|organizer|secretary|head)(?: of [a-z' -]{0,30})?(?: in [A-Z]\w+)?,? "
    r"(?:of|from|for|representing|speaking for|on behalf of) (?:(?:the |an? )(?:[a-z][a-z-]* ){1,4}(?<!\b[aio][nt] ))?[“\"]?"
    rf"(?:the |The )?(?P<name>{_CAP_NAME})(?: \((?P<short>[A-Z][A-Za-z0-9\-]{{1,12}})\))?"
)
# It speaks: "The network Open Harbours (OH), which …", "…, and Open Harbours Watch said".
_SUBJECT_ORG = re.compile(
    r"(?:^Not so |^|[;.:] |^On behalf of |, while |, and |"
    r"^The (?:non-governmental organization|network|association|federation|"
    r"civil society (?:group|network|organization)|coalition|company|charity|group|campaign|alliance) )[“\"]?"
    rf"(?:[Tt]he )?(?P<name>{_CAP_NAME})(?: \((?P<short>[A-Z][A-Z0-9\-]{{1,12}})\))?(?=,?[”\"]?[, (]|’s |'s )"
)
# "Open Harbours' delegate".
_POSSESSED_ROLE = re.compile(rf"[’']s? (?:{ROLE})\b")
_POSSESSIVE_ORG = re.compile(rf"(?:^|[\s“\"])(?:[Tt]he )?(?P<name>{_CAP} {_CAP_NAME})[’']s? (?:{ROLE})\b")

# A person of it: "AMA OWUSU, Policy Director of |Open Harbours (OH), said".
_OFFICER_ORG = re.compile(
    r"(?:[^;:“”\"()]{0,120}? )??(?:of|at|from) (?:the |The )?"
    rf"(?P<name>{_CAP_NAME})(?: \((?P<short>[A-Z][A-Za-z0-9\-]{{1,12}})\))?(?=,| [a-z])"
)
# Organs of a state, whoever it is: "Director at the |Ministry of Justice".
_ORGAN = re.compile(
    r"(?:Ministry|Department|Division|Section|Branch|Unit|Directorate|Supreme|Court|Parliament|Senate|National|Federal)\b"
)
# The holder of a mandate, named with it, or the chair of another body: "The Special Rapporteur on the rights of divers
# said", "The Chair of the Working Group on Lost Cargo informed the Committee".
# What stands behind it in the full title ("…, especially of young divers") is left out, as short mentions leave it out.
_QUALIFIER = r"(?:especially|particularly|including|its)\b"
_MANDATE = re.compile(
    rf"(?:(?:^|, )[Tt]he |^{CAPITALS}(?: {CAPITALS}){{1,4}}, )(?P<name>(?:Special Rapporteur|Independent Expert|"
    r"High Representative|Special Envoy|Special Representative(?: of the Secretary-General)?) (?:on|for) "
    rf"(?:(?!(?:that|which|who|whose|whom|said|had)\b|{_QUALIFIER})[\w’'-]+,? ){{0,14}}?(?!(?:that|which|who)\b)[\w’'-]+|"
    rf"(?:Chair(?:person|man|woman|-Rapporteur)? of the|CHAIR OF THE) (?P<body>{_CAP_NAME}))"
    rf"(?=(?:,? | \([^()]*\),? |, (?:{_QUALIFIER}|presenting|introducing) [^;:]{{1,80}}?,? )"
    rf"(?:{ADVERB} )*(?:{prefix_tree(lx.SPEECH_PASTS)})\b)"
)
# One of them stands in whatever the pattern matches.
_MANDATE_WORDS = ("Rapporteur", "Expert", "Represent", "Envoy", "Chair", "CHAIR")

# -- what makes words an organisation's name -------------------------------------------------------------------------

# A word that names a kind of organisation: the "Watch" of "Open Harbours Watch".
_ORG_WORD = re.compile(
    r"\b(?:League|Forum|Network|Alliance|Federation|Association|Society|Coalition|Institute|Institution|Foundation|"
    r"Union|Centre|Center|Initiative|Campaign|Watch|International|Observatory|Clinic|Trust|Partnership|"
    r"Guild|Club|Movement|Fund|Agency|Organization|Organisation|Company|Corporation|Group|Confederation|Chamber|"
    r"Bureau|Academy|University|Caucus|Front|Lab|Collective|Exchange|Desk|Project|Bar|Circle|Grandmothers|Mothers|"
    r"Friends|Engineers|Lawyers|Doctors|Women|Youth|Workers|Journalists|Board|Bank|Office|Service|Services|"
    r"Secretariat|Programme|Council|Commons|Rights|Action|Voices|Wires|Ledger|House|Industry|Councils)\b"
)
# General words with which the name of an organisation can none the less end: "Harbour Mechanism".
_ORGANIZATION_ENDINGS = {"Organization", "Forum", "Initiative", "World", "Court", "Mechanism", "Fund"}
# An organ of the meeting: "Open-ended Working Group".
_MEETING_GROUP = re.compile(
    r"\b(?:Expert|Working|Contact|Drafting|Open-ended|Task|Study|Informal|Small) (?:Group|Force)\b"
)
# The first words of offices and organs: "Permanent Forum Adviser".
_OFFICIAL_START = re.compile(
    r"(?:United Nations|General|Security|Economic|International Law|Human Rights Council|Special|Permanent|Deputy|"
    r"Prime|Foreign)\b"
)
# Words of organs, instruments and offices, wherever they stand: "Preparatory Committee".
_OFFICIAL_WORD = re.compile(
    r"\b(?:Committee|Commission|General Assembly|Conference|Convention|Treaty|Protocol|Chair|Rapporteur|Minister|"
    r"Working Group|General|Secretary|Law of the Sea)\b"
)
# An office, which speaks for the body behind it: "Director of the New York Office".
_OFFICE_OR_ORGAN = re.compile(rf"(?:{OFFICE})(?: (?:of|for)\b|$)")
# The verb of saying that makes a capitalised subject a speaker: "Open Harbours, a charity, also said".
_SAYS = re.compile(
    rf"(?:, {WORDY}{{1,120}},| \([^)]*\))*,?(?: {ADVERB},?)* (?:{SPEECH}|{AUX} (?:{ADVERB} )*(?:{SPEECH}))"
)
# What it does for others is no report: "Open Harbours Watch offered courses"; "offered to help" and "offered the view" are.
_OFFERS = re.compile(r" (?:offered|provided|had|has) (?!to\b|that\b|an? (?:view|opinion|suggestion)|the view)")
# What it had done is told by somebody else: "Open Harbours Watch, with its seat in Accra, had closed three ports".
_HAD_DONE = re.compile(rf"(?:, {WORDY}{{1,120}},| \([^)]*\))? had (?:{ADVERB} )*\w+(?:ed|en)\b")
_POSSESSIVE = re.compile(r"[’']s$")
_CLOSING_QUOTE = re.compile(r'^,?"')
# Or a clause about it: "Open Harbours, whose members …".
_RELATIVE = re.compile(r", (?:which|whose|its|who)\b")
# Or words that say what it is: "Open Harbours, a charity".
_APPOSITION = re.compile(r", (?:which|whose|a|an) ")


def learn_organizations(sentences: Sequence[Sentence], registry: Registry) -> dict[str, str]:
    """Find the organisations that a document presents as speakers.

    Parameters
    ----------
    sentences : sequence of Sentence
        The document's sentences.
    registry : Registry
        The delegations already known.

    Returns
    -------
    dict of str to str
        Words as used in the document (a name, or its abbreviation) → the name.
    """
    organizations: dict[str, str] = {}
    short_forms = _short_forms(sentences, registry)
    for s in sentences:
        if s.heading:
            continue
        person = opens_with_person(s.text)
        for pattern in (_ROLE_ORG, _SUBJECT_ORG, _POSSESSIVE_ORG):
            if pattern is _POSSESSIVE_ORG and not _POSSESSED_ROLE.search(s.text):
                continue
            for match in pattern.finditer(s.text):
                name = _POSSESSIVE.sub("", match["name"])
                if pattern is _SUBJECT_ORG and person and match.start("name") == person.start("capitals"):
                    continue
                # Most sentences open with a capital and with no organisation: what is quickly seen comes first.
                if (
                    pattern is _SUBJECT_ORG
                    and name not in short_forms
                    and not _is_presented(name, s.text[match.end() :])
                ):
                    continue
                if _cuts_a_known_name(*match.span("name"), s.text, registry):
                    continue
                if name in short_forms:
                    organizations[name] = short_forms[name]
                    continue
                # Whoever has an article and a verb of saying is no heading and no person in capitals.
                speaks = s.text[: match.start("name")].endswith(("The ", "the ")) and _SAYS.match(
                    plain(s.text[match.end() :])
                )
                if not _is_new(name, registry, in_capitals=bool(speaks)):
                    continue
                organizations[name] = name
                short = match.groupdict().get("short")
                if short and registry.resolve(short) is None:
                    organizations[short] = name
        if person:
            organizations |= _of_officer(person, s.text, registry)
        for match in _MANDATE.finditer(s.text) if any(word in s.text for word in _MANDATE_WORDS) else ():
            if not _is_of_the_meeting(match["body"], s, sentences) and not registry.find(match["name"]):
                organizations[match["name"]] = match["name"]
    return organizations


def _of_officer(person: re.Match[str], text: str, registry: Registry) -> dict[str, str]:
    """Return the organisation for which a person introduced by his office speaks, with its abbreviation."""
    flat = person.string
    # Without capitals a name is as good as any other words with which a sentence begins.
    if not person["capitals"]:
        return {}
    if find_officer(text, [(m.start, m.end, registry.get(m.code).kind == "state") for m in registry.find(text)]):
        return {}
    match = _OFFICER_ORG.match(text, person.end())
    while match and not says_behind(flat, match.end()):
        match = _OFFICER_ORG.match(text, match.end("name"))
    if not match or _ORGAN.match(match["name"]) or not _is_new(match["name"], registry, in_capitals=False):
        return {}
    name, short = match["name"], match["short"]
    return {name: name} | ({short: name} if short and registry.resolve(short) is None else {})


def _is_of_the_meeting(body: str | None, where: Sentence, sentences: Sequence[Sentence]) -> bool:
    """Tell whether a body is the one in session, whose chair speaks for nobody.

    The headings or the opening name it, or its name says no more than "Committee" or "Working Group".
    """
    if body is None:
        return False
    if len(_capitalised(body)) < 3:
        return True
    opening = next((s.number for s in sentences if not s.heading), 0)
    tells = [s for s in sentences if s.heading or (s.number == opening and s.number != where.number)]
    return any(body.casefold() in s.text.casefold() for s in tells)


def _cuts_a_known_name(start: int, end: int, text: str, registry: Registry) -> bool:
    """Tell whether a span is only part of a name that the registry knows: the "Côte" of "Côte d'Ivoire"."""
    return any(m.start < end and m.end > start and not (start <= m.start and m.end <= end) for m in registry.find(text))


def _short_forms(sentences: Sequence[Sentence], registry: Registry) -> dict[str, str]:
    """Return the first words that stand for a registered group of the document: "the Commonwealth", "the League".

    A word that several groups share, or that any group could be called by ("Group"), tells nothing.
    """
    found: dict[str, set[str]] = {}
    may_name_one = _first_words(registry)
    for s in sentences:
        if not may_name_one.search(s.text):
            continue
        for m in registry.find(s.text):
            name = registry.get(m.code).name
            first = name.split()[0]
            if registry.get(m.code).kind != "state" and " of " in name and s.text[m.start : m.end].startswith(first):
                found.setdefault(first, set()).add(name)
    return {
        word: next(iter(names))
        for word, names in found.items()
        if len(names) == 1 and word not in lx.ANAPHORIC_BODIES and registry.resolve(word) is None
    }


@functools.lru_cache(maxsize=8)
def _first_words(registry: Registry) -> re.Pattern[str]:
    """Return a pattern of the first words of registered groups such as "League of Arab States"."""
    words = {d.name.split()[0] for d in registry if d.kind != "state" and " of " in d.name}
    return re.compile("|".join(map(re.escape, sorted(words))))


def _capitalised(name: str) -> list[str]:
    return [w for w in name.split() if w[:1].isupper()]


def _is_new(name: str, registry: Registry, *, in_capitals: bool) -> bool:
    """Tell whether words with capitals can be the name of an organisation that nobody has registered.

    Where all is in capitals, a word for an organisation is asked for, unless ``in_capitals`` says that it speaks.
    """
    words = _capitalised(name)
    if not words or registry.resolve(name) is not None:
        return False
    if name.isupper():
        if not _ORG_WORD.search(name.title()) and not (in_capitals and len(words) > 2):
            return False  # a heading, a person in capitals
        name, words = name.title(), _capitalised(name.title())
    return not (
        _is_made_of_known_names(name, registry)
        or _is_generic(name, words)
        or _MEETING_GROUP.search(name)
        or (_OFFICIAL_START.match(name) and not _ORG_WORD.search(words[-1]))
        or (len(words) == 1 and words[0] in lx.ANAPHORIC_BODIES)
        or _OFFICE_OR_ORGAN.match(name)
        or re.match(
            r"(?:The|THE|Her|His|Its|Our|Their|In|On|At|From|By|For|With|After|Before|Under|Professor|Dr|Mr|Ms|Mrs)\b",
            name,
        )
        or words[-1] in _RULES
        or (not _ORG_WORD.search(name) and words[-1] in _STATUTES)
        or _PAPER.search(name)
        or _OFFICIAL_WORD.search(name)
    )


def _is_made_of_known_names(name: str, registry: Registry) -> bool:
    """Tell whether delegations are all that a name holds ("Ghana and Togo"; not "Ghana Lawyers Association")."""
    known = registry.find(name)
    rest = name
    for m in reversed(known):
        rest = rest[: m.start] + rest[m.end :]
    if known and not _ORG_WORD.search(rest):
        return True
    if known and known[0].start == 0 and re.match(r"[’']s? ", name[known[0].end :]):
        return True  # "Ghana's National Council" is an organ of Ghana
    covered = sum(m.end - m.start for m in known)
    return covered >= len(name) - 2 or not re.search(r"[A-Z]", rest)


def _is_generic(name: str, words: Sequence[str]) -> bool:
    """Tell whether a name is made of words that any text writes with capitals ("Draft Articles")."""
    if all(w in lx.GENERIC_NAMES for w in words):
        return True
    return not _ORG_WORD.search(name) and words[-1] in lx.GENERIC_NAMES - _ORGANIZATION_ENDINGS


# "Vienna Programme of Action".
_PAPER = re.compile(r"\b(?:Programme|Plan|Platform|Agenda|Declaration|Framework|Principles) (?:of|for|on)\b")
_STATUTES = frozenset({"Law", "Code"})
# "International Health Regulations": no body ends so, whatever else its name holds.
_RULES = frozenset({"Act", "Bill", "Regulation", "Regulations"})
# "Anna Berg, a professor of law, said": a guest, who speaks for nobody.
_GUEST = re.compile(
    r", (?:an?|the) (?:[\w-]+ ){0,3}?(?:professor|panellist|panelist|lawyer|judge|researcher|historian|author|economist|scientist|expert|journalist|moderator|academic|engineer)\b"
)


def _is_presented(name: str, behind: str) -> bool:
    """Tell whether the text behind a capitalised subject makes it an organisation that speaks.

    Any subject begins with a capital, so that the name needs a word of its kind ("Open Harbours *Watch* said") or an
    apposition ("Open Harbours, *a* charity, said").
    """
    if len(_capitalised(name)) < 2:
        return False
    after = _CLOSING_QUOTE.sub("", plain(behind))
    if (not _SAYS.match(after) and not _RELATIVE.match(after)) or _GUEST.match(after):
        return False
    if (_OFFERS.match(after) or _HAD_DONE.match(after)) and not name.isupper():
        return False
    if name.isupper() or _ORG_WORD.search(name):
        return True
    return bool(_APPOSITION.match(after))
