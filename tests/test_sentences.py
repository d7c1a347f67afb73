"""Sentences: where they begin and end, headings, paragraphs, and that no character is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stance.documents import Document, read_document
from stance.sentences import Sentence, is_heading, paragraphs, split_sentences

MEETING = Path(__file__).parent.parent / "data" / "meetings" / "SOC_CP_365.txt"


def split(text: str) -> list[Sentence]:
    return split_sentences(Document("d", text, body=(0, len(text))))


def texts(text: str) -> list[str]:
    return [s.text for s in split(text)]


@pytest.mark.parametrize(
    "expected",
    [
        pytest.param(["Ports were full.", "Ships were late."], id="two"),
        pytest.param(["Did they know?", "They did!", "Nobody spoke."], id="marks"),
        pytest.param(["Ms. Ito thanked Mr. Diaz.", "Dr. Okoro agreed."], id="titles"),
        pytest.param(["Messrs. Diaz and Ito left.", "St. Lucia stayed."], id="more-titles"),
        pytest.param(["J. R. Diaz spoke.", "A. Ito spoke, too."], id="initials"),
        pytest.param(["See para. 3 and arts. 4 and 5.", "Nos. 6 to 9 were deleted."], id="references"),
        pytest.param(["They read para. (b) and art. IV of the draft.", "It was short."], id="roman-references"),
        pytest.param(["They cited A/C.6/80/L.3 and Add. 1.", "It was short."], id="symbols"),
        pytest.param(["The answer was no.", "Three delegations left."], id="no-is-no-reference"),
        pytest.param(["The vote was held in May.", "Ports were closed by then."], id="month"),
        pytest.param(["They adopted chapter II.", "It was short."], id="numeral-at-the-end"),
        pytest.param(["It cost $3.5 million.", "It rose by 4.2 per cent."], id="decimals"),
        pytest.param(["Ships, e.g. tugs, i.e. small ones, were exempt.", "Barges were not."], id="latin"),
        pytest.param(["The U.S. delegate spoke.", "The U.K. one did not."], id="abbreviations"),
        pytest.param(["It rose at 6 p.m. on Monday.", "It met again at 10 a.m. on Tuesday."], id="hours"),
        pytest.param(["It was adopted.", "(See annex.)", "The meeting rose."], id="brackets"),
        pytest.param(["They kept art. 3 (b) (see annex).", "It was short."], id="bracket-inside"),
        pytest.param(["“We wait.  We hope,” she said.", "He left."], id="quote"),
        pytest.param(["He asked: “Who pays?  Who gains?”", "Nobody knew."], id="quote-at-the-end"),
        pytest.param(["“Who pays?” he asked.", "Nobody knew."], id="question-in-quote"),
        pytest.param(["The item was closed.", "“Ports are full,” said Chad."], id="quote-opens"),
        pytest.param(["1.  The debate went on.", "2.  Ports were full."], id="numbers"),
        pytest.param(["(a) Ports were full.", "(b) Ships were late."], id="letters"),
        pytest.param(["😀 stood there.", "Co\u0302te d’Ivoire left."], id="code-points"),
    ],
)
@pytest.mark.parametrize("gap", [" ", "  ", "\u00a0 "])
def test_ends(expected: list[str], gap: str) -> None:
    assert texts(gap.join(expected)) == expected


def test_sentences_know_their_place() -> None:
    text = "  The Debate\n\nPorts were full.  Ships were late.\n\nCrews waited.\n"
    assert split(text) == [
        Sentence(1, 2, 12, "The Debate", 1, heading=True),
        Sentence(2, 14, 30, "Ports were full.", 2),
        Sentence(3, 32, 48, "Ships were late.", 2),
        Sentence(4, 50, 63, "Crews waited.", 3),
    ]


def test_only_the_body_is_split() -> None:
    text = "Title 😀\n\nPorts were full.  Ships were late.\n\nNot an official record."
    start, end = text.index("Ports"), text.index("Not") - 2
    found = split_sentences(Document("d", text, body=(start, end)))
    assert [(s.number, s.paragraph, s.text) for s in found] == [
        (1, 1, "Ports were full."),
        (2, 1, "Ships were late."),
    ]
    assert [text[s.start : s.end] for s in found] == [s.text for s in found]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Rights of Reply", True),
        ("ACTION ON DRAFT RESOLUTIONS", True),
        ("Statements by Ms. Ito and Mr. Diaz", True),
        ("Agenda Item 5", True),
        ("Ports were full.", False),
        ("Who pays?", False),
        ("The following was decided:", False),
        ("to wait;", False),
        ("- to hope", False),
        ("“We wait” was the title of the day", False),
        ("Ports were full. Ships were late", False),
        ("Ports were full (see annex.)", False),
        ("x" * 201, False),
    ],
)
def test_headings(line: str, expected: bool) -> None:
    assert is_heading(line) is expected
    assert split(f"Ports were full.\n\n{line}\n\nShips were late.")[1].heading is expected


def test_a_heading_on_a_line_of_its_own_needs_no_empty_line() -> None:
    assert [(s.text, s.heading) for s in split("Next Part\nMore text stood here.")] == [
        ("Next Part", True),
        ("More text stood here.", False),
    ]


def test_wrapped_lines_are_one_paragraph() -> None:
    text = (
        "Ports on the western coast were full by the end of the\nwinter, said the harbour masters of the three northern\n"
        "Counties.  Nobody had expected it, and nobody knew how to\nhelp."
    )
    found = split(text)
    assert [s.paragraph for s in found] == [1, 1]
    assert found[0].text.endswith("northern\nCounties.") and found[1].text.endswith("to\nhelp.")


@pytest.mark.parametrize("line", ["\n", "\r\n", "\r"])
def test_line_breaks_of_every_system(line: str) -> None:
    text = f"Ports were full.{line}Ships\nwere late.{line}{line}Crews waited."
    assert [(s.text, s.paragraph) for s in split(text)] == [
        ("Ports were full.", 1),
        ("Ships\nwere late.", 2),
        ("Crews waited.", 3),
    ]


def test_spans_of_paragraphs() -> None:
    text = " One.\n \n\nTwo\nthree.  \n\n"
    assert [text[a:b] for a, b in paragraphs(text)] == ["One.", "Two\nthree."]
    assert [text[a:b] for a, b in paragraphs(text, 5)] == ["Two\nthree."]
    assert [text[a:b] for a, b in paragraphs(text, 0, 3)] == ["On"]
    assert list(paragraphs("\n \n")) == []


@pytest.mark.parametrize("text", ["", " ", "\n\n \t\n"])
def test_nothing_to_split(text: str) -> None:
    assert split(text) == []


def assert_whole(text: str, found: list[Sentence], start: int = 0, end: int | None = None) -> None:
    """Sentences are in order, apart, numbered, trimmed, and hold every character that is not white space."""
    position = start
    for number, s in enumerate(found, start=1):
        assert s.number == number
        assert s.start >= position and s.end > s.start
        assert text[position : s.start].strip() == ""
        assert text[s.start : s.end] == s.text == s.text.strip()
        position = s.end
    assert text[position:end].strip() == ""
    assert [s.paragraph for s in found] == sorted(s.paragraph for s in found)


_PIECES = st.sampled_from([
    "Ports were full.", "Ms. Ito", "said", "para. 3", "“We wait.", "We hope,”", "(See annex.)", "in May.", "chapter II.",
    " ", "  ", "\n", "\n\n", "\r\n", "\u00a0", "\u2028", "A heading", "1.", "(a)", "…", "?", "!”", "😀", "Co\u0302te", "- item;", "e.g.", "\"", "'", "\t",
])  # fmt: skip


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(st.lists(_PIECES, max_size=25), st.booleans())
def test_no_character_is_lost(pieces: list[str], spaced: bool) -> None:
    text = (" " if spaced else "").join(pieces)
    assert_whole(text, split(text))


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=80))
def test_no_character_of_any_text_is_lost(text: str) -> None:
    assert_whole(text, split(text))


def test_the_real_meeting_is_split_whole() -> None:
    document = read_document(MEETING)
    found = split_sentences(document)
    assert_whole(document.text, found, *document.body)
    assert len(found) > 60
    assert not [s.text for s in found if s.text[0].islower() or not s.text.rstrip("”)’").endswith((".", "?"))]
