"""Reading files: every format, the heading, the body, and every way in which a file can be unreadable."""

from __future__ import annotations

import hashlib
import io
import os
import re
import subprocess
import sys
import time
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import docx
import pytest
from fpdf import FPDF

from stance.documents import Document, find_inputs, parse_document, read_document, sniffing
from stance.documents import docx as word
from stance.documents import html as web
from stance.documents import pdf as printed
from stance.errors import InputError

ROOT = Path(__file__).parent.parent
FIXTURES = Path(__file__).parent / "fixtures" / "documents"
MEETING = ROOT / "data" / "meetings" / "SOC_CP_365.txt"

TITLE = "Fisheries Congress Hears of Empty Nets, as Speakers Part Ways over New Convention"
FIRST = "Nets came up empty on three oceans last year, delegates heard today, and blamed one another for it."
SECOND = "The delegate of Palau asked for a treaty.  Bhutan’s representative, who has no coast, did not."
LAST = "Also speaking were the representatives of Fiji and Côte d’Ivoire."
PROSE = f"{FIRST}\n\n{SECOND}\n\nVotes\n\n{LAST}"


def body(document: Document) -> str:
    return document.text[slice(*document.body)]


def refusal(source: Path | str, **options: object) -> str:
    with pytest.raises(InputError) as caught:
        read_document(source, **options)  # type: ignore[arg-type]
    message = str(caught.value)
    assert message.startswith("standard input: " if source == "-" else f"{source}: ")
    assert "\n" not in message
    return message


# --- heading and body -------------------------------------------------------------------------------------------------


def test_the_real_meeting() -> None:
    document = read_document(MEETING)
    raw = MEETING.read_bytes()
    assert document.text == raw.decode("utf-8")
    assert document.sha256 == hashlib.sha256(raw).hexdigest()
    assert (document.name, document.kind, document.encoding) == ("SOC_CP_365", "txt", "utf-8")
    assert document.source == str(MEETING)
    assert document.symbol == "SOC/CP/365"
    assert document.title is not None
    assert document.title.startswith("UN Congress Plenary Debate Focuses on")
    assert document.title.endswith("among New, Emerging Threats")
    assert document.date == "17 April"
    assert body(document).startswith("DOHA, 17 April — As criminals")
    assert body(document).endswith("public participation in strengthening crime prevention and criminal justice”.")


CONGRESS = "Second Congress on Fisheries,\nPlenary — 3rd & 4th Meetings (AM & PM)\nDEV/FIS/77"
GROUP = "Open-ended Working Group on Fish, Fifteenth Session — 5th & 6th Meetings (AM & PM)\n\nDEV/FIS/08"
COMMITTEE = "GA/SHC/4321\n6 October 2031\n\nThird Committee\nEighty-sixth Session, 15th & 16th Meetings (AM & PM)"
QUESTION = "Is a New Treaty the Answer to Empty Nets, Speakers Ask?"
SMALL = "Small island speaks up at the congress of empty nets"


@pytest.mark.parametrize(
    ("heading", "symbol", "title", "date"),
    [
        ("", None, None, None),
        (f"{TITLE}\n\n", None, TITLE, None),
        (f"{TITLE}\n", None, TITLE, None),
        (f"{CONGRESS}\n\n{TITLE}\n\n", "DEV/FIS/77", TITLE, None),
        (f"{GROUP}\n\n{TITLE}\n\n", "DEV/FIS/08", TITLE, None),
        (f"{COMMITTEE}\n\n{TITLE}\n\n", "GA/SHC/4321", TITLE, "2031-10-06"),
        (f"Press Release GA/12345\n\n{TITLE}\n\nBackground\n\n", "GA/12345", TITLE, None),
        (f"SC/99999 | Tuesday, 6 May 2031\n\n{TITLE}\n\n", "SC/99999", TITLE, "2031-05-06"),
        (f"A/AC.99/2031/3\n\n{TITLE}\n\n6 May\n\n", "A/AC.99/2031/3", TITLE, "2031-05-06"),
        (f"{TITLE}\n\nMay 6, 2031\n\n", None, TITLE, "2031-05-06"),
        (f"2031-05-06\n{TITLE}\n\n", None, TITLE, "2031-05-06"),
        (f"For information media. Not an official record.\n\n{TITLE}\n\nGA/L/3699\n\n", "GA/L/3699", TITLE, None),
        (f"{SMALL}\n\n", None, SMALL, None),
        (f"Third Committee\n\n{QUESTION}\n\n", None, QUESTION, None),
    ],
)
@pytest.mark.parametrize("foot", ["", "\n\nFor information media. Not an official record.\n", "\n\n* *** *\n"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_heading_and_foot(
    heading: str, symbol: str | None, title: str | None, date: str | None, foot: str, newline: str
) -> None:
    document = parse_document((heading + PROSE + foot).replace("\n", newline), name="x")
    assert (document.symbol, document.title, document.date) == (symbol, title, date)
    assert body(document) == PROSE.replace("\n", newline)


@pytest.mark.parametrize(
    ("line", "date"),
    [
        ("PRAIA, 6 May — ", "6 May"),
        ("PRAIA, 6 May 2031 — ", "2031-05-06"),
        ("SÃO TOMÉ, 30 September (UN Information Service) — ", "30 September"),
        ("Geneva, May 6, 2031 – ", "2031-05-06"),
        ("PRAIA, 3–5 June — ", "3–5 June"),
        ("NEW YORK — ", None),
    ],
)
def test_dateline_opens_the_body(line: str, date: str | None) -> None:
    document = parse_document(f"{TITLE}\n{line}{PROSE}", name="x")
    assert document.date == date
    assert document.title == TITLE
    assert body(document) == line + PROSE


def test_metadata_complete_the_date() -> None:
    text = f"{TITLE}\n\nPRAIA, 30 December — {PROSE}"
    assert parse_document(text, name="x", published="2032-01-02").date == "2031-12-30"
    assert parse_document(text, name="x", year=2031).date == "2031-12-30"
    assert parse_document(f"{TITLE}\n\n{PROSE}", name="x", published="2032-01-02").date == "2032-01-02"


def test_dates_in_the_running_text_are_not_the_meetings() -> None:
    assert parse_document(f"{TITLE}\n\nOn 6 May 2031, said Peru, all nets were full.\n\n{PROSE}", name="x").date is None


def test_text_without_blank_lines() -> None:
    lines = f"{TITLE}\n{FIRST}\n{SECOND}\n{LAST}"
    document = parse_document(lines, name="x")
    assert document.title == TITLE
    assert body(document) == f"{FIRST}\n{SECOND}\n{LAST}"


def test_hard_wrapped_text() -> None:
    text = (
        "Fisheries Congress Hears of Empty Nets, as Speakers Part Ways\nover New Convention\n\n"
        "Nets came up empty on three oceans last year, delegates heard today,\n"
        "and blamed one another for it.  The delegate of Palau asked for a\ntreaty.\n\nBhutan’s did not.\n"
    )
    document = parse_document(text, name="x")
    assert document.title == TITLE
    assert body(document) == text[text.index("Nets came") :]


@pytest.mark.parametrize(
    "text",
    [
        "The delegate of Palau asked for a treaty",
        "Palau asked for a treaty\n\nBhutan opposed it\n\nFiji abstained",
        "Peru said no.",
        "“Never!” said the delegate of Chad.\n\nOther Business\n\nNone.",
        "IN FAVOUR: Fiji, Palau, Togo, Peru\nAGAINST: Chad\n\nThe draft was adopted.",
        "Other Business",
        "DEV/FIS/77",
    ],
)
def test_text_without_heading_is_all_body(text: str) -> None:
    document = parse_document(text, name="x")
    assert document.body == (0, len(text))


def test_notes_below_a_title_are_body() -> None:
    text = (
        "Notes from the Meeting on Fish and Rivers\n\nPalau wants a treaty\n\nBhutan does not want one\n\nThey closed."
    )
    document = parse_document(text, name="x")
    assert document.title == "Notes from the Meeting on Fish and Rivers"
    assert body(document).startswith("Palau wants")


@pytest.mark.parametrize(
    "foot",
    [
        "For information media. Not an official record.",
        "For information media • Not an official record",
        "For the use of information media — not an official record.",
        "* *** *\n\n* The 5th Meeting was not covered.",
        "____\n* The 2nd Meeting was not covered.\n\n* *** *\n\nFor information media. Not an official record.",
        "***\n\nDEV/FIS/77",
    ],
)
def test_boilerplate_at_the_foot(foot: str) -> None:
    document = parse_document(f"{TITLE}\n\n{PROSE}\n\n{foot}\n\n", name="x")
    assert body(document) == PROSE
    assert document.symbol == ("DEV/FIS/77" if "DEV" in foot else None)


def test_boilerplate_on_the_last_line_of_prose() -> None:
    assert body(parse_document(f"{PROSE} For information media. Not an official record.", name="x")) == PROSE


def test_prose_about_information_media_stays() -> None:
    text = f"{PROSE}\n\nA day for information media, Chad said, is not an official record of anything but goodwill."
    assert body(parse_document(text, name="x")) == text


def test_symbols_in_prose_are_not_the_documents() -> None:
    document = parse_document(f"{TITLE}\n\nIntroducing document A/CONF.9/8, Peru spoke.\n\n{PROSE}", name="x")
    assert document.symbol is None
    assert parse_document(f"AM/PM\n\n{PROSE}", name="x").symbol is None


def test_title_from_metadata_need_not_look_like_one() -> None:
    document = parse_document(f"Palau: we have had enough.\n\n{PROSE}", name="x", title="Palau: we have had enough.")
    assert body(document) == PROSE


def test_a_million_rulers_are_quick() -> None:
    begun = time.perf_counter()
    parse_document(f"{PROSE}\n" + "***\n" * 1_000_000, name="x")
    assert time.perf_counter() - begun < 2


def test_huge_text_is_quick() -> None:
    text = f"{TITLE}\n\n" + "word, " * 2_000_000 + "end.\n\n" + "A — b - c. " * 200_000
    begun = time.perf_counter()
    document = parse_document(text, name="x")
    assert time.perf_counter() - begun < 3
    assert document.body == (len(TITLE) + 2, len(text))


# --- plain text -------------------------------------------------------------------------------------------------------

ODD = f"{TITLE}\r\n\r\nPalau\u00a0—\u2028“yes”,  said\tone.\r\rNo\u200b!\n\f\n  𝔉ish. \n\n"


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [
        (ODD.encode("utf-8"), "utf-8"),
        (b"\xef\xbb\xbf" + ODD.encode("utf-8"), "utf-8"),
        (b"\xff\xfe" + ODD.encode("utf-16-le"), "utf-16"),
        (b"\xfe\xff" + ODD.encode("utf-16-be"), "utf-16"),
        (ODD.encode("utf-32"), "utf-32"),
    ],
)
def test_text_is_stored_as_decoded(tmp_path: Path, raw: bytes, encoding: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(raw)
    document = read_document(path)
    assert document.text == ODD
    assert document.encoding == encoding
    assert document.sha256 == hashlib.sha256(raw).hexdigest()


ENGLISH = "“Côte d’Ivoire’s nets – and São Tomé’s – are empty…” said Türkiye’s delegate, who asked for €4 million."


@pytest.mark.parametrize(
    "text", [ENGLISH, "The treaty’s text.", "The delegate of Peru spoke. " * 400 + "It’s “so”.", "Bogotá"]
)
def test_windows_quotes(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(text.encode("cp1252"))
    document = read_document(path)
    assert document.text == text
    assert document.encoding == "cp1252"


def test_other_encodings(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("Peru’s delegate didn’t agree with Chad’s.".encode("mac_roman"))
    assert read_document(path).text == "Peru’s delegate didn’t agree with Chad’s."
    russian = "Представитель Перу заявил, что новая конвенция не нужна. Делегат Чада возразил ему. " * 5
    path.write_bytes(russian.encode("cp1251"))
    assert read_document(path).text == russian


def test_a_windows_byte_in_utf8_garbles_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(ENGLISH.encode("utf-8") + b" It\x92s so. " + ENGLISH.encode("utf-8"))
    assert read_document(path).text == f"{ENGLISH} It’s so. {ENGLISH}"


# --- what cannot be read ----------------------------------------------------------------------------------------------


def _zip(**entries: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, text in entries.items():
            archive.writestr(name.replace("__", "/"), text)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "raw", "words"),
    [
        ("a.txt", b"", "empty"),
        ("a.txt", b" \n\t\r\n ", "empty"),
        ("a.txt", b"\xef\xbb\xbf \n", "no text"),
        ("a.txt", "\u00a0\u200b\n* * *".encode(), "no text"),
        ("a.txt", b"The text\0 goes on", "binary"),
        ("a.txt", bytes(range(256)) * 20, "binary"),
        ("a.txt", b"\x01\x02\x03\x04 text", "binary"),
        ("a.txt", b"\xff\xfeA", "utf-16"),
        ("a.txt", b"\x89PNG\r\n\x1a\n" + bytes(50), "OCR"),
        ("a.txt", _zip(mimetype="application/vnd.oasis.opendocument.text"), "docx"),
        ("a.docx", _zip(**{"[Content_Types].xml": "<x/>", "xl__workbook.xml": "<x/>"}), "docx"),
        ("a.docx", _zip(**{"[Content_Types].xml": "<x/>", "word__document.xml": "<x"}), "damaged"),
        ("a.docx", b"PK\x03\x04 and then nothing", "damaged"),
        ("a.docx", b"Plain text with the wrong ending.", "not a Word document"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "save it as .docx"),
        ("a.rtf", b"{\\rtf1 The delegate of Peru}", "save it as"),
        ("a.pdf", b"The delegate of Peru said so.", "not a PDF"),
        ("a.pdf", b"%PDF-1.7\nnonsense\n%%EOF", "damaged PDF"),
        ("a.html", b"<html><head><title>x</title></head><body><p> &nbsp; </p></body></html>", "no text"),
        ("a.mhtml", b"From: <Saved by Blink>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related", "HTML only"),
    ],
)
def test_unreadable_content(tmp_path: Path, name: str, raw: bytes, words: str) -> None:
    path = tmp_path / name
    path.write_bytes(raw)
    assert words in refusal(path)


def test_missing_and_folder(tmp_path: Path) -> None:
    assert "no such file" in refusal(tmp_path / "none.txt")
    assert "folder" in refusal(tmp_path)
    with pytest.raises(InputError, match="not a file name"):
        read_document("a\0b")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser can read everything")
def test_unreadable_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(PROSE)
    path.chmod(0)
    assert "permission" in refusal(path)


def test_permission_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    path.write_text(PROSE)

    def deny(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", deny)
    assert "permission denied" in refusal(path)


def test_too_large_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "big.txt"
    with path.open("wb") as file:
        file.truncate(50 * 2**20)
    begun = time.perf_counter()
    message = refusal(path)
    assert time.perf_counter() - begun < 0.2
    assert "50.0 MiB" in message
    assert "20.0 MiB" in message
    path.write_bytes(b"x" * 101)
    assert "101 bytes" in refusal(path, max_bytes=100)
    assert read_document(path, max_bytes=101).text == "x" * 101


def test_zip_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sniffing, "MAX_BYTES", 2**20)
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        with archive.open("word/document.xml", "w", force_zip64=True) as entry:
            entry.write(bytes(21 * 2**20))
    assert "unpacks to" in refusal(path)


# --- standard input ---------------------------------------------------------------------------------------------------


def test_stdin_is_sniffed() -> None:
    def read(raw: bytes) -> Document:
        return read_document("-", stdin=io.BytesIO(raw))

    text = read(PROSE.encode())
    assert (text.name, text.source, text.kind, text.text) == ("stdin", "-", "txt", PROSE)
    assert read(b"\n<!DOCTYPE html>\n<html><body><p>Peru spoke.</p></body></html>").kind == "html"
    assert read(_pdf(PROSE)).kind == "pdf"
    assert read(_docx(PROSE)).kind == "docx"
    assert read_document("-", name="given", stdin=io.BytesIO(b"Peru spoke.")).name == "given"
    assert "empty" in refusal("-", stdin=io.BytesIO(b""))
    assert "limit" in refusal("-", stdin=io.BytesIO(b"x" * 11), max_bytes=10)


def test_process_stdin() -> None:
    code = "from stance.documents import read_document; print(read_document('-').text)"
    done = subprocess.run(
        [sys.executable, "-c", code], input=b"Peru spoke.", capture_output=True, check=True, cwd=ROOT, timeout=30
    )
    assert done.stdout.decode().strip() == "Peru spoke."


def test_no_heavy_import() -> None:
    code = (
        "import sys, stance.documents as d; d.read_document(sys.argv[1]); "
        "print([m for m in ('trafilatura', 'pypdf', 'docx', 'lxml', 'charset_normalizer') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(MEETING)], capture_output=True, check=True, cwd=ROOT)
    assert done.stdout.decode().strip() == "[]"


# --- web pages --------------------------------------------------------------------------------------------------------


def test_press_page() -> None:
    document = read_document(FIXTURES / "press_page.html")
    assert (document.name, document.kind, document.encoding) == ("press_page", "html", "utf-8")
    assert (document.symbol, document.title, document.date) == ("DEV/FIS/77", TITLE, "2031-05-06")
    assert document.text == "\n\n".join([TITLE, body(document), "For information media. Not an official record."])
    assert body(document).split("\n\n") == [
        "PRAIA, 6 May — Nets came up empty on three oceans last year, delegates heard today, and the Congress could "
        "not agree whether that called for a new treaty.",
        "“Read what we have signed,” the representative of Palau said.\u00a0 He had brought Jamaica’s copy of the last "
        "convention with him.",
        "Opening Statements",
        "Bhutan’s delegate agreed.",
        "So did Chad.",
        "The Chair listed the options:",
        "A new convention;",
        "A protocol to the present one.",
        "The delegate of Nauru, whose islands have no river, asked for neither of the two options.",
        "Delegation | Vote",
        "Togo | In favour",
        "First line of the motto\nsecond line of the motto.",
        "A paragraph after two breaks closed the day.",
        LAST,
    ]


def test_bulletin_page() -> None:
    document = read_document(FIXTURES / "bulletin_page.html")
    assert document.title == "Summary of the Second Meeting of the Working Group on River Plastics"
    assert document.date == "3–5 June 2031"
    assert body(document).split("\n\n") == [
        "The second meeting of the working group closed on Thursday with brackets around most of its text.",
        "Opening Plenary",
        "Co-Chair Ama Tolo opened the meeting.",
        "No one objected.",
        "Scope of the Instrument",
        "On a new protocol: Belize, for the Caribbean Community, supported it; Latvia preferred to wait.",
        "“Rivers do not bracket,” one observer remarked.",
        "A Brief Analysis",
        "The delegates went home. The rivers did not.",
    ]


def _page(html: str, **meta: str) -> Document:
    head = "".join(f'<meta property="{key}" content="{value}">' for key, value in meta.items())
    page = f"<html><head>{head}</head><body>{html}</body></html>"
    return read_document("-", stdin=io.BytesIO(page.encode()))


PARAGRAPHS = f"<p>{FIRST}</p><p>So did Chad.</p><h2>Votes</h2><p>{LAST}</p>"
EXPECTED = f"{FIRST}\n\nSo did Chad.\n\nVotes\n\n{LAST}"
MENU = "<ul>" + "".join(f'<li><a href="/{i}">Programme number {i} of the house</a></li>' for i in range(60)) + "</ul>"


@pytest.mark.parametrize(
    "html",
    [
        f"<h1>{TITLE}</h1>{PARAGRAPHS}",
        f"<header>{MENU}</header><article><h1>{TITLE}</h1>{PARAGRAPHS}</article><footer>{MENU}</footer>",
        f"<nav>{MENU}</nav><form action='/'><div class='page with-sidebar'><h1>{TITLE}</h1>{PARAGRAPHS}</div></form>",
        f"<article class='post social-share'><h1>{TITLE}</h1>{PARAGRAPHS}</article><div class='menu'>{MENU}</div>",
        f"<h1>{TITLE}</h1><div class='field field-name-body'><div class='field-items'>{PARAGRAPHS}</div></div>"
        f"<div class='block footer'><div class='field-name-body'><p>{SECOND * 20}</p></div></div>",
        f"<main><h1>{TITLE}</h1>{PARAGRAPHS}<div class='share'><a href='#'>Share this.</a></div></main>",
        f"<div id='top'>{MENU}</div><h1>{TITLE}</h1><div hidden><p>This is a hidden note for editors.</p></div>"
        f"<div id='fullstory'>{PARAGRAPHS}</div>",
        f"<h1>{TITLE}</h1><div>{FIRST}<br><br>So did Chad.<br>&nbsp;<br>Votes<br><br/>{LAST}</div>",
        f"<h1>{TITLE}</h1><pre>{FIRST}\n\nSo did\nChad.\n\nVotes\n\n{LAST}</pre>",
        f"<h1>{TITLE}</h1><table><tr><td>{PARAGRAPHS}</td></tr></table>",
    ],
)
def test_page_structures(html: str) -> None:
    document = _page(html)
    assert document.title == TITLE
    assert body(document) == EXPECTED


def test_page_without_structure_keeps_all_prose() -> None:
    # With or without trafilatura's opinion on where the article begins: no paragraph of prose may be lost.
    document = _page(f"<div>{MENU}</div><div><h1>{TITLE}</h1>{PARAGRAPHS}<p>{SECOND}</p></div><div>{MENU}</div>")
    assert document.title == TITLE
    text = body(document)
    assert text[text.index(FIRST) :].startswith(EXPECTED + "\n\n" + re.sub(" +", " ", SECOND))


def test_trafilatura_bounds_the_article(monkeypatch: pytest.MonkeyPatch) -> None:
    class Opinion:
        @staticmethod
        def extract(*_: object, **__: object) -> str:
            return f"{FIRST}\n{LAST}"

    quiet = web.import_quietly
    monkeypatch.setattr(web, "import_quietly", lambda name: Opinion if name == "trafilatura" else quiet(name))
    legal = "<p>© 2031 A. Nobody wrote this page.</p>"
    page = f"<div>{MENU}</div><p>A preface.</p><h1>{TITLE}</h1>{PARAGRAPHS}<p>Noted.</p>{legal}<h3>About</h3>"
    assert _page(page).text == f"A preface.\n\n{TITLE}\n\n{EXPECTED}\n\nNoted."
    # It found next to nothing: then all that is no link stays.
    monkeypatch.setattr(Opinion, "extract", lambda *_, **__: TITLE)
    assert _page(page).text == f"A preface.\n\n{TITLE}\n\n{EXPECTED}\n\nNoted.\n\nAbout"


def test_page_without_trafilatura(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "trafilatura", None)
    assert body(_page(f"<h1>{TITLE}</h1>{PARAGRAPHS}")) == EXPECTED


def test_page_metadata() -> None:
    document = _page(PARAGRAPHS, **{"og:title": TITLE, "article:published_time": "2031-05-07T08:00:00Z"})
    assert (document.title, document.date) == (TITLE, "2031-05-07")
    assert body(document) == EXPECTED


def test_declared_encoding(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    html = f'<html><head><meta charset="iso-8859-1"></head><body><p>{ENGLISH}</p></body></html>'
    path.write_bytes(html.encode("cp1252"))
    assert read_document(path).text == ENGLISH
    path.write_bytes('<?xml version="1.0" encoding="utf-8"?><html><body><p>Chad’s nets.</p></body></html>'.encode())
    assert read_document(path).text == "Chad’s nets."
    path.write_bytes(b"No tags at all, \n\njust words.")
    assert read_document(path).kind == "txt"


def test_odd_characters_in_a_page() -> None:
    document = _page(
        f"<nav>a&#1;\x02</nav><h1>{TITLE}</h1><p>Chad&#146;s&#x97;&#xD800;nets&#8217;&nbsp;&amp;\x01 all.</p>"
    )
    assert body(document) == "Chad’s—nets’\u00a0& all."


# --- PDF --------------------------------------------------------------------------------------------------------------


def _pdf(text: str, *, head: str = "", foot: str = "", align: str = "J", gap: float = 3, password: str = "") -> bytes:
    def header(page: Any) -> None:
        page.set_font("Times", "I", 9)
        page.cell(0, 8, head, new_x="LMARGIN", new_y="NEXT")

    def footer(page: Any) -> None:
        page.set_y(-18)
        page.set_font("Times", "", 9)
        page.cell(0, 5, foot.replace("#", str(page.page_no())), align="C")

    paper: Any = type("Paper", (FPDF,), {"header": header, "footer": footer})(format="A4")
    paper.set_margin(25)
    paper.add_page()
    if password:
        paper.set_encryption(owner_password="o" + password, user_password=password)
    for paragraph in text.split("\n\n"):
        paper.set_font("Times", "B" if paragraph == TITLE else "", 16 if paragraph == TITLE else 11)
        latin = paragraph.replace("’", "'").replace("“", '"').replace("”", '"').replace("—", "-")
        paper.multi_cell(0, 8 if paragraph == TITLE else 5.5, latin, align=align, new_x="LMARGIN", new_y="NEXT")
        paper.ln(gap)
    return bytes(paper.output())


def _read(raw: bytes) -> Document:
    return read_document("-", stdin=io.BytesIO(raw))


STATES = ("Peru", "Chad", "Togo", "Fiji", "Oman", "Iraq", "Cuba", "Mali", "Niue", "Laos")
LONG = [
    f"The delegate of {STATES[i % 10]} said that a long and winding river of words was no substitute for fish, and "
    + "that "
    + f"{i + 3} of her captains agreed with it. " * (1 + i % 4)
    + f"That was item {i}."
    for i in range(30)
]


@pytest.mark.parametrize("align", ["J", "L"])
def test_pdf_paragraphs(align: str) -> None:
    paragraphs = [*LONG[:12], "Interactive Dialogue", *LONG[12:]]
    text = "\n\n".join(["DEV/FIS/77", TITLE, *paragraphs])
    document = _read(_pdf(text, head="Second Congress on Fisheries", foot="Page # of 4", align=align))
    assert document.kind == "pdf"
    assert document.encoding is None
    assert (document.symbol, document.title) == ("DEV/FIS/77", TITLE)
    assert body(document).split("\n\n") == paragraphs


def test_pdf_page_break_in_mid_paragraph() -> None:
    def broken(last: str, following: str, x: float = 70) -> int:
        full = [printed._Line("w" * 99 + ".", 0, 70, 700 - 13 * i, 11) for i in range(9)]
        lines = [*full, printed._Line(last, 0, 70, 583, 11), printed._Line(following, 1, x, 700, 11)]
        return len(printed._pdf_paragraphs(lines)) - 1

    assert broken("x" * 99, "and so on.") == 0
    assert broken("x" * 98 + ".", "The line was full, so the paragraph goes on.") == 0
    assert broken("x" * 98 + ".", "An indented line opens a paragraph.", x=90) == 1
    assert broken("x" * 40 + ".", "The line was short, so the paragraph was over.") == 1


def test_pdf_indented_paragraphs_without_gaps() -> None:
    document = _read(_pdf("\n\n".join(["      " + paragraph for paragraph in LONG]), foot="#", gap=0, align="L"))
    assert document.text.split("\n\n") == LONG


def test_pdf_single_page() -> None:
    text = f"{TITLE}\n\n{FIRST}\n\nSo did Chad.\n\nIn all that year no fleet brought home more than in the year of"
    document = _read(_pdf(f"{text} 2015.\n\n2015", foot="1"))
    assert document.text == f"{text} 2015.\n\n2015"


def test_pdf_hyphens() -> None:
    words = Counter({"implementation": 1, "capacity-building": 1, "cyber-fraud": 2})
    cases = [
        ("the imple-", "mentation of", "the implementation of"),
        ("the ne-", "gotiations of", "the negotiations of"),
        ("a cyber-", "fraud case", "a cyber-fraud case"),
        ("the Asia-", "Pacific group", "the Asia-Pacific group"),
        ("2015-", "2020 plan", "2015-2020 plan"),
        ("state-of-the-", "art nets", "state-of-the-art nets"),
        ("all non-", "members of", "all non-members of"),
        ("a treaty-", "based body", "a treaty-based body"),
        ("a UN-", "led process", "a UN-led process"),
        ("soft\u00ad", "ware", "software"),
        ("and/", "or", "and/or"),
        ("he said —", "and left", "he said — and left"),
        ("plain", "words", "plain words"),
    ]
    assert [printed._join_lines(left, right, words) for left, right, _ in cases] == [whole for *_, whole in cases]


def test_pdf_without_text() -> None:
    empty = FPDF()
    empty.add_page()
    empty.rect(10, 10, 50, 50)
    with pytest.raises(InputError, match=r"^standard input: .*scan; run OCR"):
        _read(bytes(empty.output()))


def test_pdf_encrypted_and_truncated(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(_pdf(PROSE, password="secret"))
    assert "password" in refusal(path)
    whole = _pdf("\n\n".join(LONG))
    path.write_bytes(whole[: len(whole) // 3])
    assert "PDF" in refusal(path)


def test_pdf_with_the_wrong_ending(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(_pdf(FIRST))
    assert read_document(path).kind == "pdf"


def test_damaged_files_log_nothing(tmp_path: Path) -> None:
    raw = bytearray(_pdf(PROSE))
    start = raw.index(b"startxref")
    raw[start : start + 14] = b"startxref\n9999"
    (tmp_path / "a.pdf").write_bytes(raw)
    code = "import sys; from stance.documents import read_document; print(len(read_document(sys.argv[1]).text))"
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "a.pdf")], capture_output=True, cwd=ROOT)
    assert done.returncode == 0
    assert done.stderr == b""


# --- Word -------------------------------------------------------------------------------------------------------------


def _docx(text: str) -> bytes:
    document = docx.Document()
    for paragraph in text.split("\n\n"):
        document.add_paragraph(paragraph)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def test_docx(tmp_path: Path) -> None:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "DEV/FIS/77"
    document.add_paragraph(TITLE, style="Title")
    document.add_paragraph(f"PRAIA, 6 May — {FIRST}")
    document.add_paragraph("")
    document.add_heading("Votes", 2)
    table = document.add_table(2, 2)
    for cell, text in zip(table._cells, ["Delegation", "Vote", "Togo", "In favour"], strict=True):
        cell.text = text
    wide = document.add_table(1, 2)
    wide.cell(0, 0).text = "The first cell has two paragraphs."
    wide.cell(0, 0).add_paragraph("This is its second one.")
    wide.cell(0, 1).text = "The other cell has one."
    paragraph = document.add_paragraph("Bhutan’s delegate ")
    paragraph.add_run("did").italic = True
    paragraph.add_run(" not\u00a0agree.")
    document.add_paragraph("A tracked sentence was added.")
    # A tracked insertion and a content control, which python-docx's own paragraph text leaves out.
    inserted = document.paragraphs[-1]._p
    run = inserted.r_lst[0]
    wrapper = inserted.makeelement(word._W + "ins", {})
    run.addprevious(wrapper)
    wrapper.append(run)
    control = inserted.makeelement(word._W + "sdt", {})
    inserted.addprevious(control)
    content = control.makeelement(word._W + "sdtContent", {})
    control.append(content)
    content.append(inserted)
    document.add_paragraph(LAST)
    path = tmp_path / "a.docx"
    document.save(str(path))
    read = read_document(path)
    assert (read.kind, read.encoding, read.title, read.symbol, read.date) == (
        "docx",
        None,
        TITLE,
        "DEV/FIS/77",
        "6 May",
    )
    assert body(read).split("\n\n") == [
        f"PRAIA, 6 May — {FIRST}",
        "Votes",
        "Delegation | Vote",
        "Togo | In favour",
        "The first cell has two paragraphs.",
        "This is its second one.",
        "The other cell has one.",
        "Bhutan’s delegate did not\u00a0agree.",
        "A tracked sentence was added.",
        LAST,
    ]


# --- inputs -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("a/x.txt", "b/x.txt", "b/y.html", "b/deep/z.TXT", "b/deep/notes.csv", "b/.git/w.txt", "b/~$y.docx"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("Peru spoke.")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(*patterns: str) -> list[str]:
    items = find_inputs(patterns)
    assert len({item.name for item in items}) == len(items)
    return [item.name for item in items if item.error is None]


def test_find_inputs(tree: Path) -> None:
    assert names("a/x.txt") == ["x"]
    assert names("b") == ["z", "x", "y"]
    assert names("b/") == ["z", "x", "y"]
    assert names("b/*.txt", "a/*") == ["b/x", "a/x"]
    assert names("**/*.txt") == ["a/x", "b/x"]
    assert names("b/deep/notes.csv") == ["notes"]
    assert names("-", "a/x.txt", "-") == ["stdin", "x"]
    assert find_inputs([]) == []
    assert [item.source for item in find_inputs([tree / "a"])] == [str(tree / "a" / "x.txt")]


def test_order_is_the_users(tree: Path) -> None:
    assert [item.source for item in find_inputs(["b/y.html", "a", "b"])] == [
        "b/y.html",
        "a/x.txt",
        "b/deep/z.TXT",
        "b/x.txt",
    ]


def test_the_same_file_is_taken_once(tree: Path) -> None:
    (tree / "link.txt").symlink_to(tree / "a" / "x.txt")
    assert names("a/x.txt", "./a/x.txt", str(tree / "a" / "x.txt"), "a", "a/*.txt", "link.txt") == ["x"]


def test_names_of_colliding_inputs(tree: Path) -> None:
    for name in ("a/x.html", "c/b/x.txt", "x.x.txt", "SC.14000", "stdin.txt"):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text("Peru spoke.")
    assert names("a/x.txt", "a/x.html") == ["a/x.txt", "a/x.html"]
    top = tree.name
    assert names("a/x.txt", "b/x.txt", "c/b/x.txt") == ["a/x", f"{top}/b/x", "c/b/x"]
    assert names("x.x.txt", "SC.14000") == ["x.x", "SC.14000"]
    assert names("-", "stdin.txt") == ["stdin", f"{top}/stdin"]


def test_failed_inputs_are_kept_in_place(tree: Path) -> None:
    (tree / "empty").mkdir()
    (tree / "bad.txt").write_bytes(b"\0\0")
    items = find_inputs(["none.txt", "a", "no*.txt", "empty", "bad.txt", "b/x.txt", ""])
    assert len({item.name for item in items}) == len(items)
    results: list[str] = []
    for item in items:
        try:
            results.append(item.read().name)
        except InputError as error:
            results.append(str(error).partition(":")[0])
    assert results == ["none.txt", "a/x", "no*.txt", "empty", "bad.txt", "b/x", "(empty name)"]


def test_a_file_whose_name_looks_like_a_glob(tree: Path) -> None:
    (tree / "s[1].txt").write_text("Peru spoke.")
    assert names("s[1].txt") == ["s[1]"]


def test_input_reads_under_its_name(tree: Path) -> None:
    items = find_inputs(["a/x.txt", "b/x.txt", "-"])
    read = [item.read(stdin=io.BytesIO(b"Chad spoke.")) for item in items]
    assert [document.name for document in read] == ["a/x", "b/x", "stdin"]
    assert [document.text for document in read] == ["Peru spoke.", "Peru spoke.", "Chad spoke."]
    with pytest.raises(InputError, match="limit"):
        items[0].read(max_bytes=3)
