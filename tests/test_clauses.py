"""Clauses: where a sentence with several speakers is cut, where it must not be, and that offsets are those of the text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stance.annotations import Annotation
from stance.attribution import attribute
from stance.clauses import focal_part
from stance.documents import Document
from stance.encoding import EncodingOptions, encode_annotations, encode_attribution
from stance.targets import load_target

TARGET = load_target("cybercrime-convention")
CLAUSES = EncodingOptions(clauses=True)
_SIGN = re.compile(r"\[(SPEAKER|OTHER)\]")


def own(text: str) -> str:
    signs = list(_SIGN.finditer(text))
    start, end = focal_part(
        text,
        [m.span() for m in signs if m[1] == "SPEAKER"],
        [m.span() for m in signs if m[1] == "OTHER"],
    )
    return text[start:end].strip()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("<[SPEAKER] liked the text,> but [OTHER] had doubts.", id="but-behind"),
        pytest.param("[OTHER] liked the text, <but [SPEAKER] had doubts.>", id="but-before"),
        pytest.param("[OTHER] liked the text <while [SPEAKER] had doubts.>", id="while-without-comma"),
        pytest.param("<The delegate of [SPEAKER] liked it,> whereas [OTHER]’s envoy did not.", id="representatives"),
        pytest.param("<[SPEAKER] asked for a vote;> its neighbour [OTHER] asked for patience.", id="semicolon"),
        pytest.param("While [OTHER] liked the text, <[SPEAKER] had doubts.>", id="opened-with-while"),
        pytest.param("<While [SPEAKER] liked the text,> the envoy of [OTHER] had doubts.", id="opened-by-the-speaker"),
        pytest.param(
            "[OTHER] agreed with it, <and [SPEAKER] had doubts,> though [OTHER] waited.", id="middle-of-three"
        ),
        pytest.param("<[SPEAKER] said no, and [OTHER] said yes, but [SPEAKER] insisted again.>", id="speaks-twice"),
        pytest.param("[OTHER] wanted it soon, <with [SPEAKER] preferring to wait.>", id="with"),
        pytest.param("[OTHER] would wait, <but [SPEAKER] wanted it soon, with [OTHER] adding why.>", id="goes-on-with"),
        pytest.param("[OTHER] wanted it soon, <and [SPEAKER] and [OTHER] preferred to wait.>", id="two-subjects"),
        pytest.param(
            "[OTHER], which spoke first, wanted it, <but [SPEAKER] did not.>", id="relative-clause-that-ended"
        ),
    ],
)
def test_the_clauses_of_the_speaker_are_found(text: str) -> None:
    expected = re.search("<(.*)>", text)
    assert expected is not None
    assert own(re.sub("[<>]", "", text)) == expected[1]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[SPEAKER], [OTHER], and [OTHER] liked the text.", id="list"),
        pytest.param("The delegates of [SPEAKER], of [OTHER], and of [OTHER] liked the text.", id="list-of-genitives"),
        pytest.param("[SPEAKER] thanked the Chair, and [OTHER] for the text, and opposed it.", id="object"),
        pytest.param("[SPEAKER], supported by [OTHER], wanted a vote.", id="supporter"),
        pytest.param("[SPEAKER] welcomed the text that [OTHER] had tabled, but had doubts.", id="no-subject"),
        pytest.param("[SPEAKER], whose land is dry, and [OTHER] liked the text.", id="relative-clause"),
        pytest.param("[SPEAKER] agreed with it, with [OTHER] adding why.", id="with-behind"),
        pytest.param("[SPEAKER] liked the text, but had doubts.", id="one-speaker"),
        pytest.param("[OTHER] liked the text, but [OTHER] had doubts.", id="others-only"),
        pytest.param("Nobody spoke, but everybody listened.", id="no-name"),
    ],
)
def test_what_cannot_be_cut_stays_whole(text: str) -> None:
    assert own(text) == text


_PIECES = st.sampled_from(
    [
        "[SPEAKER]",
        "[OTHER]",
        "liked the text",
        "the delegate of",
        ", but",
        ", and",
        ";",
        " while",
        ", ",
        "While",
        ".",
        "’s",
    ]
)


@given(st.lists(_PIECES, max_size=12))
def test_the_part_is_of_the_text_and_keeps_every_name_of_the_speaker(pieces: list[str]) -> None:
    text = " ".join(pieces)
    part = own(text)
    assert part in text
    assert part.count("[SPEAKER]") == text.count("[SPEAKER]")


def encoded(text: str, speaker: str, options: EncodingOptions = CLAUSES) -> tuple[str, str]:
    found = attribute(Document("d", text, body=(0, len(text))))
    statement = next(s for s in found.statements if s.speaker == speaker)
    item = encode_attribution(found, [statement], TARGET, options)[0]
    return item.context, item.text


DIFFER = "The floor was opened.  The representative of Oman endorsed the text, but Chad could not see its use."


def test_both_speakers_of_a_document_read_their_own_clause() -> None:
    assert encoded(DIFFER, "OMN") == ("The floor was opened.", "The representative of [SPEAKER] endorsed the text.")
    assert encoded(DIFFER, "TCD") == (
        "The floor was opened. The representative of [OTHER] endorsed the text,",
        "but [SPEAKER] could not see its use.",
    )


def test_clauses_of_others_are_read_without_sentences_before_them() -> None:
    options = EncodingOptions(context=0, clauses=True)
    assert encoded(DIFFER, "TCD", options)[0] == "The representative of [OTHER] endorsed the text,"


def test_a_sentence_is_cut_alike_with_names_and_without() -> None:
    options = EncodingOptions(mask=False, clauses=True)
    assert encoded(DIFFER, "OMN", options)[1] == "The representative of Oman endorsed the text."
    assert encoded(DIFFER, "TCD", options)[1] == "but Chad could not see its use."


def test_models_that_read_whole_sentences_are_not_changed() -> None:
    assert encoded(DIFFER, "OMN", EncodingOptions())[1].endswith("but [OTHER] could not see its use.")


@pytest.mark.parametrize(
    ("other", "code"), [("the Netherlands", "NLD"), ("Chad", "TCD"), ("the European Union (EU)", "EU")]
)
def test_names_of_any_form_are_cut_alike(other: str, code: str) -> None:
    text = f"The representative of Oman endorsed the text, but {other} could not see its use."
    assert encoded(text, "OMN")[1] == "The representative of [SPEAKER] endorsed the text."
    assert encoded(text, code)[1] == "but [SPEAKER] could not see its use."


@pytest.mark.parametrize(
    ("speaker", "text"),
    [("OMN", "Oman endorsed the text, but Chad could not see its use."), ("SPEAKER", "[SPEAKER] endorsed the text, but [OTHER] could not see its use.")],
    ids=["named", "masked"],
)  # fmt: skip
def test_annotations_are_cut_as_documents_are(speaker: str, text: str) -> None:
    annotation = Annotation(
        "d:1", "d", None, None, None, text, "Rain fell.", speaker, TARGET.id, "for", "explicit", "authored", "a", ""
    )
    item = encode_annotations([annotation], CLAUSES)[0]
    assert (item.context, item.text) == ("Rain fell.", "[SPEAKER] endorsed the text.")
