"""A path or ``-`` → a :class:`Document`: the bytes are fetched within the size limit and given to the right reader.

In: a path, or a stream for standard input. Out: the document, or an :class:`InputError` that names the file and says
what to do.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from pathlib import Path
from typing import BinaryIO

from stance.documents.decoding import decode, refuse_binary
from stance.documents.docx import read_docx
from stance.documents.headings import parse_document
from stance.documents.html import read_html
from stance.documents.model import MAX_BYTES, STDIN, Content, Document
from stance.documents.pdf import read_pdf
from stance.documents.sniffing import HTML_START, sniff
from stance.documents.wording import clean_name, reason_of, shown_name, size_text, stem_of
from stance.errors import InputError


def read_document(
    source: str | os.PathLike[str],
    *,
    name: str | None = None,
    stdin: BinaryIO | None = None,
    max_bytes: int = MAX_BYTES,
) -> Document:
    """Read one file, or standard input, whatever its format.

    The content decides: a PDF that was saved as ``.txt`` is read as a PDF.

    Parameters
    ----------
    source
        Path, or ``-`` for standard input.
    name
        Name of the document; the file's name without its ending by default.
    stdin
        Stream to read for ``-``; the process's standard input by default.
    max_bytes
        Refuse anything larger, without reading it.

    Returns
    -------
    Document
        Text, heading and body.

    Raises
    ------
    InputError
        Missing, unreadable, too large, empty, binary, damaged, encrypted, or without text. The message begins with
        the file's name and says what to do.
    """
    path = os.fspath(source)
    shown = shown_name(path)
    raw = _read_stdin(stdin, max_bytes) if path == STDIN else _read_file(path, max_bytes)
    if name is None:
        name = "stdin" if path == STDIN else clean_name(stem_of(Path(path).name))
    digest = hashlib.sha256(raw).hexdigest()
    if not raw.strip():
        raise InputError(f"{shown}: the file is empty; check that it was saved or downloaded completely")
    kind = sniff(raw, Path(path).suffix.lower(), shown)
    content: Content
    if kind == "pdf":
        content = read_pdf(raw, shown)
    elif kind == "docx":
        content = read_docx(raw, shown)
    else:
        text, encoding = decode(raw, shown)
        refuse_binary(text, shown)
        if kind == "html" or HTML_START.match(text[:4096]):
            kind, content = "html", read_html(text, shown)
        else:
            kind, content = "txt", Content(text)
        content.encoding = encoding
    if not any(c.isalnum() for c in content.text):
        raise InputError(f"{shown}: no text in it; check that it was saved or downloaded completely")
    return parse_document(
        content.text,
        name=name,
        source=clean_name(path),
        sha256=digest,
        encoding=content.encoding,
        kind=kind,
        symbol=content.symbol,
        title=content.title,
        published=content.published,
        year=content.year,
    )


def _too_large(shown: str, size: str, max_bytes: int) -> InputError:
    return InputError(f"{shown}: {size}, over the limit of {size_text(max_bytes)}; split it, or raise max_bytes")


def _read_file(path: str, max_bytes: int) -> bytes:
    shown = shown_name(path)
    try:
        info = Path(path).stat()
        if stat.S_ISDIR(info.st_mode):
            raise InputError(f"{shown}: is a folder, not a file; find_inputs lists the files in it")
        if stat.S_ISREG(info.st_mode) and info.st_size > max_bytes:
            raise _too_large(shown, size_text(info.st_size), max_bytes)
        # One byte more than allowed: pipes and devices have no size, and a file can grow while it is read.
        with Path(path).open("rb") as file:
            raw = file.read(max_bytes + 1)
    except FileNotFoundError:
        raise InputError(f"{shown}: no such file; check the path") from None
    except OSError as error:
        raise InputError(f"{shown}: cannot be read ({reason_of(error)}); check the path and its permissions") from None
    except ValueError:  # a NUL in the path
        raise InputError(f"{shown!r}: not a file name; check the path") from None
    if len(raw) > max_bytes:
        raise _too_large(shown, f"more than {size_text(max_bytes)}", max_bytes)
    return raw


def _read_stdin(stdin: BinaryIO | None, max_bytes: int) -> bytes:
    stream = stdin if stdin is not None else getattr(sys.stdin, "buffer", None)
    if stream is None:
        raise InputError("standard input: there is none; name a file instead of -")
    try:
        raw: bytes = stream.read(max_bytes + 1)
    except (OSError, ValueError) as error:
        raise InputError(f"standard input: cannot be read ({error}); name a file instead of -") from None
    if len(raw) > max_bytes:
        raise _too_large("standard input", f"more than {size_text(max_bytes)}", max_bytes)
    return raw
