"""Assents: which sentences are one, what they agree with, and that the antecedent is read in their place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from stance.annotations import Annotation, read_annotations
from stance.assent import antecedent, is_assent
from stance.attribution import Attribution, attribute
from stance.documents import Document, read_document
from stance.encoding import EncodingOptions, encode_annotations, encode_attribution, find_names
from stance.targets import load_target

ROOT = Path(__file__).parent.parent
TARGET = load_target("cybercrime-convention")
# Not every document need be attributed: words of all assents, and a length that none exceeds.
_ASSENTING = re.compile(
    r"\b(?:agreed|aligned|associated|backed|concurred|echoed|endorsed|joined|likewise|same|seconded|shared|supported)\b"
)
_LONGEST = 160
WANTED = "Togo’s delegate said that a treaty was needed."


def read(text: str) -> Attribution:
    return attribute(Document("d", text, body=(0, len(text))))


@pytest.mark.parametrize(
    "text",
    [
        "The representative of Oman agreed.",
        "Oman and Fiji concurred.",
        "A few delegates, including those of Oman and Fiji, echoed that view.",
        "Oman’s delegate, too, warmly supported that proposal.",
        "ÉVA KISS (Hungary) and JON BERG (Norway) were of the same opinion.",
        "Several other speakers associated themselves with that position.",
        "In turn, Oman shared those concerns.",
    ],
)
def test_a_subject_that_agrees_is_an_assent(text: str) -> None:
    assert is_assent(text, find_names(text))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Oman agreed with Fiji.", id="names-whom"),
        pytest.param("Oman agreed, adding that a treaty would come too late.", id="adds"),
        pytest.param("On the budget, Oman shared that view.", id="another-subject"),
        pytest.param("Oman did not share that view.", id="denies"),
        pytest.param("Oman asked for a vote, and Fiji supported that request.", id="two-clauses"),
        pytest.param("He agreed.", id="pronoun"),
        pytest.param("Oman had hoped that all States agreed.", id="others-agree"),
        pytest.param("No delegation shared that view.", id="nobody"),
        pytest.param("Few experts concurred.", id="few"),
        pytest.param("Agreed.", id="no-subject"),
    ],
)
def test_what_says_more_or_less_than_assent_is_none(text: str) -> None:
    assert not is_assent(text, find_names(text))


def test_the_antecedent_is_the_last_statement_of_the_sentence_before() -> None:
    a = read(f"{WANTED}  Oman said no, and Fiji said yes.  Chad and Peru shared that view.  Mali concurred.")
    found = [antecedent(a, 2, code) for code in ("TCD", "PER")] + [antecedent(a, 3, "MLI")]
    assert [(x.sentence, x.speaker) for x in found if x] == [(2, "FJI"), (2, "FJI"), (3, "PER")]


@pytest.mark.parametrize(
    ("text", "place", "speaker"),
    [
        pytest.param("The meeting rose.  Oman agreed.", 1, "OMN", id="nobody-spoke"),
        pytest.param("Oman’s delegate wanted a treaty.  Oman and Fiji shared that view.", 1, "OMN", id="itself"),
        pytest.param("Oman agreed.", 0, "OMN", id="first"),
        pytest.param(f"{WANTED}  Oman wanted none.", 1, "OMN", id="no-assent"),
    ],
)
def test_without_one_there_is_no_antecedent(text: str, place: int, speaker: str) -> None:
    assert antecedent(read(text), place, speaker) is None


def test_unnamed_speakers_may_agree_with_unnamed_speakers() -> None:
    a = read("Some delegates said that a treaty was needed.  Other delegates agreed.")
    found = antecedent(a, 1, "UNNAMED")
    assert found is not None and found.sentence == 1


def test_an_assent_is_read_as_what_it_agrees_with() -> None:
    a = read(f"Rain fell.  {WANTED}  Oman and Fiji shared that view.  Chad concurred.")
    togo, *others = encode_attribution(a, a.statements, TARGET, EncodingOptions())
    assert togo.text == "[SPEAKER]'s delegate said that a treaty was needed." and togo.context == "Rain fell."
    assert [s.speaker for s in a.statements] == ["TGO", "OMN", "FJI", "TCD"] and others == [togo] * 3
    # What reads no context cannot read back.
    alone = encode_attribution(a, a.statements, TARGET, EncodingOptions(context=0))
    assert alone[1].text == "[SPEAKER] and [OTHER] shared that view."


def test_an_annotated_assent_is_read_as_a_labelled_one(tmp_path: Path) -> None:
    text = f"{WANTED}  Oman concurred."
    (tmp_path / "d.txt").write_text(text, encoding="utf-8")
    start = text.index("Oman")
    common = {
        "id": "1", "document": "d", "sentence": 2, "start": start, "end": len(text), "text": text[start:], "context": WANTED,
        "speaker": "OMN", "speaker_name": "Oman", "target": TARGET.id, "stance": "for", "basis": "anaphora", "origin": "authored",
        "annotator": "a", "note": "",
    }  # fmt: skip
    (encoded,) = encode_annotations([Annotation(**common)], EncodingOptions(), meetings=[tmp_path])
    assert encoded.text == "[SPEAKER]'s delegate said that a treaty was needed."
    # A statement whose document is not at hand stands with its context.
    (encoded,) = encode_annotations([Annotation(**common)], EncodingOptions())
    assert encoded.text == "[SPEAKER] concurred."


@pytest.mark.parametrize(
    ("annotations", "meetings", "at_least"),
    [
        ("data/annotations/SOC_CP_365.jsonl", "data/meetings", 3),
        ("data/authored/annotations/summaries.jsonl", "data/authored/meetings", 40),
    ],
)
def test_assents_have_the_label_of_their_antecedent(annotations: str, meetings: str, at_least: int) -> None:
    gold = {(a.document, a.start, a.speaker): a for a in read_annotations(ROOT / annotations)}
    read_once: dict[str, Attribution] = {}
    found = 0
    for (document, start, speaker), a in gold.items():
        if len(a.text) > _LONGEST or not _ASSENTING.search(a.text):
            continue
        if document not in read_once:
            read_once[document] = attribute(read_document(ROOT / meetings / f"{document}.txt"))
        attribution = read_once[document]
        place = attribution.place(start)
        meant = antecedent(attribution, place, speaker) if place else None
        if meant:
            assert gold[document, meant.start, meant.speaker].stance == a.stance, a.id
            found += 1
    assert found >= at_least
