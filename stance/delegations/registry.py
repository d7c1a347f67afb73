"""The registry of delegations: reads the hand-checked tables and finds names in text.

``find`` compiles every spelling of every name into one regular expression shaped like a prefix tree, so that its cost
does not grow with the number of names. Nothing is read or compiled at import.
"""

from __future__ import annotations

import csv
import functools
import importlib.resources
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import NoReturn

from stance.errors import ConfigError
from stance.prefix_tree import prefix_tree

__all__ = [
    "ALIAS_TYPES",
    "DEFAULT_TYPES",
    "KINDS",
    "Alias",
    "Delegation",
    "Membership",
    "Mention",
    "Registry",
    "load_registry",
    "read_registry",
]

KINDS = ("state", "group", "organization")
# The order is the order of precedence where one spelling has two types.
ALIAS_TYPES = ("short", "official", "variant", "former", "abbreviation", "demonym", "capital")
DEFAULT_TYPES = frozenset(ALIAS_TYPES) - {"capital"}
UNIQUE_TYPES = DEFAULT_TYPES - {"demonym"}

# Abbreviations that are also words, first names or surnames; inside a line in capitals they are taken for those.
WORDLIKE = frozenset({"WHO", "US", "AU", "BASIC", "ALBA", "ISA", "LAS", "ICAN", "SICA", "UMA"})
SMALL_WORDS = frozenset({"of", "and", "the", "for", "on", "in", "to", "by", "la", "plus"})

APOSTROPHES = "'’‘ʼʻ`´′"
DASHES = "-‐‑‒–—−"
TRANSLATION = str.maketrans(dict.fromkeys(APOSTROPHES, "'") | dict.fromkeys(DASHES, "-"))
CHARACTERS = {" ": r"\s+", "'": f"[{APOSTROPHES}]", "-": f"[{re.escape(DASHES)}]"}
CODE = re.compile(r"[A-Z][A-Z0-9_]*")
STATE_CODE = re.compile(r"[A-Z]{3}")
_SENTENCES_KEPT = 1024
#: Names of which a registry keeps what they name.
_NAMES_KEPT = 4096
YEAR = re.compile(r"[12]\d{3}")


@dataclass(frozen=True)
class Delegation:
    """Whoever can take the floor.

    Parameters
    ----------
    code : str
        ISO 3166-1 alpha-3 for a state, a stable upper-case code for anything else.
    name : str
        The short name used in the United Nations.
    kind : str
        ``state``, ``group`` or ``organization``.
    iso3 : str or None
        The code again for a state, None for anything else.
    """

    code: str
    name: str
    kind: str
    iso3: str | None


@dataclass(frozen=True)
class Alias:
    """One spelling of a delegation's name.

    Parameters
    ----------
    text : str
        The spelling, as listed.
    code : str
        The delegation that it names.
    type : str
        One of :data:`ALIAS_TYPES`.
    """

    text: str
    code: str
    type: str


@dataclass(frozen=True)
class Membership:
    """A state's membership of a group or an organisation.

    Parameters
    ----------
    group, member : str
        Codes of the group and of the state.
    from_year : int or None
        First year of membership; None from the start, or not known.
    to_year : int or None
        Year in which the membership ended, itself no longer counted; None while it lasts.
    """

    group: str
    member: str
    from_year: int | None
    to_year: int | None


@dataclass(frozen=True)
class Mention:
    """A delegation's name found in a text.

    Parameters
    ----------
    start, end : int
        Offsets in Unicode code points: the mention is ``text[start:end]``.
    code : str
        The delegation named.
    alias : str
        The spelling that was recognised, as listed in the registry.
    type : str
        Type of that spelling, one of :data:`ALIAS_TYPES`.
    """

    start: int
    end: int
    code: str
    alias: str
    type: str


class Registry:
    """All delegations with their names and memberships.

    Parameters
    ----------
    delegations : iterable of Delegation
        In the order in which iteration gives them.
    aliases : iterable of Alias
        Names of any type but ``demonym`` and ``capital`` belong to one delegation only. Where a demonym is shared, the
        first one listed is found.
    memberships : iterable of Membership, optional
        Who belongs to which group, when.
    exclusions : iterable of str, optional
        Phrases that hold a name but are not one ("Gulf of Guinea"); ``find`` passes over them.

    Notes
    -----
    The constructor trusts its input; :func:`read_registry` checks it.
    """

    def __init__(
        self,
        delegations: Iterable[Delegation],
        aliases: Iterable[Alias],
        memberships: Iterable[Membership] = (),
        exclusions: Iterable[str] = (),
    ) -> None:
        self._delegations = {d.code: d for d in delegations}
        # A stable sort: within a type the order of the file decides.
        self._aliases = tuple(sorted(aliases, key=lambda a: ALIAS_TYPES.index(a.type)))
        self._exclusions = tuple(exclusions)
        self._memberships: dict[str, list[Membership]] = {}
        for membership in memberships:
            self._memberships.setdefault(membership.group, []).append(membership)
        self._exact: dict[str, str] = {}
        self._folded: dict[str, str] = {}
        for alias in self._aliases:
            if alias.type == "abbreviation":
                self._exact.setdefault(_normalize(alias.text), alias.code)
            elif alias.type != "capital":
                self._folded.setdefault(_fold(alias.text), alias.code)
        self._finder: _Finder | None = None
        # A document gives the same names again and again.
        self._resolved = functools.lru_cache(maxsize=_NAMES_KEPT)(self._resolve_whole)

    def __contains__(self, code: object) -> bool:
        """Tell whether a delegation has this code."""
        return code in self._delegations

    def __iter__(self) -> Iterator[Delegation]:
        """Give the delegations in the order of the file."""
        return iter(self._delegations.values())

    def __len__(self) -> int:
        """Count the delegations."""
        return len(self._delegations)

    @property
    def aliases(self) -> tuple[Alias, ...]:
        """All aliases, sorted by type in the order of :data:`ALIAS_TYPES`."""
        return self._aliases

    def get(self, code: str) -> Delegation:
        """Return the delegation with this code.

        Raises
        ------
        ConfigError
            If there is none.
        """
        try:
            return self._delegations[code]
        except KeyError:
            meant = self.resolve(code) if isinstance(code, str) else None
            hint = f"; the code of {meant.name} is {meant.code}" if meant else ""
            raise ConfigError(
                f"unknown delegation code {code!r}{hint}; codes are ISO 3166-1 alpha-3 for states and those of "
                "stance/delegations/data/delegations.csv for anything else"
            ) from None

    def resolve(self, name: str) -> Delegation | None:
        """Return the delegation that a whole string names, or None.

        Case, accents, white space, apostrophes, dashes, a leading "the", a bracketed abbreviation ("European Union
        (EU)") and inverted order ("Korea, Republic of") make no difference. Abbreviations need their own case.
        Capitals do not count as names. A code is not a name: use :meth:`get`.
        """
        return self._resolved(name)

    def _resolve_whole(self, name: str) -> Delegation | None:
        text = re.sub(r"^[\s,.;:]+|[\s,;:]+$", "", _normalize(name))
        code = self._resolve(text)
        if code is None and (bracketed := re.fullmatch(r"(.+?) ?\(([^()]+)\)", text)):
            outer, inner = self._resolve(bracketed[1]), self._resolve(bracketed[2])
            if outer is not None and (inner == outer or bracketed[2].casefold() == "the"):
                code = outer
        if code is None and text.count(",") == 1:
            after, before = text.split(",")
            code = self._resolve(f"{before.strip()} {after.strip()}")
        return None if code is None else self._delegations[code]

    def _resolve(self, text: str) -> str | None:
        bare = re.sub(r"(?i:^the )", "", text)
        return self._exact.get(bare) or self._folded.get(_fold(text)) or self._folded.get(_fold(bare))

    def find(self, text: str, types: frozenset[str] | None = None) -> list[Mention]:
        """Find the names in a text.

        Mentions do not overlap, whatever their type; of two names that begin at the same place the longer one is taken
        ("Guinea-Bissau", not "Guinea"). Names match as listed or in capitals, abbreviations as listed, all of them at word boundaries only; a
        possessive ending is left out. White space in a name matches any run of white space, straight and curly
        apostrophes match each other, so do hyphens and short dashes.

        A list of states that is also a group's name ("Canada, Australia and New Zealand") is taken for the group only
        after "on behalf of" or "for", or before an abbreviation in brackets; elsewhere each state is found.

        Parameters
        ----------
        text : str
            Any text, as stored.
        types : frozenset of str, optional
            Types of names to return, :data:`DEFAULT_TYPES` (all but capitals) if None. A name of another type hides those
            that it overlaps.

        Returns
        -------
        list of Mention
            From left to right.

        Raises
        ------
        ConfigError
            If a type is not one of :data:`ALIAS_TYPES`.
        """
        chosen = DEFAULT_TYPES if types is None else types
        if unknown := sorted(set(chosen) - set(ALIAS_TYPES)):
            raise ConfigError(f"unknown alias type {unknown[0]!r}; choose from {', '.join(ALIAS_TYPES)}")
        if self._finder is None:
            self._finder = self._build()
        return [m for m in self._finder.find(text) if m.type in chosen]

    def members(self, group_code: str, year: int | None = None) -> frozenset[str]:
        """Return the members of a group or an organisation.

        Parameters
        ----------
        group_code : str
            Code of the group.
        year : int, optional
            Membership in this year; the latest one if None, which for a group that has dissolved is the last it had.

        Returns
        -------
        frozenset of str
            ISO 3166-1 alpha-3 codes; empty for a state and where no membership is recorded.

        Raises
        ------
        ConfigError
            If there is no delegation with this code.
        """
        rows = self._memberships.get(self.get(group_code).code, [])
        if year is None:
            ends = [row.to_year for row in rows]
            last = None if None in ends else max((end for end in ends if end is not None), default=None)
            return frozenset(row.member for row in rows if row.to_year == last)
        return frozenset(
            row.member
            for row in rows
            if (row.from_year is None or row.from_year <= year) and (row.to_year is None or year < row.to_year)
        )

    def _build(self) -> _Finder:
        forms: dict[str, Alias | None] = {}
        lists: dict[str, Alias] = {}
        for alias in self._aliases:
            kind = self._delegations[alias.code].kind
            target = lists if kind == "group" and self._is_list_of_states(alias.text) else forms
            for form in _forms(alias, kind):
                target.setdefault(form, alias)
        for phrase in self._exclusions:
            for form in _spellings([phrase, phrase.upper()]):
                forms.setdefault(form, None)
        return _Finder(forms, lists)

    def _is_list_of_states(self, text: str) -> bool:
        parts = re.split(r", | and ", text)
        codes = [self._folded.get(_fold(part)) for part in parts]
        return len(parts) > 2 and all(code is not None and self._delegations[code].kind == "state" for code in codes)


class _Finder:
    """One compiled pattern and the table that says what each spelling names."""

    def __init__(self, forms: dict[str, Alias | None], lists: dict[str, Alias]) -> None:
        self._forms: dict[str, Alias | None] = {**forms, **lists}
        names = prefix_tree(forms, CHARACTERS)
        if lists:
            tree = prefix_tree(lists, CHARACTERS)
            names = (
                rf"(?:(?:(?<=\bbehalf\sof\s)|(?<=\bfor\s)){tree}(?!\w|\s+and\b)"
                rf"|{tree}(?=\s*\([A-Z]{{2,}}\)))|{names}"
            )
        self._pattern = re.compile(rf"(?<!\w)(?:{names})(?![\w$£€])")
        # A sentence is asked for its names again and again while a document is read.
        self.find = functools.lru_cache(maxsize=_SENTENCES_KEPT)(self._find)

    def _find(self, text: str) -> tuple[Mention, ...]:
        mentions = []
        for match in self._pattern.finditer(text):
            found = match[0]
            alias = self._forms[found] if found in self._forms else self._forms[_normalize(found)]
            if alias is None:
                continue
            start, end = match.span()
            if alias.type == "abbreviation" and not _is_abbreviation(text, start, end):
                continue
            mentions.append(Mention(start, end, alias.code, alias.text, alias.type))
        return tuple(mentions)


def _is_abbreviation(text: str, start: int, end: int) -> bool:
    """Tell an abbreviation from a part of a document symbol (UNEP/CBD/8) and from a word in a line in capitals."""
    if text[start - 1 : start] == "/" or re.match(r"/[A-Z]+[/.\d]", text[end : end + 12]):
        return False
    if text[start:end] in WORDLIKE:
        before = re.search(r"(\w+)[^\S\n]+$", text[max(0, start - 30) : start])
        after = re.match(r"[^\S\n]+(\w+)", text[end : end + 30])
        return not any(m and len(m[1]) > 1 and m[1].isupper() for m in (before, after))
    return True


def _normalize(text: str) -> str:
    """Bring white space, apostrophes and dashes to their plain forms, and compose accents."""
    return " ".join(unicodedata.normalize("NFC", text).translate(TRANSLATION).split())


def _fold(text: str) -> str:
    """Bring a name to a form in which case, accents, hyphens and ampersands make no difference."""
    plain = _normalize(text).casefold()
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", plain)
        plain = "".join(c for c in plain if not unicodedata.combining(c)).translate(TRANSLATION)
    return " ".join(plain.replace("&", " and ").replace("-", " ").split())


def _forms(alias: Alias, kind: str) -> set[str]:
    """Every spelling in which an alias is looked for in running text."""
    text = alias.text
    if alias.type == "abbreviation":
        # A name beside the abbreviation ("G-77/China") is written in capitals where all names are.
        return _spellings([text, text.upper()] if re.search("[a-z]{4}", text) else [text])
    forms = {text, text[0].upper() + text[1:], text.upper()}
    if kind != "state":
        titled = " ".join(w if w in SMALL_WORDS else w[0].upper() + w[1:] for w in text.split())
        forms |= {titled, titled[0].upper() + titled[1:]}
        forms |= {re.sub(r"\bStates\b", "states", form) for form in forms}
    return _spellings(forms)


def _spellings(forms: Iterable[str]) -> set[str]:
    """Give the normal forms, with accents composed and, as some PDF files have them, decomposed."""
    normal = {_normalize(form) for form in forms}
    return normal | {unicodedata.normalize("NFD", form) for form in normal}


@functools.cache
def load_registry() -> Registry:
    """Return the registry that ships with the package; read at the first call.

    Raises
    ------
    ConfigError
        If a row of the data cannot be used.
    """
    return read_registry(importlib.resources.files("stance.delegations") / "data")


def read_registry(folder: Path | Traversable) -> Registry:
    """Read and check a registry.

    Parameters
    ----------
    folder : pathlib.Path or importlib.resources.abc.Traversable
        Holds ``delegations.csv`` (code, name, kind), ``aliases.csv`` (code, alias, type), ``members.csv`` (group,
        member, from_year, to_year) and ``exclusions.csv`` (text), all UTF-8.

    Returns
    -------
    Registry

    Raises
    ------
    ConfigError
        If a file is missing or a row cannot be used; names file, line and field.
    """
    delegations: dict[str, Delegation] = {}
    for row in _rows(folder, "delegations.csv", ("code", "name", "kind")):
        kind = row.choice("kind", KINDS)
        code = row.filled("code")
        if not (STATE_CODE if kind == "state" else CODE).fullmatch(code):
            row.refuse("code", f"{code!r} is not an upper-case code" + (" of three letters" if kind == "state" else ""))
        if code in delegations:
            row.refuse("code", f"{code!r} is listed twice")
        delegations[code] = Delegation(code, row.filled("name"), kind, code if kind == "state" else None)
    aliases = _read_aliases(folder, delegations)
    memberships = _read_memberships(folder, delegations)
    exclusions = [row.filled("text") for row in _rows(folder, "exclusions.csv", ("text",))]
    return Registry(delegations.values(), aliases, memberships, exclusions)


def _read_aliases(folder: Path | Traversable, delegations: dict[str, Delegation]) -> list[Alias]:
    aliases: list[Alias] = []
    seen: set[tuple[str, str]] = set()
    owners: dict[str, str] = {}
    for row in _rows(folder, "aliases.csv", ("code", "alias", "type")):
        alias = Alias(row.filled("alias"), row.known("code", delegations), row.choice("type", ALIAS_TYPES))
        if (alias.code, alias.text) in seen:
            row.refuse("alias", f"{alias.text!r} is listed twice for {alias.code}")
        seen.add((alias.code, alias.text))
        if alias.type in UNIQUE_TYPES:
            key = _normalize(alias.text) if alias.type == "abbreviation" else _fold(alias.text)
            owner = owners.setdefault(key, alias.code)
            if owner != alias.code:
                row.refuse("alias", f"{alias.text!r} names both {owner} and {alias.code}")
        aliases.append(alias)
    return aliases


def _read_memberships(folder: Path | Traversable, delegations: dict[str, Delegation]) -> list[Membership]:
    memberships: list[Membership] = []
    seen: set[tuple[str, str, int | None]] = set()
    for row in _rows(folder, "members.csv", ("group", "member", "from_year", "to_year")):
        entry = Membership(
            row.known("group", delegations),
            row.known("member", delegations),
            row.year("from_year"),
            row.year("to_year"),
        )
        if delegations[entry.group].kind == "state":
            row.refuse("group", f"{entry.group!r} is a state")
        if delegations[entry.member].kind != "state":
            row.refuse("member", f"{entry.member!r} is not a state")
        if entry.from_year is not None and entry.to_year is not None and entry.from_year >= entry.to_year:
            row.refuse("to_year", f"{entry.to_year} is not after {entry.from_year}")
        if (entry.group, entry.member, entry.from_year) in seen:
            row.refuse("member", f"{entry.member!r} is listed twice in {entry.group}")
        seen.add((entry.group, entry.member, entry.from_year))
        memberships.append(entry)
    return memberships


@dataclass(frozen=True)
class _Row:
    """A row of a table that knows where it stands."""

    file: str
    line: int
    values: dict[str, str]

    def refuse(self, field: str, what: str) -> NoReturn:
        raise ConfigError(f"{self.file}, line {self.line}, field {field!r}: {what}; correct the row")

    def filled(self, field: str) -> str:
        value = self.values[field]
        if not value:
            self.refuse(field, "is empty")
        if value != value.strip():
            self.refuse(field, f"{value!r} has white space around it")
        return value

    def choice(self, field: str, allowed: Sequence[str]) -> str:
        value = self.filled(field)
        if value not in allowed:
            self.refuse(field, f"{value!r} is not one of {', '.join(allowed)}")
        return value

    def known(self, field: str, delegations: dict[str, Delegation]) -> str:
        value = self.filled(field)
        if value not in delegations:
            self.refuse(field, f"{value!r} is not in delegations.csv")
        return value

    def year(self, field: str) -> int | None:
        value = self.values[field]
        if value and not YEAR.fullmatch(value):
            self.refuse(field, f"{value!r} is not a year")
        return int(value) if value else None


def _rows(folder: Path | Traversable, name: str, fields: tuple[str, ...]) -> Iterator[_Row]:
    source = folder / name
    try:
        text = source.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{source}: cannot be read ({error}); a registry needs this file, in UTF-8") from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        if tuple(header := next(reader, [])) != fields:
            raise ConfigError(f"{source}, line 1: the columns are {', '.join(header)!r}, not {', '.join(fields)!r}")
        for cells in reader:
            if len(cells) != len(fields):
                missing = fields[min(len(cells), len(fields) - 1)]
                raise ConfigError(
                    f"{source}, line {reader.line_num}, field {missing!r}: the row has {len(cells)} cells, "
                    f"not {len(fields)}; correct the row"
                )
            yield _Row(str(source), reader.line_num, dict(zip(fields, cells, strict=True)))
    except csv.Error as error:
        raise ConfigError(f"{source}, line {reader.line_num}: is not CSV ({error}); correct the row") from error
