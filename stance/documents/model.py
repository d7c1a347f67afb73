"""What the other modules hand to each other: settings in, records out, and no logic.

:class:`Document` is what leaves the package. :class:`Content` is what a reader of one format hands on before the heading
is searched. The constants say what is read at all.
"""

from __future__ import annotations

from dataclasses import dataclass

MAX_BYTES = 20 * 2**20
"""Inputs larger than this are refused: no meeting summary comes near it, a database dump or a video does."""

SUFFIXES = frozenset({".txt", ".html", ".htm", ".pdf", ".docx"})
"""Endings that a folder is searched for. A file named outright may have any ending; its content decides."""

STDIN = "-"


@dataclass(frozen=True)
class Document:
    """One meeting summary.

    Attributes
    ----------
    name
        What results call it: the file's name without its ending.
    text
        The stored text. For plain text exactly the decoded file (less a byte-order mark); for the other kinds
        paragraphs separated by a blank line.
    symbol, title, date
        From the heading (or the page's metadata); ``None`` where there is none. ``date`` is ``YYYY-MM-DD`` if the year
        is known, else the words of the text (``17 April``).
    body
        ``(start, end)`` of the running text in `text`, in Unicode code points: without heading block and boilerplate.
    source
        The path as given, ``-`` for standard input.
    sha256
        Of the raw input bytes.
    encoding
        How the bytes were decoded (``None`` for PDF and Word, whose text has no file-level encoding).
    kind
        ``txt``, ``html``, ``pdf`` or ``docx``.
    """

    name: str
    text: str
    symbol: str | None = None
    title: str | None = None
    date: str | None = None
    body: tuple[int, int] = (0, 0)
    source: str | None = None
    sha256: str = ""
    encoding: str | None = None
    kind: str = "txt"


@dataclass
class Content:
    """What a reader found: the text and what the file says about itself."""

    text: str
    symbol: str | None = None
    title: str | None = None
    published: str | None = None
    year: int | None = None
    encoding: str | None = None
