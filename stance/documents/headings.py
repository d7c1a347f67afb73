"""A text → a :class:`Document`: symbol, title and date from its heading, and where its body begins and ends.

In: the text of any format, with what its metadata say. Out: the document, its text unchanged.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from stance.documents.dates import find_dateline, resolve_date
from stance.documents.lines import NOT_OFFICIAL, is_meta, is_prose
from stance.documents.model import Document
from stance.documents.symbols import SYMBOL, own_symbol
from stance.documents.text import TERMINAL, capital_share, squeeze

_NOTICE = re.compile(r"for (?:the )?(?:use of )?(?:the )?information media", re.I)
_FOOTNOTE = re.compile(
    r"\s*[*†\[].{0,300}\b(?:(?:not|be) covered|no press release|not issued|reissued|previously issued|press release)\b",
    re.I,
)
_LINE = re.compile(r"[^\r\n\v\f\u2028\u2029]+|\r\n|[\r\n\v\f\u2028\u2029]")
_HEAD_UNITS = 40
_HEAD_CHARS = 2000
_TAIL_CHARS = 4000
_FOOT_LINES = 100  # no foot is longer, and a file of a million rulers must not take minutes


@dataclass
class _Unit:
    """A line of the heading area, or several that were wrapped from one."""

    start: int
    end: int
    block: int
    text: str
    parts: list[str] = field(default_factory=list)


def parse_document(
    text: str,
    *,
    name: str,
    source: str | None = None,
    sha256: str | None = None,
    encoding: str | None = None,
    kind: str = "txt",
    symbol: str | None = None,
    title: str | None = None,
    published: str | None = None,
    year: int | None = None,
) -> Document:
    """Find symbol, title, date and body of a text.

    The body begins at the first paragraph of running prose below the heading block and ends before the boilerplate at
    the foot ("For information media. Not an official record."). A text without heading is all body.

    Parameters
    ----------
    text
        The text; stored unchanged.
    name
        Name of the document.
    source, encoding, kind
        Stored as given.
    sha256
        Of the raw bytes; of `text` in UTF-8 by default.
    symbol, title
        What metadata say; else the heading is searched. A paragraph that equals `title` belongs to the heading.
    published
        Date (``YYYY-MM-DD``) from metadata, which lends its year to a dateline that has none.
    year
        Year from metadata, for the same purpose.

    Returns
    -------
    Document
        With `text` as given.
    """
    units = _units(text)
    start, heading, headline = _split_heading(units, title)
    end = _body_end(text)
    if start >= end or not any(c.isalnum() for c in text[start:end]):
        start, end = 0, len(text)
        headline = None
    symbol = next((s for s in map(own_symbol, (u.text for u in heading)) if s), None) or symbol
    if symbol is None and end < len(text):
        symbol = next((s for s in map(own_symbol, text[end:].splitlines()) if s), None)
    if sha256 is None:
        sha256 = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    first = next((u for u in units if u.start >= start), None)
    dateline = find_dateline(first.text) if first is not None else None
    return Document(
        name=name,
        text=text,
        symbol=symbol,
        title=title or headline,
        date=resolve_date([u.text for u in heading], dateline, symbol, published, year),
        body=(start, end),
        source=source,
        sha256=sha256,
        encoding=encoding,
        kind=kind,
    )


def _units(text: str) -> list[_Unit]:
    """Cut the top of the text into lines, joining those that were wrapped at a fixed width."""
    units: list[_Unit] = []
    block, blank = 0, 0
    for found in _LINE.finditer(text):
        line = found.group()
        if not line.strip():
            blank += line in ("\n", "\r", "\r\n", "\v", "\f", "\u2028", "\u2029")
            continue
        if blank > 1:
            block += 1
        blank = 0
        # Only ends matter for what follows; a file that is one line of ten megabytes must not be copied about.
        shown = line if len(line) <= 2 * _HEAD_CHARS else line[:_HEAD_CHARS] + " " + line[-_HEAD_CHARS:]
        shown = shown.strip().lstrip("\ufeff#= ").rstrip()
        last = units[-1] if units else None
        if last is not None and last.block == block and _continues(last.parts[-1], shown):
            last.end = found.end()
            last.parts.append(shown)
            last.text = (last.text + " " + shown)[: 2 * _HEAD_CHARS]
            continue
        if len(units) == _HEAD_UNITS:
            break
        units.append(_Unit(found.start(), found.end(), block, shown, [shown]))
    return units


def _continues(before: str, line: str) -> bool:
    """Tell whether `line` goes on where `before` was wrapped, rather than beginning a paragraph of its own."""
    if not 40 <= len(before) <= 130 or len(line) > 130 or is_meta(before) or is_meta(line) or find_dateline(line):
        return False
    if line[:1].islower():
        return True
    if TERMINAL.search(before):
        return False
    if capital_share(before) >= 0.6:  # a headline, whose continuation is in capitals too
        return capital_share(line) >= 0.6 and len(before) >= 50
    return len(before) >= 55


def _split_heading(units: Sequence[_Unit], title: str | None) -> tuple[int, list[_Unit], str | None]:
    """Return where the body starts, the units before it, and the headline among them."""
    wanted = squeeze(title) if title else None
    candidates: list[_Unit] = []
    mastheads: set[int] = set()
    start: _Unit | None = None
    for i, unit in enumerate(units):
        following = units[i + 1] if i + 1 < len(units) else None
        comma = unit.text.endswith(",") and following is not None and following.block == unit.block
        if squeeze(unit.text) == wanted:
            candidates.append(unit)
        elif is_meta(unit.text) or (comma and following is not None and is_meta(following.text)):
            mastheads.add(unit.block)
        elif is_prose(unit.text) or unit.text.endswith((".", ";")):
            start = unit
            break
        # In small letters and without a full stop it may be the headline, if there was none that deserves the name;
        # else it may be a note or a list item: body.
        elif capital_share(unit.text) >= 0.6 or (wanted is None and all(len(c.text.split()) < 6 for c in candidates)):
            candidates.append(unit)
        else:
            start = unit
            break
    if start is None:
        # Nothing but headings, or notes without full stops: keep it all, and take the first line for a title only if
        # it looks like one.
        first = next((c for c in candidates if c is units[0] and len(units) > 1 and capital_share(c.text) >= 0.6), None)
        return 0, list(units), first.text if first else None
    heading = [unit for unit in units if unit.start < start.start]
    if not heading:
        return 0, [], None
    # A body's name in the block of session lines is often as long as the headline below it.
    best = max(candidates, key=lambda c: len(c.text) * (0.5 if c.block in mastheads else 1.0), default=None)
    headline = re.sub(r"\s+", " ", best.text).strip(" *_") if best else None
    return start.start, heading, headline


def _body_end(text: str) -> int:
    """Return where the boilerplate at the foot begins; the whole length if there is none."""
    end = len(text)
    for _ in range(_FOOT_LINES):
        floor = max(0, end - _TAIL_CHARS)
        kept = text[floor:end].rstrip()
        notices = list(_NOTICE.finditer(kept))
        if notices and NOT_OFFICIAL.match(kept, notices[-1].start()):
            end = floor + len(kept[: notices[-1].start()].rstrip(" \t\r\n\u00a0*_-–—•["))
            continue
        cut = max(kept.rfind("\n"), kept.rfind("\r"))
        line = kept[cut + 1 :]
        whole = cut >= 0 or floor == 0
        foot = not any(c.isalnum() for c in line) or _FOOTNOTE.match(line) or SYMBOL.fullmatch(line)
        if not (whole and line and foot):
            return end
        end = floor + len(kept[: cut + 1].rstrip())
    return end
