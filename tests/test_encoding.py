"""Encoding: what is masked, what is kept, and that no country can be told from another by what remains."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stance.annotations import Annotation
from stance.attribution import attribute
from stance.delegations import Delegation, load_registry
from stance.documents import Document
from stance.encoding import Encoded, EncodingOptions, encode_annotations, encode_attribution, find_names, mask, tidy
from stance.targets import load_target

TARGET = load_target("cybercrime-convention")
STATES = [d for d in load_registry() if d.kind == "state"]
PLAIN = EncodingOptions()


def masked(text: str, speaker: str) -> str:
    return mask(text, speaker, find_names(text))


# --- masking ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "speaker", "expected"),
    [
        pytest.param("Oman thanked Chad and Peru.", "OMN", "[SPEAKER] thanked [OTHER] and [OTHER].", id="focal-other"),
        pytest.param("Oman thanked Chad and Peru.", "UNNAMED", "[OTHER] thanked [OTHER] and [OTHER].", id="unnamed"),
        pytest.param("Oman’s fleet, Chad's port", "TCD", "[OTHER]'s fleet, [SPEAKER]'s port", id="possessive"),
        pytest.param("the Netherlands’ fleet", "NLD", "[SPEAKER]'s fleet", id="plural-possessive"),
        pytest.param("The Niger said the Gambia lied.", "NER", "[SPEAKER] said [OTHER] lied.", id="article"),
        pytest.param("the port of the Netherlands", "NLD", "the port of [SPEAKER]", id="article-only-before-names"),
        pytest.param("the European Union (EU) agreed", "EU", "[SPEAKER] agreed", id="acronym"),
        pytest.param("the World Health Organization (WHO), too", "EU", "[OTHER], too", id="acronym-other"),
        pytest.param("the UK and the U.S. met", "USA", "[OTHER] and [SPEAKER] met", id="abbreviations"),
        pytest.param("Danish ports and Peruvian ships", "DNK", "[SPEAKER] ports and [OTHER] ships", id="demonym"),
        pytest.param("MEXICO, with the EU, met PERU", "MEX", "[SPEAKER], with [OTHER], met [OTHER]", id="capitals"),
        pytest.param("the Group of 77 and China, and China", "G77", "[SPEAKER], and [OTHER]", id="group"),
        pytest.param("Oman, for the African Group, spoke", "OMN", "[SPEAKER], for [OTHER], spoke", id="state-of-group"),
        pytest.param("Iran (Islamic Republic of)’s law", "IRN", "[SPEAKER]'s law", id="inverted-name"),
        pytest.param("Guinea, Guinea-Bissau", "GNB", "[OTHER], [SPEAKER]", id="longest-name"),
        pytest.param("Niger’s law, Nigeria’s law", "NGA", "[OTHER]'s law, [SPEAKER]'s law", id="word-boundary"),
        pytest.param("one Oman-led text, pro-Chad", "OMN", "one [SPEAKER]-led text, pro-[OTHER]", id="hyphen"),
        pytest.param("Ports in the Gulf of Guinea", "GIN", "Ports in the Gulf of Guinea", id="excluded"),
        pytest.param("the Budapest Convention", "HUN", "the Budapest Convention", id="instrument"),
        pytest.param("the Rome Statute and Oman", "ITA", "the Rome Statute and [OTHER]", id="instrument-statute"),
        pytest.param("the Nairobi and Lima Protocols", "KEN", "the Nairobi and Lima Protocols", id="two-instruments"),
        pytest.param("Ports were full.", "OMN", "Ports were full.", id="no-name"),
        pytest.param("", "OMN", "", id="empty"),
    ],
)
def test_mask(text: str, speaker: str, expected: str) -> None:
    assert masked(text, speaker) == expected


def test_typography_is_made_plain() -> None:
    assert tidy(" “Ports ‘are’\u00a0full” –\n\nnow\t") == "\"Ports 'are' full\" — now"
    assert masked("Oman\u00a0said:  “Côte\u202fd’Ivoire’s ports”", "OMN") == '[SPEAKER] said: "[OTHER]\'s ports"'


def test_a_name_in_quotation_marks_is_no_possessive() -> None:
    assert masked("‘Niger’ was a word", "NER") == "'[SPEAKER]' was a word"


def test_names_that_overlap_are_masked_once() -> None:
    names = find_names("Papua New Guinea")
    assert [(n.start, n.end, n.code) for n in names] == [(0, 16, "PNG")]
    assert mask("Papua New Guinea", "PNG", [*names, *names]) == "[SPEAKER]"


def test_names_that_the_registry_lacks() -> None:
    text = "The Open Harbour Trust thanked Oman; open harbour trusts did not."
    names = find_names(text, extra=[("OPEN_HARBOUR_TRUST", "Open Harbour Trust")])
    assert [(n.code, text[n.start : n.end]) for n in names] == [
        ("OPEN_HARBOUR_TRUST", "Open Harbour Trust"),
        ("OMN", "Oman"),
    ]
    assert mask(text, "OPEN_HARBOUR_TRUST", names) == "[SPEAKER] thanked [OTHER]; open harbour trusts did not."


# --- no country can be told from another ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Country:
    code: str
    name: str
    demonym: str

    @property
    def start(self) -> str:
        return self.name[0].upper() + self.name[1:]

    @property
    def of(self) -> str:
        return self.name + ("’" if self.name.endswith("s") else "’s")


COUNTRIES = [
    Country("NER", "Niger", "Nigerien"),
    Country("NLD", "the Netherlands", "Dutch"),
    Country("CIV", "Côte d’Ivoire", "Ivorian"),
    Country("GBR", "the United Kingdom", "British"),
    Country("TTO", "Trinidad and Tobago", "Trinidadian"),
    Country("LAO", "the Lao People’s Democratic Republic", "Lao"),
    Country("USA", "the United States", "American"),
    Country("GNB", "Guinea-Bissau", "Bissau-Guinean"),
    Country("STP", "São Tomé and Príncipe", "Santomean"),
    Country("PRK", "the Democratic People’s Republic of Korea", "North Korean"),
    Country("PHL", "the Philippines", "Filipino"),
    Country("IRN", "Iran (Islamic Republic of)", "Iranian"),
    Country("CYP", "Cyprus", "Cypriot"),
    Country("TUR", "Türkiye", "Turkish"),
    Country("BHS", "the Bahamas", "Bahamian"),
    Country("PNG", "Papua New Guinea", "Papua New Guinean"),
    Country("VAT", "the Holy See", "Holy See"),
]
IDS = [c.code for c in COUNTRIES]


def summary(x: Country, y: Country) -> str:
    """Return a debate in which one country speaks and another is spoken of and speaks, too."""
    return (
        f"{x.of[0].upper()}{x.of[1:]} delegate said that the Budapest Convention was old, and that "
        f"{x.name} and {y.name} had not drafted it.  {x.start}, he said, would sign a treaty.  Wrecks had sunk "
        f"off {x.of} coast, and the {x.demonym} divers had drowned in ports of {y.name}.\n\n"
        f"Disagreeing, the representative of {y.name} said that {x.of} limits were not {y.of} own.  “The "
        f"{y.demonym} ports are open,” replied {y.of} envoy to the delegate of {x.name}.\n\n"
        f"The representatives of Kenya, {x.name} and the European Union (EU) asked for time."
    )


def encoded(text: str, x: Country, y: Country, options: EncodingOptions = PLAIN) -> list[tuple[int, str, str, Encoded]]:
    """Return sentence, role of the speaker, construction and encoding of every statement."""
    read = attribute(Document("d", text, body=(0, len(text))))
    role = {x.code: "X", y.code: "Y"}
    pairs = zip(read.statements, encode_attribution(read, read.statements, TARGET, options), strict=True)
    return [(s.sentence, role.get(s.speaker, s.speaker), s.attribution, e) for s, e in pairs]


REFERENCE = (Country("OMN", "Oman", "Omani"), Country("PER", "Peru", "Peruvian"))


def test_the_reference_debate_is_read_whole() -> None:
    who = [(number, role) for number, role, _, _ in encoded(summary(*REFERENCE), *REFERENCE)]
    assert who == [
        (1, "X"), (2, "X"), (3, "X"), (4, "Y"), (5, "Y"), (6, "KEN"), (6, "X"), (6, "EU")]  # fmt: skip


@pytest.mark.parametrize("context", [0, 2])
@pytest.mark.parametrize("country", COUNTRIES, ids=IDS)
def test_exchanging_a_country_changes_nothing(country: Country, context: int) -> None:
    options = EncodingOptions(context=context)
    x, y = REFERENCE
    reference = encoded(summary(x, y), x, y, options)
    assert encoded(summary(country, y), country, y, options) == reference
    assert encoded(summary(x, country), x, country, options) == reference


def test_exchanging_both_countries_changes_nothing() -> None:
    reference = encoded(summary(*REFERENCE), *REFERENCE)
    for x, y in zip(COUNTRIES, [*COUNTRIES[1:], COUNTRIES[0]], strict=True):
        assert encoded(summary(x, y), x, y) == reference


TEMPLATES = (
    "{} asked for time.",
    "The delegate of {}, like those of {}, the Arab Group and the EU, asked for time.",
    "It said that {} (and {}) had signed the Budapest Convention; {}, too.",
    "“{}”, it said, and {}—again.",
    "Ports in {}/{} were full.",
    "For {}: nothing.",
)


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_state_is_masked_alike(template: str) -> None:
    expected = (
        tidy(template.replace("{}", "[SPEAKER]")).replace("the Arab Group", "[OTHER]").replace("the EU", "[OTHER]")
    )
    for state in STATES:
        for words in (state.name, f"the {state.name}", state.name.upper()):
            assert masked(template.replace("{}", words), state.code) == expected, words


def test_every_possessive_is_masked_alike() -> None:
    for state in STATES:
        for apostrophe in "’'":
            own = state.name + apostrophe + ("" if state.name.endswith("s") else "s")
            text = f"It was {own} wish, the {own} own."
            assert masked(text, state.code) == "It was [SPEAKER]'s wish, [SPEAKER]'s own.", own


@pytest.mark.parametrize("after", [" “red lines”", ", too", ".", "; no", " (old) law"])
def test_possessives_are_alike_before_anything(after: str) -> None:
    expected = masked(f"The wreck was Oman’s{after}", "OMN")
    for country in COUNTRIES:
        assert masked(f"The wreck was {country.of}{after}", country.code) == expected


def test_possessives_in_capitals_are_alike() -> None:
    assert masked("THE NETHERLANDS’ DRAFT", "NLD") == masked("NORWAY’S DRAFT", "NOR")


def test_articles_in_capitals_are_masked() -> None:
    assert masked("THE PHILIPPINES AND PERU MET", "PHL") == "[SPEAKER] AND [OTHER] MET"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("an Austrian port", "AUT"),
        ("a Danish port", "DNK"),
        ("an Icelandic port", "ISL"),
        ("a United States port", "USA"),
        ("an EU port", "EU"),
    ],
)
def test_indefinite_articles_are_alike(text: str, code: str) -> None:
    assert masked(text, code) == masked("a Peruvian port", "PER")
    assert masked(f"A{text[1:]}", code) == masked("A Peruvian port", "PER")


def test_capitals_that_stand_for_a_government_are_masked() -> None:
    for city, code in (("Moscow", "RUS"), ("Nairobi", "KEN"), ("Buenos Aires", "ARG"), ("Ouagadougou", "BFA")):
        assert masked(f"the text that {city} and Oman drafted", code) == "the text that [SPEAKER] and [OTHER] drafted"
        assert masked(f"the text that {city} and Oman drafted", "OMN") == "the text that [OTHER] and [SPEAKER] drafted"


_SPACES = st.sampled_from([" ", "\u00a0", "\u202f", "\u2009"])


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(
    st.sampled_from(COUNTRIES),
    st.sampled_from(COUNTRIES),
    st.lists(_SPACES, min_size=7, max_size=7),
    st.sampled_from("’'"),
    st.sampled_from(["“”", '""', "«»"]),
)
def test_typographic_variants_change_nothing(
    x: Country, y: Country, spaces: list[str], apostrophe: str, quotes: str
) -> None:
    if x == y:
        return
    reference = encoded(summary(*REFERENCE), *REFERENCE)
    parts = summary(x, y).split(" ")
    text = "".join(part + spaces[i % len(spaces)] for i, part in enumerate(parts[:-1])) + parts[-1]
    text = text.replace("’", apostrophe).replace("“", quotes[0]).replace("”", quotes[1])
    assert encoded(text, x, y) == reference


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(
    st.permutations(STATES).map(lambda states: states[:2]),
    st.sampled_from(
        [
            "The delegate of {a} told {b} that it was late.",
            "{a}, {b} and the EU met; {b} left.",
            "It was late in {b}, said the delegate of {a}.",
        ]
    ),
)
def test_any_two_states_are_masked_alike(states: list[Delegation], template: str) -> None:
    a, b = states
    expected = masked(template.format(a="Chad", b="Peru"), "TCD")
    assert masked(template.format(a=a.name, b=b.name), a.code) == expected


def test_runs_of_white_space_are_one_space() -> None:
    assert masked("Oman\r\nthanked   the  Lao People’s\tDemocratic \n Republic.", "OMN") == "[SPEAKER] thanked [OTHER]."


def test_the_speaker_can_still_be_told_from_the_others() -> None:
    assert masked("Oman thanked Peru.", "OMN") != masked("Oman thanked Peru.", "PER")


# --- what a classifier reads ------------------------------------------------------------------------------------------

TEXT = (
    "Oman’s delegate asked for a treaty.  He thanked the Netherlands.\n\n"
    "Rights of Reply\n\n"
    "The Netherlands’ delegate objected to Oman’s text, with Peru’s envoy adding a date.  Costs were too high."
)
DOCUMENT = Document("d", TEXT, body=(0, len(TEXT)))


def labelled(options: EncodingOptions = PLAIN) -> dict[tuple[int, str], Encoded]:
    read = attribute(DOCUMENT)
    items = encode_attribution(read, read.statements, TARGET, options)
    return {(s.sentence, s.speaker): e for s, e in zip(read.statements, items, strict=True)}


def test_context_is_masked_for_the_speaker_and_leaves_out_headings() -> None:
    found = labelled()
    assert found[4, "NLD"] == Encoded(
        TARGET.name,
        "He thanked [SPEAKER].",
        "[SPEAKER]'s delegate objected to [OTHER]'s text, with [OTHER]'s envoy adding a date.",
    )
    assert found[4, "PER"] == Encoded(
        TARGET.name,
        "He thanked [OTHER].",
        "[OTHER]'s delegate objected to [OTHER]'s text, with [SPEAKER]'s envoy adding a date.",
    )
    assert found[1, "OMN"] == Encoded(TARGET.name, "", "[SPEAKER]'s delegate asked for a treaty.")


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        (0, ""),
        (1, "He thanked [SPEAKER]."),
        (2, "[OTHER]'s delegate asked for a treaty. He thanked [SPEAKER]."),
        (9, "[OTHER]'s delegate asked for a treaty. He thanked [SPEAKER]."),
    ],
)
def test_length_of_the_context(context: int, expected: str) -> None:
    assert labelled(EncodingOptions(context=context))[4, "NLD"].context == expected


def test_the_context_before_the_first_sentence_is_empty() -> None:
    assert labelled(EncodingOptions(context=2))[1, "OMN"].context == ""
    assert labelled(EncodingOptions(context=2))[2, "OMN"].context == "[SPEAKER]'s delegate asked for a treaty."


def test_the_target_can_be_hidden() -> None:
    shown, hidden = labelled(), labelled(EncodingOptions(target=False))
    assert {e.target for e in shown.values()} == {TARGET.name}
    assert {e.target for e in hidden.values()} == {""}
    assert [(e.context, e.text) for e in hidden.values()] == [(e.context, e.text) for e in shown.values()]


def test_masking_can_be_switched_off() -> None:
    item = labelled(EncodingOptions(mask=False))[4, "NLD"]
    assert item.text == "The Netherlands' delegate objected to Oman's text, with Peru's envoy adding a date."
    assert item.context == "He thanked the Netherlands."


def test_premise() -> None:
    assert Encoded("t", "Before.", "Now.").premise == "Before. | Now."
    assert Encoded("t", "", "Now.").premise == "Now."


def test_people_of_a_delegation_are_masked_in_a_document() -> None:
    text = (
        "ANNA LINDQVIST (Sweden) asked for a treaty.\n\nJOSÉ BARROS (Cabo Verde) agreed.\n\n"
        "LI MEI (Singapore) disagreed with Mr. BARROS.\n\nMs. LINDQVIST thanked Mr. Barros’s country."
    )
    read = attribute(Document("d", text, body=(0, len(text))))
    items = encode_attribution(read, read.statements, TARGET, EncodingOptions(context=0))
    assert [e.text for e in items] == [
        "[SPEAKER] asked for a treaty.",
        "[SPEAKER] agreed.",
        "[SPEAKER] disagreed with [OTHER].",
        "[SPEAKER] thanked [OTHER]'s country.",
    ]


def test_unregistered_organizations_are_masked_in_a_document() -> None:
    text = "The representative of the Open Harbour Trust (OHT) asked for funds.  OHT’s observer thanked Oman."
    read = attribute(Document("d", text, body=(0, len(text))))
    items = encode_attribution(read, read.statements, TARGET, EncodingOptions(context=0))
    assert [e.text for e in items] == [
        "The representative of [SPEAKER] asked for funds.",
        "[SPEAKER]'s observer thanked [OTHER].",
    ]


def test_encodings_keep_the_order_of_the_statements() -> None:
    read = attribute(DOCUMENT)
    backwards = read.statements[::-1]
    assert (
        encode_attribution(read, backwards, TARGET, PLAIN)
        == encode_attribution(read, read.statements, TARGET, PLAIN)[::-1]
    )
    assert encode_attribution(read, [], TARGET, PLAIN) == []


# --- annotations ------------------------------------------------------------------------------------------------------


def annotation(text: str, context: str, speaker: str, **more: object) -> Annotation:
    values: dict[str, object] = {
        "id": "a", "document": "d", "sentence": None, "start": None, "end": None, "target": "cybercrime-convention",
        "stance": "neutral", "basis": "none", "origin": "authored", "annotator": "test",
    }  # fmt: skip
    return Annotation(text=text, context=context, speaker=speaker, **{**values, **more})  # type: ignore[arg-type]


def annotate(text: str, *, alone: bool) -> list[Annotation]:
    """Annotate every statement of a text, with two sentences of context, with or without its place."""
    read = attribute(Document("d", text, body=(0, len(text))))
    place = {s.number: i for i, s in enumerate(read.prose)}
    found = []
    for s in read.statements:
        before = read.prose[max(0, place[s.sentence] - 2) : place[s.sentence]]
        where = {} if alone else {"sentence": s.sentence, "start": s.start, "end": s.end}
        context = "\n".join(b.text for b in before) if alone else ""
        found.append(annotation(s.text, context, s.speaker, speaker_name=s.speaker_name, **where))
    return found


ALL_TEXTS = [
    TEXT,
    summary(*REFERENCE),
    summary(COUNTRIES[1], COUNTRIES[5]),
    "A representative of the Open Harbour Trust asked for time.  Later, Chad’s delegate agreed with Open Harbour Trust.",
    "Some delegates, including those from Peru and Tonga, cited the Vienna Convention.  Many thanked Oman.",
]


@pytest.mark.parametrize("context", [0, 1, 2])
@pytest.mark.parametrize("text", ALL_TEXTS)
def test_an_annotation_that_stands_alone_is_encoded_as_by_labelling(text: str, context: int) -> None:
    options = EncodingOptions(context=context)
    read = attribute(Document("d", text, body=(0, len(text))))
    expected = encode_attribution(read, read.statements, TARGET, options)
    alone = annotate(text, alone=True)
    speakers = {a.speaker for a in alone} - {"UNNAMED"}
    registered = [i for i, a in enumerate(alone) if speakers <= {a.speaker} | {d.code for d in load_registry()}]
    assert registered
    found = encode_annotations(alone, options)
    assert [found[i] for i in registered] == [expected[i] for i in registered]


@pytest.mark.parametrize("context", [0, 1, 2])
@pytest.mark.parametrize("text", ALL_TEXTS)
def test_an_annotation_of_a_document_is_encoded_as_by_labelling(tmp_path: Path, text: str, context: int) -> None:
    (tmp_path / "d.txt").write_bytes(text.encode())
    read = attribute(Document("d", text, body=(0, len(text))))
    options = EncodingOptions(context=context)
    expected = encode_attribution(read, read.statements, TARGET, options)
    assert encode_annotations(annotate(text, alone=False), options, meetings=[tmp_path / "no", tmp_path]) == expected


def test_a_document_that_no_longer_holds_the_sentence_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "d.txt").write_text("Peru’s delegate left the room early.  Ports were full.", encoding="utf-8")
    item = annotation("Oman’s delegate left the room early.", "Chad spoke.", "OMN", start=0, end=36, sentence=1)
    assert encode_annotations([item], PLAIN, meetings=[tmp_path]) == [
        Encoded(TARGET.name, "[OTHER] spoke.", "[SPEAKER]'s delegate left the room early.")
    ]


def test_annotations_authored_in_masked_form_are_taken_as_they_are() -> None:
    item = annotation(
        "[SPEAKER]’s delegate told [OTHER] of Oman.", "[OTHER] spoke.\nChad’s  “treaty” was late.", "SPEAKER"
    )
    assert encode_annotations([item], EncodingOptions(context=2)) == [
        Encoded(TARGET.name, '[OTHER] spoke. Chad\'s "treaty" was late.', "[SPEAKER]'s delegate told [OTHER] of Oman.")
    ]


def test_the_masked_form_may_stand_in_the_context_only() -> None:
    item = annotation("He thanked Oman.", "[SPEAKER] asked for a treaty.", "SPEAKER")
    assert encode_annotations([item], PLAIN) == [
        Encoded(TARGET.name, "[SPEAKER] asked for a treaty.", "He thanked Oman.")
    ]


def test_masked_and_named_annotations_are_encoded_alike() -> None:
    named = annotation("The Netherlands’ delegate told Chad.", "Oman spoke.", "NLD")
    ready = annotation("[SPEAKER]'s delegate told [OTHER].", "[OTHER] spoke.", "SPEAKER")
    first, second = encode_annotations([named, ready], PLAIN)
    assert first == second


def test_the_last_sentences_of_the_context_are_read() -> None:
    item = annotation("Oman agreed.", "One.\n\nTwo.\nThree.", "OMN")
    contexts = [encode_annotations([item], EncodingOptions(context=n))[0].context for n in (0, 1, 2, 9)]
    assert contexts == ["", "Three.", "Two. Three.", "One. Two. Three."]


def test_annotations_are_encoded_in_order_with_their_own_target() -> None:
    items = [
        annotation("Oman agreed.", "", "OMN", target="plastics-treaty"),
        annotation("Oman disagreed.", "", "OMN", id="b"),
    ]
    assert encode_annotations(items, PLAIN) == [
        Encoded(load_target("plastics-treaty").name, "", "[SPEAKER] agreed."),
        Encoded(TARGET.name, "", "[SPEAKER] disagreed."),
    ]
    assert [e.target for e in encode_annotations(items, EncodingOptions(target=False))] == ["", ""]
    assert encode_annotations(items, EncodingOptions(mask=False))[0].text == "Oman agreed."
    assert encode_annotations([], PLAIN) == []


def test_a_speaker_that_the_registry_lacks_is_masked_by_its_name() -> None:
    item = annotation(
        "The Open Harbour Trust’s envoy thanked Oman.", "Chad spoke to Open Harbour Trust.", "OPEN_HARBOUR_TRUST",
        speaker_name="Open Harbour Trust",
    )  # fmt: skip
    assert encode_annotations([item], PLAIN) == [
        Encoded(TARGET.name, "[OTHER] spoke to [SPEAKER].", "[SPEAKER]'s envoy thanked [OTHER].")
    ]
