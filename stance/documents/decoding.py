"""Raw bytes of a text or a page → the text and the name of its encoding.

In: bytes that no other format claims. Out: the decoded text without byte-order mark; bytes that are no text are refused.
"""

from __future__ import annotations

import codecs
import re

from stance.documents.libraries import import_quietly
from stance.errors import InputError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig", "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32", "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "utf-16"),
)
_DECLARED = re.compile(rb"""<(?:meta|\?xml)\b[^>]{0,200}?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.I)
_STRAY = "stance.cp1252"


def decode(raw: bytes, shown: str) -> tuple[str, str]:
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
        import_quietly("charset_normalizer")
        .from_bytes(raw, cp_exclusion=["utf_16", "utf_16_le", "utf_16_be", "utf_32"])
        .best()
    )
    if best is None:
        raise InputError(f"{shown}: a binary file, or text in an unknown encoding; save it as UTF-8")
    return str(best), str(best.encoding)


def _stray_bytes(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


def refuse_binary(text: str, shown: str) -> None:
    controls = len(re.findall(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]", text))
    if "\0" in text or controls > 0.01 * len(text):
        raise InputError(f"{shown}: a binary file, not a text; give .txt, .html, .pdf or .docx (text saved as UTF-8)")
