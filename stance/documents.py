"""Files → :class:`Document`: plain text, saved web pages, PDF and Word, and whatever comes down a pipe.

Three steps, each usable alone: :func:`find_inputs` turns INPUT arguments (files, folders, globs, ``-``) into a list
with one unique name each, :func:`read_document` turns one of them into a :class:`Document`, and :func:`parse_document`
finds symbol, title, date and body in a text that is already at hand.

Two rules decide the doubtful cases. The text of a plain-text file is stored as it was decoded, because offsets into it
are part of the contract with annotations. And the body must never lose prose: a heading too many in it costs nothing,
a paragraph too few loses a delegation. So wherever a line may be either, it counts as body.

Readers import their libraries when they are called: ``import stance`` must stay quick for those who only read text.
"""

from __future__ import annotations

import codecs
import glob
import hashlib
import importlib
import io
import itertools
import logging
import os
import re
import stat
import statistics
import sys
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from stance.errors import InputError

__all__ = ["MAX_BYTES", "SUFFIXES", "Document", "Input", "find_inputs", "parse_document", "read_document"]

MAX_BYTES = 20 * 2**20
"""Inputs larger than this are refused: no meeting summary comes near it, a database dump or a video does."""

SUFFIXES = frozenset({".txt", ".html", ".htm", ".pdf", ".docx"})
"""Endings that a folder is searched for. A file named outright may have any ending; its content decides."""

STDIN = "-"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


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


@dataclass(frozen=True)
class Input:
    """One input of a run, readable or not.

    A missing file becomes an item too, so that a run of thousands reports it in its place and goes on.

    Attributes
    ----------
    source
        Path, or ``-`` for standard input.
    name
        Unique among the inputs found together.
    error
        Why it cannot be read, where that is known already; :meth:`read` raises it.
    """

    source: str
    name: str
    error: str | None = None

    def read(self, *, stdin: BinaryIO | None = None, max_bytes: int = MAX_BYTES) -> Document:
        """Read the document.

        Parameters
        ----------
        stdin
            Stream to read for ``-``; the process's standard input by default.
        max_bytes
            Refuse anything larger.

        Returns
        -------
        Document
            Under this input's name.

        Raises
        ------
        InputError
            The input cannot be read; the message names it and says what to do.
        """
        if self.error is not None:
            raise InputError(self.error)
        return read_document(self.source, name=self.name, stdin=stdin, max_bytes=max_bytes)


# --- finding inputs ---------------------------------------------------------------------------------------------------


def find_inputs(patterns: Iterable[str | os.PathLike[str]]) -> list[Input]:
    """Expand INPUT arguments into named inputs, in the order given.

    A folder is searched in depth for readable endings (hidden files and Word's ``~$`` lock files are passed over); a
    glob gives what a shell would make of it; a file that several arguments reach is taken once.

    Parameters
    ----------
    patterns
        Files, folders, globs (``**`` crosses folders), ``-``.

    Returns
    -------
    list[Input]
        What was found. A missing file, a glob without match and a folder without readable files are items whose
        ``error`` is set.
    """
    found: list[tuple[str, str | None]] = []
    seen: set[str] = set()

    def add(source: str, error: str | None = None) -> None:
        key = source if source == STDIN else os.path.realpath(source)
        if key not in seen:
            seen.add(key)
            found.append((source, error))

    for pattern in patterns:
        given = os.fspath(pattern)
        if given == STDIN:
            add(STDIN)
            continue
        if not given:
            add(given, "(empty name): no such file; name a file, a folder, a glob or -")
            continue
        # A shell that did not expand "~" (quoted, or from a configuration file) is no reason to fail.
        path = given if os.path.lexists(given) else _at_home(given)
        if os.path.lexists(path):
            _add_path(path, add)
        elif glob.has_magic(path):
            matches = sorted(glob.glob(path, recursive=True))
            # "**" yields the folders on the way as well; their files are matched by themselves.
            files = [match for match in matches if not Path(match).is_dir()]
            for match in files if "**" in path else matches:
                _add_path(match, add)
            if not matches or ("**" in path and not files):
                add(given, f"{_shown(given)}: no file matches this pattern; check the path (or quote it for the shell)")
        else:
            add(given, f"{_shown(given)}: no such file or folder; check the path")
    names = _unique_names([source for source, _ in found])
    return [Input(source, name, error) for (source, error), name in zip(found, names, strict=True)]


def _at_home(path: str) -> str:
    try:
        return str(Path(path).expanduser()) if path.startswith("~") else path
    except RuntimeError:  # no such user
        return path


def _add_path(path: str, add: Any) -> None:
    if not Path(path).is_dir():
        add(path)
        return
    refused: list[OSError] = []
    files: list[str] = []
    for folder, folders, names in os.walk(path, onerror=refused.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        files += [
            str(Path(folder, name))
            for name in names
            if not name.startswith((".", "~$")) and Path(name).suffix.lower() in SUFFIXES
        ]
    for file in sorted(files):
        add(file)
    for error in refused:
        folder = str(error.filename or path)
        add(folder, f"{_shown(folder)}: cannot open this folder ({_reason(error)}); check its permissions")
    if not files and not refused:
        endings = ", ".join(sorted(SUFFIXES))
        add(path, f"{_shown(path)}: no readable file in this folder; it is searched for {endings}")


def _clean_name(text: str) -> str:
    # File names need not be valid Unicode on Linux; a lone surrogate would break every table written later.
    return os.fsencode(text).decode("utf-8", "replace")


def _shown(source: str) -> str:
    return "standard input" if source == STDIN else _clean_name(source)


def _stem(file_name: str) -> str:
    path = Path(file_name)
    # "SC.14000" has no ending: what follows the dot belongs to the name.
    return path.stem if any(c.isalpha() for c in path.suffix) else file_name


def _unique_names(sources: Sequence[str]) -> list[str]:
    """Name each source by its stem, with as many of its folders (and its ending) as telling them apart needs."""
    # The folder is resolved, the file is not: a link is called what the user called it.
    paths = [None if source == STDIN else Path(source).parent.resolve() / Path(source).name for source in sources]
    stems = ["stdin" if path is None else _stem(path.name) for path in paths]
    keys = [(STDIN,) if path is None else (*path.parent.parts[1:], stems[i]) for i, path in enumerate(paths)]
    groups: dict[str, list[int]] = {}
    for i, stem in enumerate(stems):
        groups.setdefault(stem, []).append(i)
    twins = Counter(keys)
    names: list[str] = []
    taken: set[str] = set()
    for i, (path, stem) in enumerate(zip(paths, stems, strict=True)):
        name, group = stem, groups[stem]
        if path is not None and len(group) > 1:
            key = keys[i]
            others = {keys[j] for j in group} - {key}
            depth = next((d for d in range(2, len(key)) if all(o[-d:] != key[-d:] for o in others)), len(key))
            name = "/".join((*key[-depth:-1], path.name if twins[key] > 1 else stem))
        name = _clean_name(name)
        while name in taken:  # "a/x" can also be the stem-with-ending of something else; rare, but names must differ
            name += "~"
        taken.add(name)
        names.append(name)
    return names


# --- reading ----------------------------------------------------------------------------------------------------------


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
    shown = _shown(path)
    raw = _read_stdin(stdin, max_bytes) if path == STDIN else _read_file(path, max_bytes)
    if name is None:
        name = "stdin" if path == STDIN else _clean_name(_stem(Path(path).name))
    digest = hashlib.sha256(raw).hexdigest()
    if not raw.strip():
        raise InputError(f"{shown}: the file is empty; check that it was saved or downloaded completely")
    kind = _sniff(raw, Path(path).suffix.lower(), shown)
    content: _Content
    if kind == "pdf":
        content = _read_pdf(raw, shown)
    elif kind == "docx":
        content = _read_docx(raw, shown)
    else:
        text, encoding = _decode(raw, shown)
        _refuse_binary(text, shown)
        if kind == "html" or _HTML_START.match(text[:4096]):
            kind, content = "html", _read_html(text, shown)
        else:
            kind, content = "txt", _Content(text)
        content.encoding = encoding
    if not any(c.isalnum() for c in content.text):
        raise InputError(f"{shown}: no text in it; check that it was saved or downloaded completely")
    return parse_document(
        content.text,
        name=name,
        source=_clean_name(path),
        sha256=digest,
        encoding=content.encoding,
        kind=kind,
        symbol=content.symbol,
        title=content.title,
        published=content.published,
        year=content.year,
    )


@dataclass
class _Content:
    """What a reader found: the text and what the file says about itself."""

    text: str
    symbol: str | None = None
    title: str | None = None
    published: str | None = None
    year: int | None = None
    encoding: str | None = None


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _too_large(shown: str, size: str, max_bytes: int) -> InputError:
    return InputError(f"{shown}: {size}, over the limit of {_size(max_bytes)}; split it, or raise max_bytes")


def _size(count: int) -> str:
    return f"{count / 2**20:.1f} MiB" if count >= 2**20 else f"{count} bytes"


def _read_file(path: str, max_bytes: int) -> bytes:
    shown = _shown(path)
    try:
        info = Path(path).stat()
        if stat.S_ISDIR(info.st_mode):
            raise InputError(f"{shown}: is a folder, not a file; find_inputs lists the files in it")
        if stat.S_ISREG(info.st_mode) and info.st_size > max_bytes:
            raise _too_large(shown, _size(info.st_size), max_bytes)
        # One byte more than allowed: pipes and devices have no size, and a file can grow while it is read.
        with Path(path).open("rb") as file:
            raw = file.read(max_bytes + 1)
    except FileNotFoundError:
        raise InputError(f"{shown}: no such file; check the path") from None
    except OSError as error:
        raise InputError(f"{shown}: cannot be read ({_reason(error)}); check the path and its permissions") from None
    except ValueError:  # a NUL in the path
        raise InputError(f"{shown!r}: not a file name; check the path") from None
    if len(raw) > max_bytes:
        raise _too_large(shown, f"more than {_size(max_bytes)}", max_bytes)
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
        raise _too_large("standard input", f"more than {_size(max_bytes)}", max_bytes)
    return raw


_FOREIGN = (
    (b"\x89PNG\r\n", "a PNG image", "run OCR on it and give the text"),
    (b"\xff\xd8\xff", "a JPEG image", "run OCR on it and give the text"),
    (b"GIF8", "a GIF image", "run OCR on it and give the text"),
    (b"II*\x00", "a TIFF image", "run OCR on it and give the text"),
    (b"MM\x00*", "a TIFF image", "run OCR on it and give the text"),
    (b"\x1f\x8b", "a gzip archive", "unpack it first"),
    (b"BZh", "a bzip2 archive", "unpack it first"),
    (b"\xfd7zXZ", "an xz archive", "unpack it first"),
    (b"7z\xbc\xaf", "a 7z archive", "unpack it first"),
    (b"Rar!", "a RAR archive", "unpack it first"),
    (b"{\\rtf", "a rich-text file", "save it as .docx or .txt"),
    (b"bplist00", "a web archive", "save the page as HTML"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HTML_START = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body|article|main)\b", re.I | re.S
)


def _sniff(raw: bytes, suffix: str, shown: str) -> str:
    """Return the kind that the first bytes (and, for want of them, the ending) speak for."""
    # Some producers put a line or a byte-order mark before the header; the PDF specification allows for it.
    if b"%PDF-" in raw[:1024] and (suffix == ".pdf" or raw.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"%PDF-")):
        return "pdf"
    if raw.startswith(b"PK\x03\x04"):
        return _sniff_zip(raw, shown)
    if raw.startswith(_OLE):
        raise InputError(f"{shown}: an old Word (.doc) or a password-protected file; save it as .docx without password")
    for magic, what, advice in _FOREIGN:
        if raw.startswith(magic):
            raise InputError(f"{shown}: {what}, not a text; {advice}")
    if suffix == ".pdf":
        raise InputError(f"{shown}: not a PDF, or damaged (no PDF header); download or export it again")
    if suffix == ".docx":
        raise InputError(f"{shown}: not a Word document, or damaged; save it again as .docx")
    if suffix in (".mht", ".mhtml") or re.match(rb"(?:From|MIME-Version):[^\0]{0,2000}multipart/related", raw, re.S):
        raise InputError(f"{shown}: a web archive (MHTML), not a page; save the page as HTML only")
    head = raw[:4096].lower()
    return "html" if suffix in (".html", ".htm", ".xhtml") and re.search(rb"<\0?/?[a-z!]", head) else "txt"


def _sniff_zip(raw: bytes, shown: str) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            entries = archive.infolist()
    except Exception:  # a damaged directory raises half a dozen types, and none of them says more
        raise InputError(f"{shown}: a damaged Word document or archive; save or download it again") from None
    names = {entry.filename for entry in entries}
    if "[Content_Types].xml" not in names or not any(name.startswith("word/") for name in names):
        raise InputError(f"{shown}: a zip archive that is no Word document; unpack it, or save the text as .docx")
    # A few kilobytes can unpack to gigabytes; summaries with pictures stay far below this.
    if sum(entry.file_size for entry in entries) > 20 * MAX_BYTES:
        raise InputError(
            f"{shown}: unpacks to more than {_size(20 * MAX_BYTES)}; remove its pictures and save it again"
        )
    return "docx"


# --- decoding ---------------------------------------------------------------------------------------------------------

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig", "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32", "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "utf-16"),
)
_DECLARED = re.compile(rb"""<(?:meta|\?xml)\b[^>]{0,200}?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.I)
_STRAY = "stance.cp1252"


def _decode(raw: bytes, shown: str) -> tuple[str, str]:
    """Return the text without byte-order mark, and the encoding's name."""
    for bom, codec, encoding in _BOMS:
        if raw.startswith(bom):
            try:
                return raw.decode(codec), encoding
            except UnicodeDecodeError:
                raise InputError(f"{shown}: damaged {encoding} text; save it again as UTF-8") from None
    try:
        return raw.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    if b"\0" in raw:
        raise InputError(f"{shown}: a binary file, not a text; give .txt, .html, .pdf or .docx (text saved as UTF-8)")
    declared = _DECLARED.search(raw[:4096])
    if declared:
        try:
            codec = codecs.lookup(declared.group(1).decode("ascii", "replace")).name
            # What calls itself Latin-1 is Windows-1252 in practice, and browsers read it so.
            codec = "cp1252" if codec in ("iso8859-1", "ascii") else codec
            if codec != "utf-8":
                return raw.decode(codec), codec
        except (LookupError, UnicodeDecodeError):
            pass
    return _decode_guess(raw, shown)


def _decode_guess(raw: bytes, shown: str) -> tuple[str, str]:
    # A UTF-8 file into which a few Windows bytes were pasted stays UTF-8: one bad byte must not garble all the others.
    sequences = len(re.findall(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}", raw))
    high = len(re.findall(rb"[\x80-\xff]", raw))
    if 4 * sequences > high and sequences >= 2:
        codecs.register_error(_STRAY, _stray_bytes)
        return raw.decode("utf-8", _STRAY), "utf-8"
    # English with curly quotes, dashes and a few accented names: detectors waver between Windows-1252 and its
    # neighbours on so little evidence, but in English the quotes decide it.
    accented = len(re.findall(rb"[\xc0-\xff]", raw))
    letters = len(re.findall(rb"[A-Za-z]", raw))
    mac = len(re.findall(rb"[A-Za-z]\xd5[a-z]", raw))
    if mac and not re.search(rb"[\x91-\x94]", raw):
        return raw.decode("mac_roman"), "mac_roman"
    english = len(re.findall(rb"\b(?:the|of|and|to|in|that|for|said|on|was|had|who)\b", raw, re.I))
    limit = 0.5 if accented <= 3 else 0.1 if english >= 0.1 * len(raw.split()) else 0.02
    if accented <= limit * letters and not re.search(rb"[\x81\x8d\x8f\x90\x9d]", raw):
        return raw.decode("cp1252"), "cp1252"
    best = (
        _quiet("charset_normalizer").from_bytes(raw, cp_exclusion=["utf_16", "utf_16_le", "utf_16_be", "utf_32"]).best()
    )
    if best is None:
        raise InputError(f"{shown}: a binary file, or text in an unknown encoding; save it as UTF-8")
    return str(best), str(best.encoding)


def _stray_bytes(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


def _refuse_binary(text: str, shown: str) -> None:
    controls = len(re.findall(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]", text))
    if "\0" in text or controls > 0.01 * len(text):
        raise InputError(f"{shown}: a binary file, not a text; give .txt, .html, .pdf or .docx (text saved as UTF-8)")


def _quiet(module: str) -> Any:
    """Import a reader's library on demand, and keep its log lines off the user's terminal.

    Without a handler, Python prints every library's warnings to standard error; about a damaged page or an odd font
    the user can do nothing, and what matters is raised as an :class:`InputError`.
    """
    imported = importlib.import_module(module)
    for name in (module.partition(".")[0], "htmldate", "justext", "courlan"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    return imported


# --- web pages --------------------------------------------------------------------------------------------------------

_DEAD_TAGS = _words(
    "script style noscript template iframe object embed svg button select input textarea figcaption video audio"
)
_BLOCK_TAGS = _words(
    "address article aside blockquote body caption center dd details dialog div dl dt fieldset footer h1 h2 h3 h4 h5 "
    "h6 header hr html li main nav ol p pre section summary table tbody td tfoot th thead tr ul"
)
_WRAPPERS = _words("div ul ol section aside nav header footer span table dl")
_CHROME_TOKENS = _words(
    "breadcrumb breadcrumbs menu nav navbar navigation sidebar social share sharing sharethis addtoany addthis related "
    "footer pager pagination cookie cookies newsletter subscribe toolbar comments advert promo switcher login search "
    "skip teaser"
)
_CHROME_ROLES = _words("navigation banner contentinfo search complementary menu menubar")
_BODY_FIELD = re.compile(r"field--?name-(?:field-)?(?:body|full-?text|text|intro|lead|annex|content|paragraphs?)")
_BREAK = "\x1e"  # stands for <br> until whitespace is collapsed; text with control characters was refused before
_REFERENCE = re.compile(r"&#(?:x([0-9a-f]{1,6})|([0-9]{1,7}));?", re.I)
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ufffe\uffff]")


def _character(reference: re.Match[str]) -> str:
    """Resolve a numeric reference to a control character as browsers do; lxml would choke on it."""
    code = int(reference.group(1), 16) if reference.group(1) else int(reference.group(2))
    if 0x80 <= code < 0xA0:  # "&#146;" of the nineties: the position in Windows-1252
        return bytes([code]).decode("cp1252", "ignore")
    unfit = code > 0x10FFFF or 0xD800 <= code < 0xE000 or _NOT_XML.match(chr(code))
    return "" if unfit else reference.group()


@dataclass
class _Block:
    """A paragraph of a page: its text, its tag, how many of its characters are link text, and whether it is article."""

    text: str
    tag: str
    linked: int
    inside: bool

    @property
    def density(self) -> float:
        return self.linked / max(1, len(self.text))


def _read_html(text: str, shown: str) -> _Content:
    # Bytes, because lxml refuses a str that carries an XML encoding declaration.
    html = _quiet("lxml.html")
    markup = _REFERENCE.sub(_character, re.sub(r"^\s*<\?xml[^>]*\?>", "", text))
    data = _NOT_XML.sub("", markup).encode("utf-8", "replace")
    try:
        tree = html.document_fromstring(data, parser=html.HTMLParser(encoding="utf-8", remove_comments=True))
    except Exception:  # lxml's parser errors have no common base that is safe to name
        raise InputError(f"{shown}: no content in this page; save it again as HTML") from None
    content = _page_metadata(tree, text)
    for element in list(tree.iter(*_DEAD_TAGS)):
        _drop(element)
    fields = _body_fields(tree)
    _drop_chrome(tree, fields)
    containers = _choose_containers(tree, fields)
    blocks = list(_blocks(tree, containers, html))
    if not containers:
        _trim_to_article(blocks, text)
    first = next((i for i, block in enumerate(blocks) if block.inside), 0)
    before = [block for block in blocks[:first] if block.density < 0.5][-30:]
    article = [block.text for block in blocks if block.inside]
    for block in before:
        content.symbol = content.symbol or _own_symbol(block.text)
        if content.published is None and _is_date_line(block.text):
            content.published = _iso(_find_date(block.text))
    title = content.title
    # The article's own head line is outside the body field on Drupal pages; readers expect it in the text.
    if title and not any(_squeeze(paragraph) == _squeeze(title) for paragraph in article[:8]):
        article.insert(0, title)
    content.text = "\n\n".join(article)
    return content


def _drop(element: Any) -> None:
    # Emptied rather than taken out: drop_tree() moves text about and refuses characters that XML forbids.
    if element.getparent() is not None:
        element.clear(keep_tail=True)


def _squeeze(text: str) -> str:
    return " ".join(text.split()).casefold()


def _page_metadata(tree: Any, source: str) -> _Content:
    """Read title, date and address from the page's head before anything is thrown away."""
    meta: dict[str, str] = {}
    for element in tree.iter("meta"):
        key = element.get("property") or element.get("name") or element.get("itemprop") or ""
        meta.setdefault(key.lower(), (element.get("content") or "").strip())
    content = _Content("")
    page_title = _squeeze(" ".join(tree.xpath("//head/title//text()")))
    social = meta.get("og:title", "")
    headlines = [
        (element, " ".join(element.text_content().split(" ")).strip())
        for element in tree.iter("h1")
        if not any(_is_chrome(parent) for parent in element.iterancestors())
    ]
    headlines = [
        (element, re.sub(r"[ \t\r\n\f]+", " ", headline))
        for element, headline in headlines
        if headline and _squeeze(headline) != _squeeze(meta.get("og:site_name", ""))
    ]
    # With several <h1>, one is the site's name or a block's; the page's own title says which.
    named = [h for _, h in headlines if _squeeze(h) in page_title or _squeeze(h) in _squeeze(social)]
    placed = [h for e, h in headlines if any(a.tag in ("article", "main") for a in e.iterancestors())]
    content.title = next(iter(named + placed + [h for _, h in headlines]), None) or social or None
    for key in ("article:published_time", "dcterms.date", "dcterms.issued", "dc.date", "dc.date.issued", "date"):
        content.published = content.published or _iso(_find_date(meta.get(key, "")))
    if content.published is None:
        found = re.search(r'"datePublished"\s*:\s*"(\d{4}-\d\d-\d\d)', source)
        content.published = found.group(1) if found else None
    for element in tree.iter("time"):
        if content.published is None and not any(_is_chrome(parent) for parent in element.iterancestors()):
            content.published = _iso(_find_date(element.get("datetime") or element.text_content()))
    for element in tree.xpath("//*[contains(@class, 'field') and contains(@class, 'symbol')]"):
        content.symbol = content.symbol or _own_symbol(element.text_content())
    address = next(iter(tree.xpath("//link[@rel='canonical']/@href")), "") or meta.get("og:url", "")
    year = re.search(r"/((?:19|20)\d\d)/", address)
    content.year = int(year.group(1)) if year else None
    return content


def _tokens(element: Any) -> set[str]:
    return set(re.split(r"[^a-z]+", f"{element.get('class') or ''} {element.get('id') or ''}".lower()))


def _is_chrome(element: Any) -> bool:
    if not isinstance(element.tag, str) or element.tag in ("html", "body", "main"):
        return False
    if element.tag in ("nav", "footer", "aside") or (element.get("role") or "").lower() in _CHROME_ROLES:
        return True
    return element.tag in _WRAPPERS | {"article"} and not _CHROME_TOKENS.isdisjoint(_tokens(element))


def _length(element: Any) -> int:
    return len("".join(element.text_content().split()))


def _body_fields(tree: Any) -> list[Any]:
    """Return the elements that hold the article on Drupal pages (press.un.org, enb.iisd.org) and their forerunners."""
    found = [
        element
        for element in tree.iter()
        if isinstance(element.tag, str)
        and (
            any(_BODY_FIELD.fullmatch(name) for name in (element.get("class") or "").lower().split())
            or (element.get("id") or "").lower() == "fullstory"
            or element.get("itemprop") == "articleBody"
        )
        and not any(_is_chrome(parent) for parent in element.iterancestors())
    ]
    if not found:
        return []
    largest = max(found, key=_length)
    home = next((parent for parent in largest.iterancestors("article")), None)
    # Other fields count only in the same article: site-wide blocks have a "body" field as well.
    same = [e for e in found if e is largest or (home is not None and home in list(e.iterancestors("article"))[:1])]
    return [e for e in same if not any(parent in same for parent in e.iterancestors())]


def _drop_chrome(tree: Any, fields: Sequence[Any]) -> None:
    """Remove menus, share bars, related links and the like; inside the body only what holds no prose."""
    total = _prose_length(tree)
    for element in list(tree.iter()):
        if not isinstance(element.tag, str) or element.getparent() is None:
            continue
        unseen = {"visually-hidden", "sr-only"}.intersection((element.get("class") or "").lower().split())
        styled = re.search(r"display\s*:\s*none", element.get("style") or "")
        hidden = "hidden" in element.attrib or bool(unseen or styled)
        headless = element.tag == "header" and not any(a.tag == "article" for a in element.iterancestors())
        # Some sites wrap the whole page in one form.
        form = element.tag == "form" and not _prose_length(element)
        if not (hidden or headless or form or _is_chrome(element)):
            continue
        if any(element in e.iterancestors() for e in fields):
            continue
        # A theme may call the wrapper of everything "has-sidebar": what holds most of the page's prose is no menu.
        named = element.tag in ("nav", "footer") or (element.get("role") or "").lower() in _CHROME_ROLES
        prose = _prose_length(element)
        if not named and prose > total / 2:
            continue
        careful = headless or any(parent in fields for parent in element.iterancestors())
        if careful and prose and sum(map(_length, element.iter("a"))) < 0.3 * _length(element):
            continue
        _drop(element)


def _prose_length(element: Any) -> int:
    """Return how many characters stand in paragraphs that are sentences."""
    texts = [
        leaf.text_content().strip()
        for leaf in element.iter(*_BLOCK_TAGS)
        if not any(child.tag in _BLOCK_TAGS for child in leaf)
    ]
    return sum(len(text) for text in texts if len(text.split()) >= 5 and _TERMINAL.search(text[-40:]))


def _choose_containers(tree: Any, fields: list[Any]) -> list[Any]:
    """Return the elements whose text is the article; none where the page's structure does not tell."""
    candidates = [e for e in tree.iter("article") if not any(_is_chrome(a) for a in e.iterancestors())]
    article = max(candidates, key=_length, default=None)
    mains = list(tree.iter("main")) + tree.xpath("//*[@role='main' or @id='content' or @id='main-content']")
    main = max(mains, key=_length, default=None)
    size = sum(_length(e) for e in fields)
    if fields and size >= 0.5 * (_length(article) if article is not None else 0):
        return fields
    if article is not None and (main is None or _length(article) >= 0.5 * _length(main)):
        return [article]
    if main is not None and _length(main):
        return [main]
    return fields


def _blocks(tree: Any, containers: Sequence[Any], html: Any) -> Iterator[_Block]:
    """Walk the page and yield its paragraphs in order."""
    pieces: list[tuple[str, bool]] = []
    done: list[_Block] = []

    def flush(tag: str, inside: bool) -> None:
        # Runs of browser whitespace are one space; no-break spaces are text.
        text = re.sub(r"[ \t\r\n\f]+", " ", "".join(piece for piece, _ in pieces))
        text = text.replace("\u00ad", "").replace("\u200b", "")
        linked = sum(len(piece.strip()) for piece, is_link in pieces if is_link)
        pieces.clear()
        for part in re.split(rf"[ \u00a0]*{_BREAK}(?:[ \u00a0]*{_BREAK})+[ \u00a0]*", text):
            lines = [line.strip(" ") for line in part.split(_BREAK)]
            paragraph = _NOT_XML.sub("", "\n".join(line for line in lines if line.strip()))
            if paragraph:
                done.append(_Block(paragraph, tag, linked, inside))

    def walk(element: Any, tag: str, inside: bool, link: bool, pre: bool) -> None:
        name = element.tag
        if not isinstance(name, str):  # comment or processing instruction
            return
        if name == "head":
            return
        block = name in _BLOCK_TAGS
        inside = inside or element in containers
        if name == "br":
            pieces.append((_BREAK, link))
        if name == "tr" and not any(
            grand.tag in _BLOCK_TAGS for cell in element for grand in cell.iter() if grand is not cell
        ):
            # A row of a data table is one paragraph: "Peru | in favour" means nothing in two.
            flush(tag, inside)
            cells = [" ".join(cell.text_content().split(" ")).strip() for cell in element if isinstance(cell.tag, str)]
            pieces.append((" | ".join(cell for cell in cells if cell.strip()), link))
            flush("tr", inside)
            return
        if block:
            flush(tag, inside if element not in containers else False)
            tag = name
        link, pre = link or name == "a", pre or name == "pre"
        add(element.text, link, pre)
        for child in element:
            walk(child, tag, inside, link, pre)
            add(child.tail, link, pre)
        if block:
            flush(tag, inside)

    def add(text: str | None, link: bool, pre: bool) -> None:
        if text:
            pieces.append((re.sub(r"\n[ \t\r]*\n\s*", _BREAK * 2, text) if pre else text, link))

    everything = not containers
    body = tree.find("body")
    walk(tree if body is None else body, "body", everything, False, False)
    flush("body", everything)
    yield from done


def _trim_to_article(blocks: list[_Block], source: str) -> None:
    """Mark what precedes and follows the article on a page whose structure does not tell, with trafilatura's opinion.

    Only its opinion on where the article begins and ends is taken: it may skip a short paragraph in between, and a
    paragraph of prose is kept even outside.
    """
    try:
        found = _quiet("trafilatura").extract(
            source, include_comments=False, include_tables=True, favor_recall=True, deduplicate=False
        )
    except Exception:  # an opinion is all it was asked for; without one the whole page is the article
        found = None
    lines = {_squeeze(line.lstrip("- ")) for line in (found or "").splitlines() if len(line) > 30}
    hits = [i for i, block in enumerate(blocks) if _squeeze(block.text) in lines]
    if not hits:
        return
    legal = [bool(re.search(r"©|\(c\) \d{4}|all rights reserved|cookies", b.text, re.I)) for b in blocks]
    unlinked = [i for i, block in enumerate(blocks) if block.density < 0.3 and not legal[i]]
    # An opinion that leaves out most of what is no link is about another page than this one.
    trusted = 2 * sum(len(blocks[i].text) for i in hits) > sum(len(blocks[i].text) for i in unlinked)
    sentences = [i for i in unlinked if not trusted or _TERMINAL.search(blocks[i].text[-40:])]
    first, last = min([*hits, *sentences]), max([*hits, *sentences])
    while first and blocks[first - 1].tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
        first -= 1
    certain = range(hits[0], hits[-1] + 1)
    outside = set(range(len(blocks))).difference(certain, unlinked)
    for i, block in enumerate(blocks):
        block.inside = first <= i <= last and i not in outside


# --- PDF --------------------------------------------------------------------------------------------------------------

_LIGATURES = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st", "\0": None, "\u200b": None}
)
_KEEP_AFTER = _words(
    "all anti capacity co counter cross decision double ex extra follow fourth full fifth first half high inter law "
    "long low mid multi near no non one open over peace post pre pro quasi rule second self semi short single six so "
    "socio south sub third three trans two under vice well win zero"
)
_KEEP_BEFORE = _words(
    "based building century chair chairs driven elect existing general keeping known led level like making member old "
    "operation ordination oriented president presidents range related sharing speaking state term token up wide year "
    "years"
)
_JOINED_PREFIXES = _words("anti co counter extra inter mid multi over post pre pro semi sub trans under")
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


def _read_pdf(raw: bytes, shown: str) -> _Content:
    pypdf = _quiet("pypdf")
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
    symbol = next((s for s in map(_own_symbol, (line.text for line in pages[0][:10])) if s), None)
    lines = [line for page in _without_running_lines(pages) for line in page]
    text = "\n\n".join(_pdf_paragraphs(lines))
    letters = sum(c.isalpha() for c in text)
    if letters == 0 or (letters < 20 * len(pages) and _has_images(reader)):
        raise InputError(f"{shown}: no text in this PDF, it seems to be a scan; run OCR on it (ocrmypdf, for one)")
    if sum(c == "\ufffd" or "\ue000" <= c <= "\uf8ff" for c in text) > 0.3 * len(text):
        raise InputError(f"{shown}: the text of this PDF cannot be decoded (its fonts lack a mapping); run OCR on it")
    return _Content(text, symbol=symbol)


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
        return text if len(text) > 60 or _is_prose(text) else re.sub(r"\d+", "#", text)

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
    ended = bool(_TERMINAL.search(before.text[-40:]))
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
    if opens and short and not ended and not lower and _caps(before.text) >= 0.5:
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


# --- Word -------------------------------------------------------------------------------------------------------------

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"


def _read_docx(raw: bytes, shown: str) -> _Content:
    docx = _quiet("docx")
    try:
        document = docx.Document(io.BytesIO(raw))
        paragraphs = list(_docx_paragraphs(document.element.body))
        titles = [p.text.strip() for p in document.paragraphs if p.style is not None and p.style.name == "Title"]
    except Exception:  # a damaged package fails as a zip, as XML, as a missing part …
        raise InputError(f"{shown}: a damaged Word document; open it in Word and save it again as .docx") from None
    symbol = None
    try:
        heads = [p.text for section in document.sections for p in section.header.paragraphs]
        symbol = next((s for s in map(_own_symbol, heads) if s), None)
    except Exception:  # the header only ever adds a symbol; without one the document is as good
        symbol = None
    title = next((" ".join(t.split()) for t in titles if t), None)
    return _Content("\n\n".join(paragraphs), symbol=symbol, title=title)


def _docx_paragraphs(element: Any) -> Iterator[str]:
    """Yield the paragraphs in document order, with those in tables, content controls and text boxes.

    Walks the XML, since python-docx leaves out what stands in content controls and tracked insertions.
    """
    for child in element:
        if child.tag == f"{_W}p":
            boxes: list[Any] = []
            text = _docx_text(child, boxes).strip(" \t\n")
            if text.strip():
                yield text
            for box in boxes:
                yield from _docx_paragraphs(box)
        elif child.tag == f"{_W}tr":
            cells = [list(_docx_paragraphs(cell)) for cell in child.iter(f"{_W}tc") if _row_of(cell) is child]
            if all(len(cell) <= 1 for cell in cells):
                row = " | ".join(cell[0] for cell in cells if cell)
                if row:
                    yield row
            else:
                for cell in cells:
                    yield from cell
        elif child.tag not in (_FALLBACK, f"{_W}del", f"{_W}moveFrom") and isinstance(child.tag, str):
            yield from _docx_paragraphs(child)


def _row_of(cell: Any) -> Any:
    return next(cell.iterancestors(f"{_W}tr"))


def _docx_text(element: Any, boxes: list[Any]) -> str:
    pieces: list[str] = []
    for child in element:
        tag = child.tag
        if tag == f"{_W}t":
            pieces.append(child.text or "")
        elif tag == f"{_W}tab":
            pieces.append(" ")
        elif tag in (f"{_W}br", f"{_W}cr"):
            pieces.append("\n")
        elif tag == f"{_W}noBreakHyphen":
            pieces.append("-")
        elif tag == f"{_W}txbxContent":
            boxes.append(child)
        elif tag not in (f"{_W}pPr", f"{_W}rPr", f"{_W}del", f"{_W}moveFrom", _FALLBACK) and isinstance(tag, str):
            pieces.append(_docx_text(child, boxes))
    return "".join(pieces).replace("\u00ad", "").replace("\u200b", "")


# --- heading, date, body ----------------------------------------------------------------------------------------------

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|"
    r"Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_YEAR = r"((?:19|20)\d\d)\b"
_DAY = r"(?<![\d.,/])(\d{1,2})(?:st|nd|rd|th)?"
_RANGE = re.compile(rf"(?<![\d.,/])\d{{1,2}}\s*(?:-|–|—|to|and|&)\s*\d{{1,2}}\s+{_MONTH}(?:,?\s+{_YEAR})?", re.I)
_DMY = re.compile(rf"{_DAY}\s+(?:of\s+)?({_MONTH})(?:,?\s+{_YEAR})?", re.I)
_MDY = re.compile(rf"\b({_MONTH})\s+(\d{{1,2}})(?:st|nd|rd|th)?\b(?!\s*:)(?:,?\s+{_YEAR})?", re.I)
_ISO = re.compile(r"(?<!\d)((?:19|20)\d\d)-(\d\d)-(\d\d)(?!\d)")
_DATE_WORDS = re.compile(
    r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b\d{1,2}(?:[:.]\d\d)?\s*(?:[ap]\.?m\b\.?|noon)|"
    r"\b(?:new york|geneva|vienna|nairobi|the hague|for immediate release|press release|date|posted|published|on)\b",
    re.I,
)

_SYMBOL = re.compile(r"(?<![\w/.])[A-Z]{1,12}(?:/[A-Z0-9](?:[A-Za-z0-9.()-]*[A-Za-z0-9)])?){1,6}(?![\w/])")
_TERMINAL = re.compile(r"[.!?…][\"”’'»)\]*]*\s*$")
_ORDINAL = (
    r"(?:\d+(?:st|nd|rd|th)|(?:(?:Twent|Thirt|Fort|Fift|Sixt|Sevent|Eight|Ninet)y-)?(?:First|Second|Third|Fourth|Fifth|"
    r"Sixth|Seventh|Eighth|Ninth)|Tenth|Eleventh|Twelfth|(?:Thir|Four|Fif|Six|Seven|Eigh|Nine)teenth|"
    r"(?:Twent|Thirt|Fort|Fift|Sixt|Sevent|Eight|Ninet)ieth|(?:One )?Hundredth)"
)
_SITTING = re.compile(
    r"\d(?:st|nd|rd|th)?[^.]{0,40}\bMeetings?\b\W*(?:\([^)]*\))?\W*$|"
    r"\((?:AM|PM|Night|Resumed|AM (?:&|and) PM)\)\W*$|"
    rf"^(?:[^.]{{3,100}},\s+)?{_ORDINAL}\s+(?:(?:Regular|Special|Emergency|Resumed|Annual|Substantive|Organi[sz]ational)"
    rf"\s+){{0,2}}Session\b[^a-z]{{0,40}}$",
    re.I,
)
_PUBLISHER = re.compile(
    r"(?:united nations|nations unies|un press|press releases?|meetings coverage(?: and press releases)?|"
    r"press conference|background release|department of (?:public information|global communications)\W*.{0,40}|"
    r"news and media division\W*.{0,20}|.{0,30}information service|for immediate release|statements?|background|"
    r"headquarters|new york|geneva|vienna|nairobi)\W*",
    re.I,
)
_NOTICE = re.compile(r"for (?:the )?(?:use of )?(?:the )?information media", re.I)
_NOT_OFFICIAL = re.compile(
    r"[^\w\n]*for (?:the )?(?:use of )?(?:the )?information media\b.{0,30}?not an official (?:record|document)\W*$",
    re.I | re.S,
)
_FOOTNOTE = re.compile(
    r"\s*[*†\[].{0,300}\b(?:(?:not|be) covered|no press release|not issued|reissued|previously issued|press release)\b",
    re.I,
)
_VOTES = re.compile(r"(?:in favou?r|against|abstain\w*|abstentions?|absent)\s*[:—–-]", re.I)
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
    symbol = next((s for s in map(_own_symbol, (u.text for u in heading)) if s), None) or symbol
    if symbol is None and end < len(text):
        symbol = next((s for s in map(_own_symbol, text[end:].splitlines()) if s), None)
    if sha256 is None:
        sha256 = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    first = next((u for u in units if u.start >= start), None)
    dateline = _dateline(first.text) if first is not None else None
    return Document(
        name=name,
        text=text,
        symbol=symbol,
        title=title or headline,
        date=_date([u.text for u in heading], dateline, symbol, published, year),
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
    if not 40 <= len(before) <= 130 or len(line) > 130 or _is_meta(before) or _is_meta(line) or _dateline(line):
        return False
    if line[:1].islower():
        return True
    if _TERMINAL.search(before):
        return False
    if _caps(before) >= 0.6:  # a headline, whose continuation is in capitals too
        return _caps(line) >= 0.6 and len(before) >= 50
    return len(before) >= 55


def _split_heading(units: Sequence[_Unit], title: str | None) -> tuple[int, list[_Unit], str | None]:
    """Return where the body starts, the units before it, and the headline among them."""
    wanted = _squeeze(title) if title else None
    candidates: list[_Unit] = []
    mastheads: set[int] = set()
    start: _Unit | None = None
    for i, unit in enumerate(units):
        following = units[i + 1] if i + 1 < len(units) else None
        comma = unit.text.endswith(",") and following is not None and following.block == unit.block
        if _squeeze(unit.text) == wanted:
            candidates.append(unit)
        elif _is_meta(unit.text) or (comma and following is not None and _is_meta(following.text)):
            mastheads.add(unit.block)
        elif _is_prose(unit.text) or unit.text.endswith((".", ";")):
            start = unit
            break
        # In small letters and without a full stop it may be the headline, if there was none that deserves the name;
        # else it may be a note or a list item: body.
        elif _caps(unit.text) >= 0.6 or (wanted is None and all(len(c.text.split()) < 6 for c in candidates)):
            candidates.append(unit)
        else:
            start = unit
            break
    if start is None:
        # Nothing but headings, or notes without full stops: keep it all, and take the first line for a title only if
        # it looks like one.
        first = next((c for c in candidates if c is units[0] and len(units) > 1 and _caps(c.text) >= 0.6), None)
        return 0, list(units), first.text if first else None
    heading = [unit for unit in units if unit.start < start.start]
    if not heading:
        return 0, [], None
    # A body's name in the block of session lines is often as long as the headline below it.
    best = max(candidates, key=lambda c: len(c.text) * (0.5 if c.block in mastheads else 1.0), default=None)
    headline = re.sub(r"\s+", " ", best.text).strip(" *_") if best else None
    return start.start, heading, headline


def _is_meta(text: str) -> bool:
    if not any(c.isalnum() for c in text):
        return True
    if len(text) > 200:
        return False
    return bool(
        _PUBLISHER.fullmatch(text)
        or _own_symbol(text)
        or _SITTING.search(text)
        or _is_date_line(text)
        or _NOT_OFFICIAL.match(text)
    )


def _is_prose(text: str) -> bool:
    if _dateline(text) or _VOTES.match(text) or len(text) > 300:
        return True
    words = text.split()
    small = _caps(text) < 0.6
    if text.endswith(":"):
        return small and len(words) >= 4
    if _TERMINAL.search(text[-40:]):
        return small and len(words) >= 3
    return small and len(words) > 12 and bool(re.search(r"[a-z”)]\.\s+[A-Z“]", text))


def _caps(text: str) -> float:
    """Return the share of the longer words that begin with a capital: near 1 in a headline, low in prose."""
    words = re.findall(r"[^\W\d_][\w’'-]*", text[:600])
    longer = [word for word in words if len(word) >= 4]
    words = longer if len(longer) >= 2 else words
    return sum(word[0].isupper() for word in words) / len(words) if words else 1.0


def _own_symbol(text: str) -> str | None:
    """Return the symbol of a line that holds little else."""
    if len(text) > 120:
        return None
    for found in _SYMBOL.finditer(text):
        symbol = found.group()
        rest = _strip_dates(text[: found.start()] + " " + text[found.end() :])
        rest = re.sub(
            r"\b(?:press release|symbol|document|united nations|un|original|english|no)\b", " ", rest, flags=re.I
        )
        if any(c.isdigit() for c in symbol) and len(re.findall(r"\w+", rest)) == 0:
            return symbol
    return None


def _strip_dates(text: str) -> str:
    for pattern in (_ISO, _RANGE, _DMY, _MDY, _DATE_WORDS):
        text = pattern.sub(" ", text)
    return text


def _is_date_line(text: str) -> bool:
    return len(text) < 100 and _find_date(text) is not None and len(re.findall(r"\w+", _strip_dates(text))) <= 1


def _find_date(text: str) -> str | None:
    """Return the first date in a text: ISO if it is complete, else its words."""
    found = _ISO.search(text)
    if found:
        return found.group()
    found = _RANGE.search(text)
    if found:
        return found.group()
    matches = [match for match in (_DMY.search(text), _MDY.search(text)) if match]
    if not matches:
        return None
    # "17 April 2015" also contains "April 20", in a manner of speaking: the earlier match is the date.
    found = min(matches, key=lambda match: match.start())
    day, month = found.group(1), found.group(2)
    if found.re is _MDY:
        day, month = month, day
    number = _MONTHS.index(month[:3].lower()) + 1
    if not 1 <= int(day) <= 31:
        return None
    return f"{found.group(3)}-{number:02d}-{int(day):02d}" if found.group(3) else found.group()


def _iso(date: str | None) -> str | None:
    return date if date and _ISO.fullmatch(date) else None


def _dateline(text: str) -> str | None:
    """Return the ``DOHA, 17 April`` of a first paragraph."""
    found = re.match(r"(\S.{1,90}?)\s*(?:—|–|--|\s-)\s+(?=\S)", text[:200])
    if not found:
        return None
    head, rest = found.group(1), text[found.end() : found.end() + 600]
    place, comma, tail = head.partition(",")
    if len(rest.split()) < 4 or _caps(rest) >= 0.6 or any(c.isdigit() for c in place):
        return None
    if comma and _find_date(tail):
        return head
    return head if place.isupper() and sum(c.isalpha() for c in place) >= 3 and not comma else None


def _date(
    heading: Sequence[str], dateline: str | None, symbol: str | None, published: str | None, year: int | None
) -> str | None:
    found = [date for date in map(_find_date, heading) if date]
    spoken = _find_date(dateline) if dateline else None
    for date in ([spoken] if spoken else []) + found:
        if _iso(date):
            return date
    part = spoken or next(iter(found), None)
    if part is None:
        return published
    if year is None and symbol:
        known = re.search(r"(?<=/)(?:19|20)\d\d(?=/|$)", symbol)
        year = int(known.group()) if known else None
    if published:
        year = int(published[:4])
    whole = _iso(_find_date(f"{part} {year}")) if year else None
    if whole and published and whole > published and whole[5:7] == "12" and published[5:7] == "01":
        # A December meeting published in January.
        whole = f"{int(whole[:4]) - 1}{whole[4:]}"
    return whole or part


def _body_end(text: str) -> int:
    """Return where the boilerplate at the foot begins; the whole length if there is none."""
    end = len(text)
    for _ in range(_FOOT_LINES):
        floor = max(0, end - _TAIL_CHARS)
        kept = text[floor:end].rstrip()
        notices = list(_NOTICE.finditer(kept))
        if notices and _NOT_OFFICIAL.match(kept, notices[-1].start()):
            end = floor + len(kept[: notices[-1].start()].rstrip(" \t\r\n\u00a0*_-–—•["))
            continue
        cut = max(kept.rfind("\n"), kept.rfind("\r"))
        line = kept[cut + 1 :]
        whole = cut >= 0 or floor == 0
        foot = not any(c.isalnum() for c in line) or _FOOTNOTE.match(line) or _SYMBOL.fullmatch(line)
        if not (whole and line and foot):
            return end
        end = floor + len(kept[: cut + 1].rstrip())
    return end
