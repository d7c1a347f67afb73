"""Raw bytes → the kind of file they are.

In: the bytes of a file and its ending. Out: ``pdf``, ``docx``, ``html`` or ``txt``; what is recognised as something else
(an image, an archive, an old Word file) is refused with advice.
"""

from __future__ import annotations

import io
import re
import zipfile

from stance.documents.model import MAX_BYTES
from stance.documents.wording import size_text
from stance.errors import InputError

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
HTML_START = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body|article|main)\b", re.I | re.S
)


def sniff(raw: bytes, suffix: str, shown: str) -> str:
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
            f"{shown}: unpacks to more than {size_text(20 * MAX_BYTES)}; remove its pictures and save it again"
        )
    return "docx"
