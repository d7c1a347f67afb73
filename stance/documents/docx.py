"""The bytes of a Word document → its paragraphs, with the title and symbol that it states.

In: a ``.docx`` package. Out: a :class:`Content` whose text has the paragraphs in document order, those of tables, text
boxes and tracked insertions among them.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from stance.documents.libraries import import_quietly
from stance.documents.model import Content
from stance.documents.symbols import own_symbol
from stance.errors import InputError

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"


def read_docx(raw: bytes, shown: str) -> Content:
    docx = import_quietly("docx")
    try:
        document = docx.Document(io.BytesIO(raw))
        paragraphs = list(_docx_paragraphs(document.element.body))
        titles = [p.text.strip() for p in document.paragraphs if p.style is not None and p.style.name == "Title"]
    except Exception:  # a damaged package fails as a zip, as XML, as a missing part …
        raise InputError(f"{shown}: a damaged Word document; open it in Word and save it again as .docx") from None
    symbol = None
    try:
        heads = [p.text for section in document.sections for p in section.header.paragraphs]
        symbol = next((s for s in map(own_symbol, heads) if s), None)
    except Exception:  # the header only ever adds a symbol; without one the document is as good
        symbol = None
    title = next((" ".join(t.split()) for t in titles if t), None)
    return Content("\n\n".join(paragraphs), symbol=symbol, title=title)


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
