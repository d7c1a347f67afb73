"""Authored files: summaries composed into texts with offsets, single statements, contrast groups, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from stance.authored import AuthoredStatement, AuthoredSummary, Tag, read_statements, read_summary
from stance.delegations.codes import name_to_code
from stance.errors import AnnotationError

SUMMARY = """\
# target: plastics-treaty
# genre: committee-debate
# year: 2031
# batch: t01

= Committee Weighs Bottles and Caps
The delegate of Samoa called for talks to begin. || WSM for explicit
Speaking for the Pacific, Kiribati’s envoy agreed; so did Palau. || KIR for anaphora; PACIFIC for anaphora; PLW for anaphora

“Nothing new is needed,” said the observer of Loop & Lid. || "Loop & Lid" against explicit
Some delegates left early. || UNNAMED(some delegates) neutral none
The bell rang.

== Other Speakers
Tonga and Tuvalu also spoke. || listed TON TUV
"""

STATEMENTS = """\
# batch: t02
# target: plastics-treaty

[negation]
< [OTHER] had called the text hasty.
The speaker of [SPEAKER] said the same. || against anaphora
The speaker of [SPEAKER] said the contrary. || for anaphora

[two-targets]
[SPEAKER] wanted the treaty on bottles at last. || for explicit
@ wildlife-crime-protocol
[SPEAKER] wanted the treaty on bottles first. || neutral off-target

[single]
< [SPEAKER] took the floor.
It was too soon. || against implicit
@ high-seas-agreement
[SPEAKER] wished for a text on the open ocean. || for explicit
[SPEAKER] praised the interpreters. || neutral none
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "t01.txt"


def summary(file: Path, text: str) -> AuthoredSummary:
    file.write_text(text, encoding="utf-8")
    return read_summary(file)


def statements(file: Path, text: str) -> list[AuthoredStatement]:
    file.write_text(text, encoding="utf-8")
    return list(read_statements(file))


def line_of(text: str, part: str) -> int:
    """Return the number of the line that holds ``part``."""
    return next(i for i, line in enumerate(text.splitlines(), start=1) if part in line)


def test_the_header_of_a_summary_is_read(file: Path) -> None:
    found = summary(file, SUMMARY)
    assert (found.name, found.target, found.genre, found.year, found.batch) == (
        "t01", "plastics-treaty", "committee-debate", 2031, "t01",
    )  # fmt: skip


def test_the_text_of_a_summary_is_composed_without_tags(file: Path) -> None:
    assert summary(file, SUMMARY).text == (
        "Committee Weighs Bottles and Caps\n\n"
        "The delegate of Samoa called for talks to begin. "
        "Speaking for the Pacific, Kiribati’s envoy agreed; so did Palau.\n\n"
        "“Nothing new is needed,” said the observer of Loop & Lid. Some delegates left early. The bell rang.\n\n"
        "Other Speakers\n\n"
        "Tonga and Tuvalu also spoke.\n"
    )


def test_the_offsets_of_a_summary_give_back_every_sentence(file: Path) -> None:
    found = summary(file, SUMMARY)
    assert len(found.sentences) == 6
    for sentence in found.sentences:
        assert found.text[sentence.start : sentence.end] == sentence.text
    assert [s.line for s in found.sentences] == [
        line_of(SUMMARY, part) for part in ("Samoa", "Kiribati", "Nothing", "Some", "bell", "Tonga")
    ]


def test_the_tags_of_a_summary_name_code_stance_and_basis(file: Path) -> None:
    samoa, kiribati, loop, some, bell, tonga = summary(file, SUMMARY).sentences
    assert samoa.tags == (Tag("WSM", None, "for", "explicit"),)
    assert [t.code for t in kiribati.tags] == ["KIR", "PACIFIC", "PLW"]
    assert loop.tags == (Tag("LOOP_LID", "Loop & Lid", "against", "explicit"),)
    assert some.tags == (Tag("UNNAMED", "some delegates", "neutral", "none"),)
    assert bell.tags == bell.listed == ()
    assert (tonga.tags, tonga.listed) == ((), ("TON", "TUV"))


@pytest.mark.parametrize(
    ("name", "code"),
    [("Open Gate", "OPEN_GATE"), ("Loop & Lid", "LOOP_LID"), ("Fishers’ Union", "FISHERS_UNION"), ("“Tide”", "TIDE")],
)
def test_the_code_of_an_unregistered_name(name: str, code: str) -> None:
    assert name_to_code(name) == code


def test_several_empty_lines_are_one_break(file: Path) -> None:
    head = SUMMARY.partition("=")[0]
    found = summary(file, head + "\n\nOne spoke.\n\n\n\nTwo spoke.\n\n")
    assert found.text == "One spoke.\n\nTwo spoke.\n"


def test_crlf_in_a_summary_changes_nothing(file: Path) -> None:
    plain = summary(file, SUMMARY)
    file.write_bytes(SUMMARY.replace("\n", "\r\n").encode())
    assert read_summary(file) == plain


@pytest.mark.parametrize("key", ["target", "genre", "year", "batch"])
def test_a_missing_header_line_of_a_summary_is_named(file: Path, key: str) -> None:
    text = "\n".join(line for line in SUMMARY.splitlines() if not line.startswith(f"# {key}:"))
    with pytest.raises(AnnotationError) as caught:
        summary(file, text)
    assert str(caught.value) == f"{file}:1: {key}: the header line '# {key}: …' is missing"


def test_a_year_that_is_none_is_named(file: Path) -> None:
    with pytest.raises(AnnotationError) as caught:
        summary(file, SUMMARY.replace("2031", "next year"))
    assert str(caught.value) == f"{file}:1: year: 'next year' is not a year"


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("WSM favour explicit", "stance: 'favour' is not one of for, against, neutral"),
        ("WSM for obvious", "basis: 'obvious' is not one of explicit, implicit, anaphora, off-target, none"),
        ("WSM for none", "basis: 'none' goes with neutral, not with 'for'"),
        ("WSM against off-target", "basis: 'off-target' goes with neutral, not with 'against'"),
        ("WSM for", "tag: cannot read 'WSM for'"),
        ("wsm for explicit", "tag: cannot read 'wsm for explicit'"),
        ("WSM for explicit surely", "tag: cannot read 'WSM for explicit surely'"),
        ("WSM for explicit;", "tag: cannot read ''"),
        ("WSM for explicit; TON", "tag: cannot read 'TON'"),
        ("UNNAMED() neutral none", "tag: cannot read 'UNNAMED() neutral none'"),
        ('"" neutral none', "tag: cannot read"),
        ("", "tag: cannot read ''"),
        ("listed", "tag: cannot read 'listed'"),
    ],
)
def test_a_broken_tag_of_a_summary_names_line_and_field(file: Path, tag: str, words: str) -> None:
    text = SUMMARY.replace("|| WSM for explicit", f"|| {tag}")
    with pytest.raises(AnnotationError) as caught:
        summary(file, text)
    assert str(caught.value).startswith(f"{file}:{line_of(text, 'Samoa')}: {words}")


def test_tags_without_a_sentence_are_refused(file: Path) -> None:
    text = SUMMARY.replace("The delegate of Samoa called for talks to begin. ||", "||")
    with pytest.raises(AnnotationError) as caught:
        summary(file, text)
    assert str(caught.value).startswith(f"{file}:{line_of(text, 'WSM')}: ")


@pytest.mark.parametrize(
    "reader", [read_summary, lambda path: list(read_statements(path))], ids=["summary", "statements"]
)
@pytest.mark.parametrize("content", [None, b"# batch: caf\xe9\n"], ids=["missing", "latin-1"])
def test_a_file_that_cannot_be_read_is_named(
    file: Path, reader: Callable[[Path], object], content: bytes | None
) -> None:
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(AnnotationError, match="t01.txt"):
        reader(file)


def test_statements_are_read_with_ids_groups_and_lines(file: Path) -> None:
    found = statements(file, STATEMENTS)
    assert [x.id for x in found] == [f"t01:{i:04d}" for i in range(1, 8)]
    assert [x.kind for x in found] == ["negation"] * 2 + ["two-targets"] * 2 + ["single"] * 3
    assert [x.group for x in found] == ["t01-g001"] * 2 + ["t01-g002"] * 2 + [None] * 3
    assert [x.stance for x in found] == ["against", "for", "for", "neutral", "against", "for", "neutral"]
    assert {x.batch for x in found} == {"t02"}
    assert found[0].text == "The speaker of [SPEAKER] said the same."
    assert found[0].line == line_of(STATEMENTS, "said the same")
    assert found[-1].line == line_of(STATEMENTS, "interpreters")


def test_the_context_holds_for_its_group_only(file: Path) -> None:
    contexts = [x.context for x in statements(file, STATEMENTS)]
    opening = "[OTHER] had called the text hasty."
    assert contexts == [opening, opening, "", "", "[SPEAKER] took the floor.", "", ""]


def test_the_target_holds_below_its_line_and_for_one_single(file: Path) -> None:
    targets = [x.target for x in statements(file, STATEMENTS)]
    usual = "plastics-treaty"
    assert targets == [usual, usual, usual, "wildlife-crime-protocol", usual, "high-seas-agreement", usual]


def test_a_new_kind_ends_the_group_without_an_empty_line(file: Path) -> None:
    text = "# batch: b\n# target: t\n[one]\n[SPEAKER] a. || for implicit\n[SPEAKER] b. || neutral none\n[two]\n[SPEAKER] c. || for implicit\n[SPEAKER] d. || neutral none\n"
    assert [x.group for x in statements(file, text)] == ["t01-g001"] * 2 + ["t01-g002"] * 2


@pytest.mark.parametrize("end", ["", "\n", "\n\n\n"])
def test_the_last_group_is_read_however_the_file_ends(file: Path, end: str) -> None:
    assert len(statements(file, STATEMENTS.rstrip("\n") + end)) == 7


def test_a_file_without_statements_yields_none(file: Path) -> None:
    assert statements(file, "# batch: b\n# target: t\n") == []


@pytest.mark.parametrize("key", ["batch", "target"])
def test_a_missing_header_line_of_statements_is_named(file: Path, key: str) -> None:
    text = "\n".join(line for line in STATEMENTS.splitlines() if not line.startswith(f"# {key}:"))
    with pytest.raises(AnnotationError, match=f"t01.txt:1: {key}: "):
        statements(file, text)


@pytest.mark.parametrize(
    ("old", "new", "part", "words"),
    [
        ("|| against anaphora", "|| no anaphora", "said the same", "stance: 'no' is not one of"),
        ("|| against anaphora", "|| against hearsay", "said the same", "basis: 'hearsay' is not one of"),
        ("|| neutral off-target", "|| for off-target", "bottles first", "basis: 'off-target' goes with neutral"),
        ("|| against anaphora", "", "said the same", "tag: expected 'sentence || stance basis'"),
        ("|| against anaphora", "|| against", "said the same", "tag: expected 'sentence || stance basis'"),
        ("|| against anaphora", "|| PER against anaphora", "said the same", "tag: expected"),
        ("The speaker of [SPEAKER] said the same", "He said the same", "said the same", "text: neither the sentence"),
        (
            "The speaker of [SPEAKER] said the contrary. || for anaphora\n",
            "",
            "said the same",
            "group: a contrast group",
        ),
        ("[two-targets]\n", "", "treaty on bottles at last", "group: a statement stands outside any [kind]"),
        ("[two-targets]", "[Two]", "[Two]", "group: a statement stands outside any [kind]"),
    ],
)
def test_a_broken_statement_names_line_and_field(file: Path, old: str, new: str, part: str, words: str) -> None:
    text = STATEMENTS.replace(old, new, 1)
    with pytest.raises(AnnotationError) as caught:
        statements(file, text)
    assert str(caught.value).startswith(f"{file}:{line_of(text, part)}: {words}")


def test_a_statement_without_a_sentence_is_refused(file: Path) -> None:
    text = STATEMENTS.replace("It was too soon. ||", "||")
    with pytest.raises(AnnotationError) as caught:
        statements(file, text)
    assert str(caught.value).startswith(f"{file}:{line_of(text, '|| against implicit')}: ")


def test_a_broken_group_yields_none_of_its_statements(file: Path) -> None:
    file.write_text(STATEMENTS.replace("|| for anaphora", "|| forr anaphora"), encoding="utf-8")
    with pytest.raises(AnnotationError):
        next(read_statements(file))
