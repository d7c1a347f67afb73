"""The names of a document: those that the registry knows, and the people and organisations that the text introduces."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from stance.attribution import lexicon as lx
from stance.attribution.grammar import HONORIFIC, MODIFIER, OFFICE, ROLE, UPPER
from stance.attribution.officers import find_officer, opens_with_person
from stance.attribution.organizations import learn_organizations
from stance.attribution.skeleton import ENTITY_KINDS, Name, Skeleton, skeletonize
from stance.attribution.types import Speaker
from stance.delegations import ALIAS_TYPES, Registry
from stance.delegations.codes import name_to_code
from stance.prefix_tree import prefix_tree
from stance.sentences import Sentence

__all__ = ["DocumentNames", "is_government"]

# An introduction of a person with the delegation behind: "AMA OWUSU (Ghana)", "Ms. Ama Owusu (Ghana)".
_INTRODUCTION = re.compile(
    rf"(?:(?:^|(?<=[\s“\"(—,;]))(?:{HONORIFIC}\s+)?"
    rf"(?P<name>[’'‘ʻʼ]?(?:{UPPER}[’'‘ʻʼ\-]?)+(?:\s+(?:(?:de|da|do|dos|das|van|von|der|den|bin|bint|ibn|al|el|la|le|du|"
    rf"di|del|ter|ten|of|y|e)\s+)*[’'‘ʻʼ]?(?:{UPPER}[a-z]?[’'‘ʻʼ\-.]*)+)+)|"
    rf"(?<!\w){HONORIFIC}\s+"
    rf"(?P<mixed>(?:(?:{UPPER}[\w’'‘ʻʼ\-]+|de|da|van|von|der|bin|al|el|la|le)\s?){{1,4}}?))"
    r"\s*,?\s*\((?P<where>[^()]{2,80}(?:\([^()]*\))?[^()]{0,20})\)"
)
# The family name alone at the head of a sentence: "OWUSU (Ghana) said".
_FAMILY_NAME = re.compile(rf"(?P<name>{UPPER}(?:[’'‘ʻʼ\-]?{UPPER})+)\s*\((?P<where>[^()]{{3,60}})\)(?=,|\s+[a-z])")
# A person before the name of a country: "Ama Owusu of (Ghana)", "Ms. Owusu of the (Gambia)".
_PERSON_OF = re.compile(
    rf"(?:(?<!\w){HONORIFIC}\s+|{UPPER}[\w’'\-.]*\s+)"
    rf"(?P<name>(?:[^\W\d_][\w’'‘\-]*\s+){{0,3}}?{UPPER}[\w’'‘\-]*),?\s+of\s+(?:the\s+)?$"
)
# A delegate with his name: "(Ghana)'s delegate, Ms. Owusu", "the delegate of (Ghana), Ms. Owusu".
_DELEGATE_NAMED = re.compile(
    rf"(?:[’']s?\s+{MODIFIER}(?:{ROLE}|{OFFICE}),?|,)\s+{HONORIFIC}\s+(?P<name>(?:{UPPER}[\w’'‘\-]*\s?){{1,4}})"
)
_DELEGATE_BEFORE = re.compile(rf"\b(?:{ROLE}|{OFFICE})\s+(?:of|from|for)\s+(?:the\s+)?$")
# Without the ends of words: quick, and more than enough.
_TITLE = re.compile("|".join(map(re.escape, lx.HONORIFICS)))
# How such words end before the name of the country.
_PERSON_ENDS = ("of ", "the ", "of\u00a0", "the\u00a0")
# The longest such words that are looked at.
_PERSON_REACH = 80
# A person by a title: "Ms. Owusu".
_PERSON = re.compile(
    rf"\b{HONORIFIC}\s+"
    rf"(?P<name>[’'‘ʻʼ]?{UPPER}[\w\u0300-\u036f’'‘ʻʼ\-]*(?:\s[’'‘ʻʼ]?{UPPER}[\w\u0300-\u036f’'‘ʻʼ\-]*){{0,3}})"
)
# The secretary of a body in session, who speaks for the Secretariat: "The Committee Secretary said".
_SECRETARY = re.compile(
    r"\b(?:Committee|Commission|Conference|Council) Secretary\b(?!-)|"
    rf"(?<=\b[Tt]he )Secretary(?= (?:then |also )?(?:{prefix_tree(lx.SPEECH_PASTS)})\b)|"
    r"\bSecretary of the (?:\w+ ){0,2}?(?:Committee|Commission|Conference|Council|Working Group)\b"
)
# An officer of the Secretariat, who introduces its papers: "the Director of the Division for Ports, introducing the note".
_OFFICER = re.compile(
    r"\b(?:(?:Deputy |Acting )?(?:Director|Chief|Head)|Officer-in-Charge) of the "
    r"(?:Division|Branch|Office|Department|Section|Unit)(?: (?:for|of|on|and|the|to|in|[A-Z][\w-]+))*"
)
_INTRODUCES = re.compile(r"\b[Ii]ntroduc(?:ing|ed) the (?:\w+ )?(?:documentation|documents?|reports?|notes?)\b")


_EVERY_TYPE = frozenset(ALIAS_TYPES)


class _Claims:
    """The spans of a sentence that names have taken; the first to come keeps its place."""

    def __init__(self) -> None:
        self._taken: list[tuple[int, int]] = []

    def free(self, start: int, end: int) -> bool:
        """Tell whether no name stands in a span."""
        return all(end <= a or start >= b for a, b in self._taken)

    def take(self, start: int, end: int) -> None:
        """Keep a span for a name."""
        self._taken.append((start, end))


def is_government(text: str, end: int) -> bool:
    """Tell whether the capital that ends at ``end`` stands for its government.

    "Budapest Convention", "Rome Statute", "Seoul's trams": an instrument or a city.
    """
    return not re.match(r"\s+(?:and [A-Z]\w+ )?[A-Z][a-z]|[’']s\b", text[end:])


class DocumentNames:
    """The names in each sentence of a document, with what the document itself teaches.

    Parameters
    ----------
    sentences : sequence of Sentence
        The document's sentences.
    registry : Registry
        The delegations that can speak.

    Attributes
    ----------
    introductions : dict of int to list of Name
        Sentence number → the people introduced there with their delegations.
    names : dict of int to tuple of Name
        Sentence number → every name in it.
    skeletons : dict of int to Skeleton
        Sentence number → the reduced sentence.
    """

    def __init__(self, sentences: Sequence[Sentence], registry: Registry) -> None:
        self.sentences = sentences
        self.registry = registry
        self.introductions: dict[int, list[Name]] = {}
        self._people: dict[str, str] = {}  # the last words of a person's name → code of the delegation
        for s in sentences:
            self._learn_people(s)
        self._abbreviations = self._learn_abbreviations()
        self._organizations = learn_organizations(sentences, registry)
        self._titles: dict[str, str] = {}  # code of an organisation that the registry lacks → its name
        self._officers: dict[int, Name] = {}  # sentence number → who is introduced there by his office
        for s in sentences:
            self._learn_officer(s)
        self.names = {s.number: tuple(self._find(s)) for s in sentences}
        self.skeletons: dict[int, Skeleton] = {
            s.number: skeletonize(s.text, [n for n in self.names[s.number] if n.kind != "capital"]) for s in sentences
        }

    def speakers(self, skeleton: Skeleton, start: int, end: int, how: str) -> tuple[Speaker, ...]:
        """Return the delegations named between two positions of a reduced sentence, each once.

        Parameters
        ----------
        skeleton : Skeleton
            The reduced sentence.
        start, end : int
            Positions in it.
        how : str
            The construction to note with each.

        Returns
        -------
        tuple of Speaker
            In the order of the sentence.
        """
        seen: dict[str, Speaker] = {}
        for name in skeleton.codes(start, end):
            seen.setdefault(name.code, self._speaker(name, how))
        return tuple(seen.values())

    def _speaker(self, name: Name, how: str) -> Speaker:
        if name.code in self.registry:
            d = self.registry.get(name.code)
            return Speaker(d.code, d.name, d.kind, how)
        return Speaker(name.code, self._titles.get(name.code, name.text), "organization", how)

    def _learn_people(self, s: Sentence) -> None:
        is_titled = _TITLE.search(s.text) is not None
        for m in self.registry.find(s.text) if is_titled or " of " in s.text else ():
            before = s.text[max(0, m.start - _PERSON_REACH) : m.start]
            named = _PERSON_OF.search(before) if before.endswith(_PERSON_ENDS) else None
            if is_titled and not named:
                named = _DELEGATE_NAMED.match(s.text, m.end)
                if named and named[0].startswith(",") and not _DELEGATE_BEFORE.search(before):
                    named = None  # "Ports in Ghana, Ms. Owusu said, …"
            if named and self.registry.get(m.code).kind == "state":
                self._remember(named["name"], m.code)
        if "(" not in s.text:
            return
        for match in _INTRODUCTION.finditer(s.text):
            where = match["where"]
            delegation = self.registry.resolve(where) or self.registry.resolve(re.split(r"[,;]", where)[0].strip())
            name = match["name"] or match["mixed"]
            if delegation is None or (match["name"] and self.registry.resolve(match["name"].strip())):
                continue
            self.introductions.setdefault(s.number, []).append(
                Name(match.start(), match.end(), delegation.code, "section", match[0])
            )
            self._remember(name, delegation.code)
        alone = _FAMILY_NAME.match(s.text) if s.number not in self.introductions else None
        state = self.registry.resolve(alone["where"]) if alone else None
        if alone and state and state.kind == "state" and self.registry.resolve(alone["name"]) is None:
            name = Name(0, alone.end(), state.code, "section", alone[0])
            self.introductions.setdefault(s.number, []).append(name)
            self._remember(alone["name"], state.code)

    def _learn_officer(self, s: Sentence) -> None:
        if s.heading or s.number in self.introductions or not opens_with_person(s.text):
            return
        bodies = sorted((n for n in self._find(s) if n.kind in ENTITY_KINDS), key=lambda n: n.start)
        officer = find_officer(s.text, [(n.start, n.end, n.kind == "state") for n in bodies])
        if officer is None:
            return
        body = bodies[officer.delegation]
        if body.code not in self.registry:
            self._titles[body.code] = body.text
        span = s.text[officer.start : officer.end]
        self._officers[s.number] = Name(officer.start, officer.end, body.code, "section", span)
        self._remember(officer.name, body.code)

    def _remember(self, name: str, code: str) -> None:
        """Keep the delegation of a person under each number of the last words of the name."""
        parts = name.split()
        for size in range(1, min(4, len(parts)) + 1):
            self._people.setdefault(" ".join(parts[-size:]).casefold(), code)

    def _learn_abbreviations(self) -> dict[str, str]:
        """Find the abbreviations that the document itself explains: "International Chamber of Commerce (ICC)"."""
        learned: dict[str, str] = {}
        for s in self.sentences:
            if "(" not in s.text:
                continue
            mentions = self.registry.find(s.text)
            for long, short in pairwise(mentions):
                if short.type != "abbreviation" or self.registry.get(long.code).kind == "state":
                    continue
                if long.type != "abbreviation" and re.fullmatch(r"\s*\(", s.text[long.end : short.start]):
                    learned.setdefault(short.alias, long.code)
        return learned

    def _find(self, s: Sentence) -> Iterator[Name]:
        """Find the names of a sentence; what the document teaches comes before what the registry knows."""
        claims = _Claims()
        officer = self._officers.get(s.number)
        for name in [*self.introductions.get(s.number, ()), *([officer] if officer else ())]:
            claims.take(name.start, name.end)
            yield name
        yield from self._find_people(s.text, claims)
        for match in _SECRETARY.finditer(s.text) if "Secretary" in s.text else ():
            if claims.free(*match.span()):
                claims.take(*match.span())
                yield Name(match.start(), match.end(), "SECRETARIAT", "body", match[0])
        for match in _OFFICER.finditer(s.text) if _INTRODUCES.search(s.text) else ():
            if claims.free(*match.span()) and not self.registry.find(match[0]):
                claims.take(*match.span())
                yield Name(match.start(), match.end(), "SECRETARIAT", "body", match[0])
        yield from self._find_organizations(s.text, claims)
        yield from self._find_registered(s.text, claims)

    def _find_people(self, text: str, claims: _Claims) -> Iterator[Name]:
        if not self._people:
            return
        for match in _PERSON.finditer(text):
            words = re.split(r"\s+", match["name"])
            for size in range(len(words), 0, -1):
                key = " ".join(words[:size]).casefold().removesuffix("’s").removesuffix("'s")
                code = self._people.get(key)
                if code and claims.free(*match.span()):
                    end = match.start("name") + len(" ".join(words[:size]))
                    if re.search(r"[’']s$", text[match.start() : end]):
                        end -= 2
                    claims.take(match.start(), end)
                    yield Name(match.start(), end, code, "person", text[match.start() : end])
                    break

    def _find_organizations(self, text: str, claims: _Claims) -> Iterator[Name]:
        mentioned = [alias for alias in self._organizations if alias in text]
        if not mentioned:
            return
        registered = [(m.start, m.end) for m in self.registry.find(text)]
        for alias in sorted(mentioned, key=len, reverse=True):
            full = self._organizations[alias]
            known = self.registry.resolve(full)
            code = known.code if known else name_to_code(full)
            for match in re.finditer(rf"[“\"]{re.escape(alias)},?[”\"]|(?<!\w){re.escape(alias)}(?!\w)", text):
                start, end = match.span()
                # The "Commonwealth" of "Commonwealth of Independent States" is no name of its own.
                if any(a <= start and end <= b and b - a > end - start for a, b in registered):
                    continue
                if claims.free(start, end):
                    claims.take(start, end)
                    yield Name(start, end, code, "body", full)

    def _find_registered(self, text: str, claims: _Claims) -> Iterator[Name]:
        for m in self.registry.find(text, types=_EVERY_TYPE):
            if not claims.free(m.start, m.end):
                continue
            if m.type == "capital":
                if not is_government(text, m.end):
                    continue
                kind = "capital"
            elif m.type == "demonym":
                kind = "adjective"
            else:
                kind = "state" if self.registry.get(m.code).kind == "state" else "body"
            code = m.code
            if m.type == "abbreviation" and m.alias in self._abbreviations:
                code, kind = self._abbreviations[m.alias], "body"
            claims.take(m.start, m.end)
            yield Name(m.start, m.end, code, kind, text[m.start : m.end])
