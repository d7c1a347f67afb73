"""The bytes of a PDF → its paragraphs, and the symbol at the top of the first page.

In: a PDF. Out: a :class:`Content` whose text is the pages' lines, put together to paragraphs by position, size and
punctuation, without page numbers and running lines. Damaged, encrypted and scanned files are refused.
"""

from __future__ import annotations

import io
import itertools
import re
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from stance.documents.libraries import import_quietly
from stance.documents.lines import is_prose
from stance.documents.model import Content
from stance.documents.symbols import own_symbol
from stance.documents.text import TERMINAL, capital_share, word_set
from stance.errors import InputError

_LIGATURES = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st", "\0": None, "\u200b": None}
)
_KEEP_AFTER = word_set(
    "all anti capacity co counter cross decision double ex extra follow fourth full fifth first half high inter law "
    "long low mid multi near no non one open over peace post pre pro quasi rule second self semi short single six so "
    "socio south sub third three trans two under vice well win zero"
)
_KEEP_BEFORE = word_set(
    "based building century chair chairs driven elect existing general keeping known led level like making member old "
    "operation ordination oriented president presidents range related sharing speaking state term token up wide year "
    "years"
)
_JOINED_PREFIXES = word_set("anti co counter extra inter mid multi over post pre pro semi sub trans under")
_PAGE_NUMBER = re.compile(r"\W*(?:page\s+)?(\d{1,4})(?:\s*(?:of|/)\s*\d{1,4})?\W*", re.I)


@dataclass
class _Line:
    """A line of a PDF page and where it stands."""

    text: str
    page: int
    x: float = 0.0
    y: float = 0.0
    size: float = 0.0
    bold: bool = False


def read_pdf(raw: bytes, shown: str) -> Content:
    pypdf = import_quietly("pypdf")
    advice = "open it, and print or export it to a new PDF"
    try:
        reader = pypdf.PdfReader(io.BytesIO(raw))
        locked = reader.is_encrypted and not reader.decrypt("")
    except pypdf.errors.DependencyError:
        locked = True
    except Exception:  # pypdf meets damaged files with almost any exception there is
        raise InputError(f"{shown}: a damaged PDF; download it again, or {advice}") from None
    if locked:
        raise InputError(f"{shown}: an encrypted PDF; save a copy without password")
    try:
        pages = [_pdf_lines(page, number) for number, page in enumerate(reader.pages)]
    except pypdf.errors.DependencyError:
        raise InputError(f"{shown}: an encrypted PDF; save a copy without password") from None
    except Exception:
        raise InputError(f"{shown}: a damaged PDF; download it again, or {advice}") from None
    if not pages:
        raise InputError(f"{shown}: a PDF without pages; download it again, or {advice}")
    symbol = next((s for s in map(own_symbol, (line.text for line in pages[0][:10])) if s), None)
    lines = [line for page in _without_running_lines(pages) for line in page]
    text = "\n\n".join(_pdf_paragraphs(lines))
    letters = sum(c.isalpha() for c in text)
    if letters == 0 or (letters < 20 * len(pages) and _has_images(reader)):
        raise InputError(f"{shown}: no text in this PDF, it seems to be a scan; run OCR on it (ocrmypdf, for one)")
    if sum(c == "\ufffd" or "\ue000" <= c <= "\uf8ff" for c in text) > 0.3 * len(text):
        raise InputError(f"{shown}: the text of this PDF cannot be decoded (its fonts lack a mapping); run OCR on it")
    return Content(text, symbol=symbol)


def _has_images(reader: Any) -> bool:
    try:
        return any(
            any(item.get_object().get("/Subtype") == "/Image" for item in page["/Resources"]["/XObject"].values())
            for page in list(reader.pages)[:5]
            if "/XObject" in page.get("/Resources", {})
        )
    except Exception:  # malformed resources of a page whose text was read; then its text decides
        return False


def _pdf_lines(page: Any, number: int) -> list[_Line]:
    """Extract the lines of a page, each with its position and size."""
    lines = [_Line("", number)]
    bold_chars = [0]
    sizes: list[Counter[float]] = [Counter()]

    def visit(text: str, cm: Sequence[float], tm: Sequence[float], font: Any, size: float) -> None:
        bold = "bold" in str((font or {}).get("/BaseFont", "")).lower()
        scaled = size * (tm[2] ** 2 + tm[3] ** 2) ** 0.5 * (cm[2] ** 2 + cm[3] ** 2) ** 0.5
        for i, piece in enumerate(text.split("\n")):
            if i:
                lines.append(_Line("", number))
                bold_chars.append(0)
                sizes.append(Counter())
            line, count = lines[-1], len(piece.strip())
            if count and not line.text.strip():
                line.x = cm[0] * tm[4] + cm[2] * tm[5] + cm[4]
                line.y = cm[1] * tm[4] + cm[3] * tm[5] + cm[5]
            line.text += piece
            bold_chars[-1] += count if bold else 0
            # Of the most characters: a bullet or a footnote mark at the start says nothing about the line.
            sizes[-1][round(scaled, 2)] += count

    page.extract_text(visitor_text=visit)
    kept = []
    for line, bold, size in zip(lines, bold_chars, sizes, strict=True):
        line.size = size.most_common(1)[0][0] if size else 0.0
        # Pair surrogates that pypdf left apart, replace lone ones: they could not be written to any file.
        text = line.text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").translate(_LIGATURES)
        # Some producers indent with spaces rather than by position.
        line.x += 0.25 * line.size * (len(text) - len(text.lstrip(" ")))
        line.text = re.sub(r"[ \t\r\f\v]+", " ", text).strip(" ")
        line.bold = bold > 0.9 * len(line.text)
        if line.text.strip():
            kept.append(line)
    return kept


def _edges(page: Sequence[_Line]) -> list[int]:
    return sorted({*range(min(3, len(page))), *range(max(0, len(page) - 3), len(page))})


def _without_running_lines(pages: Sequence[list[_Line]]) -> list[list[_Line]]:
    """Drop page numbers, and lines at the edge of pages that most pages repeat (but the head of the first page)."""

    def key(line: _Line) -> str:
        text = line.text.casefold()
        # "Page 3" and "Page 4" are one running line; two lines of prose that differ in a figure are two sentences.
        return text if len(text) > 60 or is_prose(text) else re.sub(r"\d+", "#", text)

    repeated = Counter(k for page in pages for k in {key(page[i]) for i in _edges(page)})
    # Page numbers count up with the pages: a lone "2015" at the edge, the end of a wrapped sentence, does not.
    offsets: Counter[int] = Counter()
    for number, page in enumerate(pages):
        outer = {page[0].text, page[-1].text} if page else set()
        offsets.update(int(found.group(1)) - number for found in map(_PAGE_NUMBER.fullmatch, outer) if found)
    offset = offsets.most_common(1)[0][0] if offsets else None
    cleaned = []
    for number, page in enumerate(pages):
        dropped = set()
        for i in _edges(page):
            found = _PAGE_NUMBER.fullmatch(page[i].text) if i in (0, len(page) - 1) else None
            counted = found is not None and int(found.group(1)) - number == offset and (offset == 1 or len(pages) > 2)
            # The first page's head is where title and symbol stand, and the heading analysis deals with it.
            edge = number > 0 or i >= max(3, len(page) - 3)
            if counted or (edge and len(pages) > 1 and 2 * repeated[key(page[i])] > len(pages)):
                dropped.add(i)
        cleaned.append([line for i, line in enumerate(page) if i not in dropped])
    return cleaned


def _pdf_paragraphs(lines: Sequence[_Line]) -> list[str]:
    if not lines:
        return []
    width = statistics.quantiles([len(line.text) for line in lines], n=10)[-1] if len(lines) > 1 else 1.0
    size = statistics.median(line.size for line in lines)
    left = Counter(round(line.x) for line in lines).most_common(1)[0][0]
    # Lines that fill the page wrap within their paragraph, so what follows them shows the leading; elsewhere the gaps
    # between paragraphs may outnumber it.
    steps = Counter(
        round(a.y - b.y, 1)
        for a, b in itertools.pairwise(lines)
        if a.page == b.page and len(a.text) > 0.8 * width and 0.9 * size < a.y - b.y < 3 * size
    )
    # A page too short to tell has ordinary leading.
    leading = min((step for step, count in steps.items() if count >= max(3, 0.05 * steps.total())), default=1.4 * size)
    words = Counter(
        word.casefold() for line in lines for word in re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*(?!\w|-)", line.text)
    )
    paragraphs = [lines[0].text]
    opens = True  # whether the line before is the first of its paragraph
    for before, line in itertools.pairwise(lines):
        if _new_paragraph(before, line, opens=opens, width=width, size=size, left=left, leading=leading):
            paragraphs.append(line.text)
            opens = True
        else:
            paragraphs[-1] = _join_lines(paragraphs[-1], line.text, words)
            opens = False
    return [paragraph.replace("\u00ad", "") for paragraph in paragraphs]


def _new_paragraph(
    before: _Line, line: _Line, *, opens: bool, width: float, size: float, left: float, leading: float
) -> bool:
    ended = bool(TERMINAL.search(before.text[-40:]))
    # Larger type fits fewer characters to a line.
    short = len(before.text) * (before.size / size if size else 1.0) < 0.75 * width
    lower = line.text[:1].islower()
    step = before.y - line.y
    indented = line.x - left > 0.8 * size
    if re.match(r"[•●▪◦·*]\s", line.text):
        return True
    if before.page != line.page or step < -0.5 * size:
        if abs(before.size - line.size) > 0.15 * size or (before.bold != line.bold and not lower):
            return True
        # A page may end in mid-paragraph, after a full stop: likely only where the line was filled to the edge.
        return (len(before.text) < 0.9 * width or indented) if ended else (short and not lower)
    if before.text.endswith(("-", "\u00ad")) and lower:
        return False
    if before.bold != line.bold and (short or ended) and not lower:
        return True
    if leading and step > 0:
        scale = max(before.size, line.size) / size if size else 1.0
        if abs(before.size - line.size) > 0.15 * size and step > 1.05 * leading:
            return True
        if step > leading * (1.2 if scale < 1.1 else 1.35 * scale):
            return True
    if opens and short and not ended and not lower and capital_share(before.text) >= 0.5:
        return True  # a short line in capitals that begins a paragraph: a heading, even where no gap sets it off
    return ended and ((short and not lower) or (indented and before.x - left < 0.8 * size))


def _join_lines(left: str, right: str, words: Counter[str]) -> str:
    if left.endswith("\u00ad"):
        return left[:-1] + right
    if re.search(r"\w/$", left) or re.search(r"\w[—–]$", left):
        return left + right
    found = re.search(r"([\w-]*\w)-$", left)
    follows = re.match(r"[^\W\d_]+", right)
    if not found:
        return f"{left} {right}"
    head, tail = found.group(1), follows.group() if follows else ""
    if not tail or not tail.islower() or "-" in head or not head[-1].isalpha() or head.isupper():
        return left + right  # "Asia-/Pacific", "2015-/2020", "state-of-/the-art", "UN-/led"
    # The document itself is the best dictionary.
    joined, hyphened = words[(head + tail).casefold()], words[f"{head}-{tail}".casefold()]
    if joined != hyphened:
        return left[:-1] + right if joined > hyphened else left + right
    keep = (head.casefold() in _KEEP_AFTER - _JOINED_PREFIXES) or tail in _KEEP_BEFORE
    return left + right if keep else left[:-1] + right
