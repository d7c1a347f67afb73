"""Document → sentences: where each sentence of a meeting summary begins and ends.

The splitting itself is done by `sentencex` (Wikimedia), which is fast and knows quotes and brackets. Around it stands
what this genre needs and a general splitter cannot know: paragraphs and headings of press releases, hard-wrapped
lines, titles and references that end in a period ("Ms. X", "para. 3", "Nos. 4"), and remarks in brackets that are
sentences of their own. Offsets are Unicode code points into ``Document.text``, which is never changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sentencex import get_sentence_boundaries

from stance.documents import Document

__all__ = ["Sentence", "paragraphs", "split_sentences"]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence or a heading of a document.

    Attributes
    ----------
    number : int
        1 for the first sentence of the body; headings are counted too.
    start, end : int
        Code points into the text of the document, ``text == document.text[start:end]``.
    paragraph : int
        1 for the first paragraph of the body.
    heading : bool
        True for a line that is a heading (no closing punctuation, a paragraph of its own).
    """

    number: int
    start: int
    end: int
    text: str
    paragraph: int
    heading: bool = False


# A period behind these never ends a sentence of a meeting summary: titles before a name, and references before a
# number or a symbol.
_TITLE = re.compile(
    r"(?:^|[\s(“\"‘])(?:Mr|Mrs|Ms|Messrs|Mme|Mlle|Dr|Prof|Amb|Gen|Col|Capt|Lt|Sgt|Rev|Hon|Sr|Sra|St|Ste)\.\s*$"
)
_REFERENCE = re.compile(
    r"(?:^|[\s(\[])(?:[Aa]rts?|[Pp]aras?|[Nn]os?|[Pp]p?|[Cc]hap|[Ss]ect?|[Vv]ol|[Rr]es|[Dd]ocs?|[Cc]orr|[Aa]dd|[Rr]ev|[Ff]igs?|L)\.\s*$"
)
_NUMBER = re.compile(r"(?:\d|\(\w{1,3}\)|[IVXLC]+\b|[A-Z]{1,4}[/.]\S*\d)")
_TITLE_INSIDE = re.compile(r"\b(?:Mr|Mrs|Ms|Messrs|Mme|Dr|Prof|St)\.\s")
_ENUMERATION = re.compile(r"\s*[\[(]?(?:\d{1,3}|[a-z]|[ivx]{1,4}|[A-Z])[.)\]]\s*")
_LATIN = re.compile(r"(?:^|[\s(\[])(?:vs|v|cf|ca|approx|incl|i\.e|e\.g|op|viz)\.\s*$")
_INITIAL = re.compile(r"(?:^|\s)(?:[A-Z]\.[\s-]?)+$")
_TERMINAL = re.compile(r"[.!?…](?:[”’\"')\]»*]|\s)*$")
_CLAUSE_END = re.compile(r"[:;,]\s*$")
# What the splitter leaves together: a remark in brackets, and words that it takes for abbreviations ("in May.").
_MISSED = re.compile(
    r"(?<=[.!?][)\]])\s+(?=[“‘\"(\[]?[A-Z])|(?:(?<=[a-z]{2}\.)|(?<= I\.)|(?<= II\.)|(?<=III\.)|(?<= IV\.)|(?<= V\.))\s+(?=[“‘\"(\[]?[A-ZÀ-Þ])"
)
_BLANK = re.compile(r"\n[^\S\n]*\n\s*")
_WRAP_WIDTH = 40
_HEADING_LENGTH = 200


def _is_wrap(before: str, after: str, width: int) -> bool:
    """Tell whether the line break between two lines only wraps a paragraph at the width of a page."""
    before, after = before.strip(), after.strip()
    if _TERMINAL.search(before) and not after[:1].islower():
        return False
    if after[:1].islower():
        return True
    return width >= _WRAP_WIDTH and 0.75 * width <= len(before) <= 110


def paragraphs(text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
    """Yield the spans of the paragraphs of ``text[start:end]``, outer white space left out.

    An empty line always ends a paragraph. A single line break does unless the lines look wrapped at the width of a
    page, as in text taken from a PDF or an e-mail.
    """
    end = len(text) if end is None else end
    position = start
    for block_end in [*(m.start() for m in _BLANK.finditer(text, start, end)), end]:
        if block_end < position:
            continue
        block = text[position:block_end]
        breaks = [m.start() for m in re.finditer(r"\r\n|\r|\n", block)]
        lines = re.split(r"\r\n|\r|\n", block)
        width = max((len(line.strip()) for line in lines), default=0)
        first = 0
        for index, offset in enumerate(breaks):
            if not _is_wrap(lines[index], lines[index + 1], width):
                yield from _trimmed(text, position + first, position + offset)
                first = offset
        yield from _trimmed(text, position + first, block_end)
        position = block_end


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield start, end


def _must_join(left: str, right: str) -> bool:
    """Tell whether the splitter cut inside a sentence: behind a title, a reference or an initial."""
    if _TITLE.search(left) or _ENUMERATION.fullmatch(left):
        return True
    if _LATIN.search(left):
        return True
    if _REFERENCE.search(left):
        return bool(_NUMBER.match(right))
    return bool(_INITIAL.search(left)) and bool(re.match(r"[A-Z][\w’'-]+", right)) and len(left.split()) < 4


def _in_quotes(left: str) -> bool:
    return left.count("“") > left.count("”") or left.count('"') % 2 == 1


def _spans(paragraph: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of the sentences of one paragraph."""
    # A line break or a tab inside a sentence is white space to a reader; one character for one keeps the offsets.
    flat = re.sub(r"[\s ]", " ", paragraph)
    cuts = [int(b["end_index"]) for b in get_sentence_boundaries("en", flat)]
    # The splitter counts in code points; a gap at the end would lose text silently.
    if not cuts or cuts[-1] < len(flat):
        cuts.append(len(flat))
    cuts = sorted({*cuts, *(m.end() for m in _MISSED.finditer(flat) if not _in_quotes(flat[: m.start()]))})
    start = 0
    for cut in cuts:
        if cut < len(flat) and _must_join(flat[start:cut], flat[cut:].lstrip()):
            continue
        yield from _trimmed(paragraph, start, cut)
        start = cut


def is_heading(paragraph: str) -> bool:
    """Tell whether a paragraph is a heading: short, on its own, without the punctuation that closes a sentence."""
    stripped = paragraph.strip()
    return (
        len(stripped) <= _HEADING_LENGTH
        and not _TERMINAL.search(stripped)
        and not _CLAUSE_END.search(stripped)
        and not stripped.startswith(("“", "‘", "- ", "• "))
        and not re.search(r"[.?!]\s+[A-Z“]", _TITLE_INSIDE.sub("", stripped))
        and "\n\n" not in stripped
    )


def split_sentences(document: Document) -> list[Sentence]:
    """Split the body of a document into sentences and headings.

    Parameters
    ----------
    document : Document
        A document as read; ``document.body`` limits what is split.

    Returns
    -------
    list of Sentence
        In the order of the text. Together they hold every character of the body that is not white space.
    """
    text = document.text
    sentences: list[Sentence] = []
    for number, (start, end) in enumerate(paragraphs(text, *document.body), start=1):
        paragraph = text[start:end]
        if is_heading(paragraph):
            sentences.append(Sentence(len(sentences) + 1, start, end, paragraph, number, heading=True))
            continue
        for a, b in _spans(paragraph):
            sentences.append(Sentence(len(sentences) + 1, start + a, start + b, paragraph[a:b], number))
    return sentences
