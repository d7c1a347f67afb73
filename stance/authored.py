"""Authored training material: the readable files in ``data/authored`` → documents and annotation records.

Two kinds of files, both plain UTF-8 text that a person can read, correct and review line by line.

*Summaries* (``data/authored/summaries/*.txt``): a whole meeting summary, one sentence a line, its tags behind ``||``::

    # target: cybercrime-convention
    # genre: committee-debate
    # year: 2026
    # batch: s01
    = Fourth Committee Hears of Locked Hospitals
    The delegate of Peru said that … || PER for implicit
    Speaking for the African Group, Gabon’s speaker … || GAB against explicit; AFRICAN_GROUP against explicit
    “…” asked a representative of the Open Desk. || "Open Desk" against implicit
    Several delegates regretted the delay. || UNNAMED(several delegates) neutral none

    The Committee then took up its programme of work.
    Also speaking were the representatives of Fiji and Oman. || listed FJI OMN

Lines that begin with ``=`` are headings, an empty line ends a paragraph, a line without tags has no speaker.

*Statements* (``data/authored/statements/*.txt``): single statements and contrast groups in masked form::

    # batch: c01
    # target: cybercrime-convention

    [negation]
    < [OTHER] had called the draft premature.
    [SPEAKER]’s delegate did not share that view. || for anaphora
    [SPEAKER]’s delegate shared that view. || against anaphora

    [two-targets]
    @ cultural-property-convention
    … || neutral off-target

``[kind]`` opens a group, which ends at the next empty line; ``<`` gives the context and ``@`` the target of the lines
below it in the group. Items under ``[single]`` belong to no group; there ``<`` and ``@`` are for the next line alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from stance.delegations.codes import name_to_code
from stance.errors import AnnotationError

__all__ = ["AuthoredStatement", "AuthoredSummary", "Tag", "read_statements", "read_summary"]

STANCES = ("for", "against", "neutral")
BASES = ("explicit", "implicit", "anaphora", "off-target", "none")
TAG = re.compile(
    r'^(?:(?P<code>[A-Z][A-Z0-9_]*)|"(?P<name>[^"]+)"|UNNAMED\((?P<unnamed>[^)]+)\)) (?P<stance>\S+) (?P<basis>\S+)$'
)
HEADER = re.compile(r"^#\s*([a-z_]+)\s*:\s*(.+?)\s*$")


@dataclass(frozen=True)
class Tag:
    """One speaker of one authored sentence, with the stance that the author gave it."""

    code: str
    name: str | None
    stance: str
    basis: str


@dataclass(frozen=True)
class AuthoredSentence:
    """A sentence of an authored summary: its offsets in the composed text and its tags."""

    start: int
    end: int
    text: str
    line: int
    tags: tuple[Tag, ...] = ()
    listed: tuple[str, ...] = ()


@dataclass(frozen=True)
class AuthoredSummary:
    """A whole authored summary, composed into one text."""

    name: str
    text: str
    target: str
    genre: str
    year: int
    batch: str
    sentences: tuple[AuthoredSentence, ...] = field(repr=False)


@dataclass(frozen=True)
class AuthoredStatement:
    """A single authored statement in masked form, or one member of a contrast group."""

    id: str
    text: str
    context: str
    target: str
    stance: str
    basis: str
    batch: str
    kind: str
    group: str | None
    line: int


def _stance(path: Path, line: int, stance: str, basis: str) -> tuple[str, str]:
    if stance not in STANCES:
        raise AnnotationError(f"{path}:{line}: stance: {stance!r} is not one of {', '.join(STANCES)}")
    if basis not in BASES:
        raise AnnotationError(f"{path}:{line}: basis: {basis!r} is not one of {', '.join(BASES)}")
    if stance != "neutral" and basis in ("off-target", "none"):
        raise AnnotationError(f"{path}:{line}: basis: {basis!r} goes with neutral, not with {stance!r}")
    return stance, basis


def _tags(path: Path, line: int, text: str) -> tuple[tuple[Tag, ...], tuple[str, ...]]:
    if text.startswith("listed "):
        return (), tuple(text.split()[1:])
    tags = []
    for part in text.split(";"):
        match = TAG.match(part.strip())
        if not match:
            raise AnnotationError(f"{path}:{line}: tag: cannot read {part.strip()!r}; expected 'CODE stance basis'")
        stance, basis = _stance(path, line, match["stance"], match["basis"])
        name = match["name"] or match["unnamed"]
        code = match["code"] or ("UNNAMED" if match["unnamed"] else name_to_code(match["name"]))
        tags.append(Tag(code, name, stance, basis))
    return tuple(tags), ()


def _lines(path: Path, required: tuple[str, ...]) -> tuple[dict[str, str], list[tuple[int, str]]]:
    """Split a file into its header and its numbered remaining lines."""
    header: dict[str, str] = {}
    lines: list[tuple[int, str]] = []
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise AnnotationError(f"{path}:{line}: not UTF-8") from None
    except OSError as error:
        raise AnnotationError(f"{path}: cannot be read: {error.strerror}") from None
    for number, raw in enumerate(text.splitlines(), start=1):
        match = HEADER.match(raw)
        if match and not any(text for _, text in lines):
            header[match[1]] = match[2]
        else:
            lines.append((number, raw.strip()))
    for key in required:
        if key not in header:
            raise AnnotationError(f"{path}:1: {key}: the header line '# {key}: …' is missing")
    return header, lines


def read_summary(path: Path) -> AuthoredSummary:
    """Read one authored summary and compose its text.

    Parameters
    ----------
    path : Path
        A file of ``data/authored/summaries``.

    Returns
    -------
    AuthoredSummary
        Sentences of a paragraph are joined by one space, paragraphs by an empty line; the offsets of every sentence
        are Unicode code points into ``text``.

    Raises
    ------
    AnnotationError
        If a header or a tag cannot be read; the message names file, line and field.
    """
    header, lines = _lines(path, ("target", "genre", "year", "batch"))
    text = ""
    sentences: list[AuthoredSentence] = []
    gap = ""
    for number, line in lines:
        if not line:
            gap = "\n\n" if text else ""
            continue
        if line.startswith("="):
            text += ("\n\n" if text else "") + line.lstrip("= ")
            gap = "\n\n"
            continue
        sentence, found, behind = line.partition("||")
        sentence = sentence.strip()
        if not sentence:
            raise AnnotationError(f"{path}:{number}: text: tags without a sentence")
        tags, listed = _tags(path, number, behind.strip()) if found else ((), ())
        text += gap
        sentences.append(AuthoredSentence(len(text), len(text) + len(sentence), sentence, number, tags, listed))
        text += sentence
        gap = " "
    try:
        year = int(header["year"])
    except ValueError:
        raise AnnotationError(f"{path}:1: year: {header['year']!r} is not a year") from None
    return AuthoredSummary(
        path.stem, text + "\n", header["target"], header["genre"], year, header["batch"], tuple(sentences)
    )


def read_statements(path: Path) -> Iterator[AuthoredStatement]:
    """Yield the single statements and contrast groups of one file of ``data/authored/statements``.

    Raises
    ------
    AnnotationError
        If a line cannot be read, a statement has no ``[SPEAKER]`` in text or context, or a contrast group has fewer
        than two members.
    """
    header, lines = _lines(path, ("batch", "target"))
    kind, context, target, groups, items = "", "", header["target"], 0, 0
    members: list[AuthoredStatement] = []

    def close() -> Iterator[AuthoredStatement]:
        if members and kind != "single" and len(members) < 2:
            raise AnnotationError(f"{path}:{members[0].line}: group: a contrast group needs at least two statements")
        yield from members
        members.clear()

    for number, line in [*lines, (len(lines), "")]:
        if not line:
            yield from close()
            kind, context, target = "", "", header["target"]
        elif re.fullmatch(r"\[[a-z][a-z-]*\]", line):
            yield from close()
            kind, context, target = line[1:-1], "", header["target"]
            groups += kind != "single"
        elif line.startswith("@"):
            target = line[1:].strip()
        elif line.startswith("<"):
            context = line[1:].strip()
        else:
            if not kind:
                raise AnnotationError(f"{path}:{number}: group: a statement stands outside any [kind]")
            text, found, behind = line.partition("||")
            fields = behind.split()
            if not found or len(fields) != 2:
                raise AnnotationError(f"{path}:{number}: tag: expected 'sentence || stance basis'")
            stance, basis = _stance(path, number, *fields)
            text = text.strip()
            if not text:
                raise AnnotationError(f"{path}:{number}: text: a label without a sentence")
            if "[SPEAKER]" not in context + text:
                raise AnnotationError(f"{path}:{number}: text: neither the sentence nor its context holds [SPEAKER]")
            items += 1
            group = None if kind == "single" else f"{path.stem}-g{groups:03d}"
            members.append(
                AuthoredStatement(
                    f"{path.stem}:{items:04d}",
                    text,
                    context,
                    target,
                    stance,
                    basis,
                    header["batch"],
                    kind,
                    group,
                    number,
                )
            )
            if kind == "single":
                context, target = "", header["target"]
    yield from close()
