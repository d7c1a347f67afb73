"""The annotation schema: what is read, what is refused and with which words, what is counted and converted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

import stance.authored
from stance.annotations import (
    BASES,
    ORIGINS,
    Annotation,
    check_annotations,
    count_annotations,
    read_annotations,
    strange_targets,
    to_dataset,
    write_annotations,
)
from stance.errors import AnnotationError, InputError
from stance.targets import STANCES, load_target

TEXT = "Fiji’s delegate 🌊 asked for a treaty.  Oman’s delegate saw no need of one.\n\nThe Chair closed the list."
FIJI = "Fiji’s delegate 🌊 asked for a treaty."
OMAN = "Oman’s delegate saw no need of one."


def record(**changes: Any) -> dict[str, Any]:
    """Return one valid record of a meeting, with changes; a field that is set to ``...`` is left out."""
    start = TEXT.index(FIJI)
    raw: dict[str, Any] = {
        "id": "meeting_7:0:FJI",
        "document": "meeting_7",
        "sentence": 0,
        "start": start,
        "end": start + len(FIJI),
        "text": FIJI,
        "context": "",
        "speaker": "FJI",
        "target": "cybercrime-convention",
        "stance": "for",
        "basis": "explicit",
        "origin": "meeting",
        "annotator": "first",
    }
    raw |= changes
    return {k: v for k, v in raw.items() if v is not ...}


def second(**changes: Any) -> dict[str, Any]:
    start = TEXT.index(OMAN)
    fields = {"sentence": 1, "start": start, "end": start + len(OMAN), "text": OMAN, "speaker": "OMN"}
    return record(id="meeting_7:1:OMN", stance="against", basis="implicit", **fields) | changes


def alone(**changes: Any) -> dict[str, Any]:
    """Return a record of a statement that stands alone, without a document text."""
    text = "[SPEAKER] found the draft ripe for adoption."
    fields = {"id": "c9:0001", "document": "c9", "sentence": None, "start": None, "end": None, "speaker": "SPEAKER"}
    return record(origin="authored", text=text, annotator="author", **fields) | changes


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return the path of an annotation file beside which the text of the meeting lies."""
    (tmp_path / "annotations").mkdir()
    (tmp_path / "meetings").mkdir()
    (tmp_path / "meetings" / "meeting_7.txt").write_bytes(TEXT.encode())
    return tmp_path / "annotations" / "seven.jsonl"


def fill(file: Path, *lines: dict[str, Any] | str, end: str = "\n") -> Path:
    texts = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
    file.write_bytes("".join(text + end for text in texts).encode())
    return file


def refusal(file: Path, **options: Any) -> str:
    with pytest.raises(AnnotationError) as caught:
        read_annotations(file, **options)
    return str(caught.value)


def test_a_valid_file_is_read_in_order_with_every_field(file: Path) -> None:
    first, other = read_annotations(fill(file, record(note="clear"), second()))
    assert asdict(first) == record(note="clear") | {"speaker_name": "", "group": ""}
    assert (other.id, other.speaker, other.stance, other.sentence) == ("meeting_7:1:OMN", "OMN", "against", 1)


def test_offsets_count_code_points_not_bytes(file: Path) -> None:
    # 🌊 is one code point (four bytes, two UTF-16 units), ’ is one (three bytes).
    (found,) = read_annotations(fill(file, second()))
    assert (found.start, found.end) == (39, 74)


def test_the_file_may_be_named_by_a_string(file: Path) -> None:
    assert len(read_annotations(str(fill(file, record())))) == 1


def test_crlf_between_the_lines_changes_nothing(file: Path) -> None:
    plain = read_annotations(fill(file, record(), second()))
    assert read_annotations(fill(file, record(), second(), end="\r\n")) == plain


def test_crlf_inside_the_stored_text_counts_as_two_characters(file: Path) -> None:
    (file.parent.parent / "meetings" / "crlf.txt").write_bytes(b"Togo spoke.\r\nPeru agreed.")
    fields = {"document": "crlf", "text": "Peru agreed.", "start": 13, "end": 25}
    assert len(read_annotations(fill(file, record(**fields)))) == 1
    assert "start" in refusal(fill(file, record(**fields | {"start": 12, "end": 24})))


def test_a_byte_order_mark_of_the_stored_text_is_no_character(file: Path) -> None:
    (file.parent / "marked.txt").write_bytes("\ufeffTogo spoke.".encode())
    fields = {"document": "marked", "text": "Togo", "start": 0, "end": 4}
    assert len(read_annotations(fill(file, record(**fields)))) == 1


def test_blank_lines_are_skipped_and_counted(file: Path) -> None:
    assert len(read_annotations(fill(file, "", record(), "  \t", second()))) == 2
    assert f"{file}:4: stance: " in refusal(fill(file, "", record(), "", second(stance="maybe")))


def test_a_unicode_line_separator_inside_a_text_ends_no_line(file: Path) -> None:
    text = "[SPEAKER] wrote one line\u2028and another."
    (found,) = read_annotations(fill(file, alone(text=text)))
    assert found.text == text


@pytest.mark.parametrize("content", [b"", b"\n", b"\r\n \n"])
def test_an_empty_file_is_refused(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    assert refusal(file) == f"{file}: holds no annotation"


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.jsonl") == f"{tmp_path / 'none.jsonl'}: no such file"
    assert refusal(tmp_path) == f"{tmp_path}: no such file"


def test_a_file_in_another_encoding_names_the_byte(file: Path) -> None:
    file.write_bytes(b'{"id": "\xe9"}')
    assert refusal(file) == f"{file}: not UTF-8 (byte 8)"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('{"id": "a",', "not JSON: "),
        ("{'id': 'a'}", "not JSON: "),
        ('{"id": "a"} {"id": "b"}', "not JSON: Extra data at column 13"),
        ("[1, 2]", "not a JSON object"),
        ('"for"', "not a JSON object"),
        ("null", "not a JSON object"),
    ],
)
def test_a_line_that_is_no_object_names_file_and_line(file: Path, line: str, words: str) -> None:
    assert refusal(fill(file, record(), line)).startswith(f"{file}:2: {words}")


@pytest.mark.parametrize(
    "line", ["[" * 100_000, '{"start": ' + "1" * 5000 + "}"], ids=["too deep", "too long a number"]
)
def test_json_that_python_cannot_hold_names_file_and_line(file: Path, line: str) -> None:
    assert refusal(fill(file, record(), line)).startswith(f"{file}:2: ")


@pytest.mark.parametrize(
    "field", ["id", "document", "text", "context", "speaker", "target", "stance", "basis", "origin", "annotator"]
)
def test_a_missing_field_is_named(file: Path, field: str) -> None:
    broken = {k: v for k, v in second().items() if k != field}
    assert refusal(fill(file, record(), broken)) == f"{file}:2: {field}: missing"


@pytest.mark.parametrize("field", ["sentence", "start", "end"])
def test_a_statement_of_a_meeting_needs_its_span(file: Path, field: str) -> None:
    assert refusal(fill(file, record(**{field: ...}))) == f"{file}:1: {field}: missing"
    assert refusal(fill(file, record(**{field: None}))).startswith(f"{file}:1: {field}: must be a number")


@pytest.mark.parametrize("origin", ["authored", "model"])
def test_other_statements_may_lack_their_span(file: Path, origin: str) -> None:
    without = {k: v for k, v in alone(origin=origin).items() if k not in ("sentence", "start", "end")}
    (found,) = read_annotations(fill(file, without))
    assert (found.sentence, found.start, found.end) == (None, None, None)


@pytest.mark.parametrize("field", ["start", "end"])
def test_half_a_span_is_refused(file: Path, field: str) -> None:
    # Encoding looks at the start alone; half a span would go unchecked into it.
    assert refusal(fill(file, record(origin="authored") | {field: None})).startswith(f"{file}:1: ")


@pytest.mark.parametrize("field", ["note", "speaker_name", "group"])
def test_optional_fields_are_empty_when_left_out(file: Path, field: str) -> None:
    (found,) = read_annotations(fill(file, record()))
    assert getattr(found, field) == ""


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sentence", -1),
        ("start", "0"),
        ("start", 0.0),
        ("end", True),
        ("end", [3]),
        ("id", 7),
        ("text", None),
        ("stance", ["for"]),
        ("basis", {"explicit": 1}),
        ("origin", ["meeting"]),
        ("context", ["an earlier sentence"]),
        ("note", None),
        ("group", 3),
    ],
)
def test_a_field_of_the_wrong_type_is_named_with_its_value(file: Path, field: str, value: object) -> None:
    message = refusal(fill(file, second(), record(**{field: value})))
    assert message.startswith(f"{file}:2: {field}: must be a ")
    assert message.endswith(repr(value))


@pytest.mark.parametrize(
    ("field", "value", "allowed"),
    [
        ("stance", "favour", STANCES),
        ("stance", "For", STANCES),
        ("stance", "", STANCES),
        ("basis", "obvious", BASES),
        ("origin", "press", ORIGINS),
    ],
)
def test_a_value_outside_the_codebook_is_named_with_the_choices(
    file: Path, field: str, value: str, allowed: tuple[str, ...]
) -> None:
    expected = f"{file}:1: {field}: {value!r} is not one of {', '.join(allowed)}"
    assert refusal(fill(file, record(**{field: value}))) == expected


@pytest.mark.parametrize("field", ["id", "text", "speaker", "target"])
@pytest.mark.parametrize("value", ["", "  "])
def test_an_empty_field_is_named(file: Path, field: str, value: str) -> None:
    assert refusal(fill(file, record(**{field: value}))) == f"{file}:1: {field}: is empty"


def test_an_unknown_field_is_named(file: Path) -> None:
    assert refusal(fill(file, record(stanec="for"))) == f"{file}:1: stanec: unknown field"


def test_a_duplicate_id_names_both_lines(file: Path) -> None:
    message = refusal(fill(file, record(), "", second(id="meeting_7:0:FJI")))
    assert message == f"{file}:3: id: 'meeting_7:0:FJI' stands on line 1 already"


def test_one_line_with_two_stances_is_refused(file: Path) -> None:
    line = json.dumps(record())[:-1] + ', "stance": "against"}'
    message = refusal(fill(file, line))
    assert message.startswith(f"{file}:1: ")
    assert "stance" in message


@pytest.mark.parametrize(
    "changes",
    [
        {"start": 1},
        {"end": len(FIJI) - 1},
        {"start": 500, "end": 540},
        {"start": len(FIJI), "end": 0},
        {"text": FIJI.replace("’", "'")},
    ],
    ids=["late start", "early end", "past the text", "backwards", "other typography"],
)
def test_offsets_that_do_not_match_name_the_text(file: Path, changes: dict[str, Any]) -> None:
    message = refusal(fill(file, second(), record(**changes)))
    assert message.startswith(f"{file}:2: start: characters ")
    assert "meeting_7.txt" in message


def test_offsets_are_not_checked_when_switched_off(file: Path) -> None:
    (found,) = read_annotations(fill(file, record(start=3, document="lost")), offsets=False)
    assert (found.start, found.document) == (3, "lost")


def test_a_missing_text_is_refused(file: Path) -> None:
    message = refusal(fill(file, record(document="lost")))
    assert message == (
        f"{file}:1: document: no text lost.txt beside the annotations; say where it is with --meetings DIR "
        "(in training: --set data.meetings=[DIR])"
    )


def test_texts_are_searched_in_named_folders_before_the_neighbours(file: Path, tmp_path: Path) -> None:
    named = tmp_path / "named"
    named.mkdir()
    (named / "meeting_7.txt").write_text("Palau agreed.", encoding="utf-8")
    fill(file, record(text="Palau", start=0, end=5))
    assert "start" in refusal(file)
    assert len(read_annotations(file, meetings=[named])) == 1
    assert len(read_annotations(file, meetings=[str(named)])) == 1
    assert len(read_annotations(file, meetings=[tmp_path / "nowhere", named])) == 1


def test_texts_are_found_in_the_folder_of_the_annotations(file: Path) -> None:
    (file.parent / "near.txt").write_text("Nauru spoke.", encoding="utf-8")
    assert len(read_annotations(fill(file, record(document="near", text="Nauru", start=0, end=5)))) == 1


def test_a_stored_text_in_another_encoding_is_refused(file: Path) -> None:
    (file.parent / "latin.txt").write_bytes("Pérou".encode("latin-1"))
    message = refusal(fill(file, record(document="latin", text="Pérou", start=0, end=5)))
    assert message.startswith(f"{file}:1: ")
    assert "latin.txt" in message


def test_a_stored_text_that_was_corrected_is_read_again(file: Path) -> None:
    stored = file.parent / "edited.txt"
    stored.write_text("Naru spoke.", encoding="utf-8")
    fill(file, record(document="edited", text="Nauru", start=0, end=5))
    assert "start" in refusal(file)
    stored.write_text("Nauru spoke.", encoding="utf-8")
    assert len(read_annotations(file)) == 1


def test_errors_of_annotations_are_errors_of_input() -> None:
    assert issubclass(AnnotationError, InputError)


def test_the_vocabulary_is_the_same_for_authored_files() -> None:
    assert (stance.authored.STANCES, stance.authored.BASES) == (STANCES, BASES)


def test_check_returns_one_message_a_refused_file(file: Path) -> None:
    good = fill(file, record(), second())
    bad = fill(file.with_name("bad.jsonl"), record(stance="yes"), second(basis="no"))
    missing = file.with_name("missing.jsonl")
    messages = check_annotations([good, bad, missing])
    assert len(messages) == 2
    assert messages[0].startswith(f"{bad}:1: stance: 'yes'")
    assert messages[1] == f"{missing}: no such file"
    assert check_annotations([good]) == []


def test_check_passes_the_folders_on(file: Path, tmp_path: Path) -> None:
    fill(file, record(document="far", text="Yemen", start=0, end=5))
    (tmp_path / "far.txt").write_text("Yemen spoke.", encoding="utf-8")
    assert len(check_annotations([file])) == 1
    assert check_annotations([file], [tmp_path]) == []


def test_written_annotations_come_back(file: Path) -> None:
    found = read_annotations(fill(file, record(note="“plain” — çok"), second(), alone(group="c9-g001")))
    other = file.with_name("copy.jsonl")
    write_annotations(other, found)
    assert read_annotations(other) == found
    assert "“plain” — çok" in other.read_text(encoding="utf-8")
    assert b"\r" not in other.read_bytes()
    assert len(other.read_bytes().splitlines()) == 3


def test_writing_that_fails_leaves_the_old_file(file: Path) -> None:
    before = fill(file, record()).read_bytes()

    def broken() -> Iterator[Annotation]:
        yield Annotation(**alone())
        raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more"):
        write_annotations(file, broken())
    assert file.read_bytes() == before


def test_counts_by_hand(file: Path) -> None:
    # Three speakers, of whom one has no name and one is masked; two groups; one document with a text.
    items = [
        Annotation(**record()),
        Annotation(**second()),
        Annotation(**record(id="u", speaker="UNNAMED", stance="neutral", basis="none")),
        Annotation(**alone(group="g1")),
        Annotation(**alone(id="c9:0002", group="g1", stance="against")),
        Annotation(**alone(id="c9:0003", group="g2", target="plastics-treaty", annotator="other")),
    ]
    counts = count_annotations(items)
    assert counts["stance"] == {"for": 3, "against": 2, "neutral": 1}
    assert counts["basis"] == {"explicit": 4, "implicit": 1, "none": 1}
    assert counts["origin"] == {"meeting": 3, "authored": 3}
    assert counts["target"] == {"cybercrime-convention": 5, "plastics-treaty": 1}
    assert counts["annotator"] == {"first": 3, "author": 2, "other": 1}
    assert counts["total"] == {"statements": 6, "documents": 1, "speakers": 2, "groups": 2}


def test_counts_of_nothing() -> None:
    assert count_annotations([])["total"] == {"statements": 0, "documents": 0, "speakers": 0, "groups": 0}


def test_a_dataset_has_one_column_a_field_and_keeps_missing_spans() -> None:
    items = [Annotation(**record()), replace(Annotation(**alone()), note="drafted")]
    dataset = to_dataset(items)
    assert dataset.column_names == list(asdict(items[0]))
    assert dataset[0] == asdict(items[0])
    assert dataset[1] == asdict(items[1])
    assert dataset[1]["start"] is None


def test_an_empty_dataset_keeps_its_columns() -> None:
    dataset = to_dataset([])
    assert dataset.num_rows == 0
    assert "stance" in dataset.column_names


def test_targets_that_nobody_has_loaded_are_told(file: Path) -> None:
    fill(file, record(id="a"), record(id="b", target="treaty-of-nobody"), record(id="c", target="treaty-of-nobody"))
    (message,) = strange_targets(file)
    assert message.startswith(f"{file}: target: 'treaty-of-nobody' (of 'b') is none of the package; if it is yours, ")
    (file.parent / "mine.yaml").write_text("id: treaty-of-nobody\nname: A treaty of my own\n", encoding="utf-8")
    load_target(str(file.parent / "mine.yaml"))
    assert strange_targets(file) == []
