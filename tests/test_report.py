"""The report: complete, self-contained, and safe whatever a document holds."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from stance.labelling import OVERALL_COLUMNS, Labelling, label_inputs
from stance.model import Classifier
from stance.positions import positions
from stance.reporting.report import UNCERTAIN, render_report
from stance.reporting.templates import source
from stance.targets import load_target

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "data" / "examples" / "committee_debate.txt"
DEBATE = ROOT / "data" / "meetings" / "SOC_CP_365.txt"
WORDS = {"for": "For", "against": "Against", "neutral": "Neutral", "none": "Silent"}
SIGNS = {"for": "▲", "against": "▼", "neutral": "●", "none": "○"}
VOID = {"meta", "link", "br", "img", "hr", "input", "base", "source", "embed", "wbr", "area", "col", "track"}


@dataclass
class Element:
    """An element of a page, as a browser would see it."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(c if isinstance(c, str) else c.text for c in self.children)

    @property
    def words(self) -> str:
        return " ".join(self.text.split())

    def all(self, *tags: str) -> list[Element]:
        """Return the elements below with one of the tags (all elements for none), in the order of the page."""
        found: list[Element] = []
        for child in self.children:
            if isinstance(child, Element):
                if not tags or child.tag in tags:
                    found.append(child)
                found += child.all(*tags)
        return found


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.stack = [Element("")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"an attribute twice in <{tag}>"
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.stack[-1].children.append(element)
        if tag not in VOID:
            self.stack.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.stack[-1].tag == tag, f"</{tag}> closes <{self.stack[-1].tag}>"
        self.stack.pop()

    def handle_data(self, data: str) -> None:
        self.stack[-1].children.append(data)


def parse(html: str) -> Element:
    builder = _Builder()
    builder.feed(html)
    builder.close()
    assert len(builder.stack) == 1, f"<{builder.stack[-1].tag}> is never closed"
    return builder.stack[0]


@pytest.fixture(scope="module")
def labelling(tiny_classifier: Classifier, tmp_path_factory: pytest.TempPathFactory) -> Labelling:
    gone = tmp_path_factory.mktemp("report") / "gone.txt"
    return label_inputs([str(EXAMPLE), str(DEBATE), str(gone)], tiny_classifier)


@pytest.fixture(scope="module")
def page(labelling: Labelling) -> Element:
    return parse(render_report(labelling))


@pytest.fixture
def report(tmp_path: Path, tiny_classifier: Classifier) -> Callable[..., str]:
    """Label a text of one's own and return the page."""

    def report(text: str, name: str = "note.txt", target: str | None = None) -> str:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return render_report(label_inputs([str(path)], tiny_classifier, load_target(target) if target else None))

    return report


def assert_harmless(page: Element) -> None:
    """Assert that a page runs nothing but its own script, and fetches nothing."""
    scripts = page.all("script")
    assert [s.text for s in scripts] == [source("report.js")]
    (policy,) = (m.attributes["content"] for m in page.all("meta") if "http-equiv" in m.attributes)
    digest = base64.b64encode(hashlib.sha256(scripts[0].text.encode()).digest()).decode()
    assert policy.startswith("default-src 'none';") and f"script-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy.replace("style-src 'unsafe-inline'", "")
    assert not re.search(r"\b(fetch|XMLHttpRequest|WebSocket|import|eval|innerHTML)\b|https?:", scripts[0].text)
    for element in page.all():
        assert element.tag not in {"link", "iframe", "object", "embed", "img", "base", "form", "video"}
        for name, value in element.attributes.items():
            assert not name.startswith("on"), f"{name} on <{element.tag}>"
            assert name not in {"src", "srcset", "action", "data", "poster", "background"}
            assert name != "http-equiv" or value == "Content-Security-Policy"
            assert name != "href" or value.startswith("#")
            assert name != "style" or re.fullmatch(r"flex: \d+|width: [\d.]+%|--w: \d+%", value)
    for style in page.all("style"):
        assert not re.search(r"@import|url\s*\(|https?:|//", style.text)


# --- complete ---------------------------------------------------------------------------------------------------------


def test_a_whole_page(page: Element) -> None:
    assert [c.tag for c in page.children if isinstance(c, Element)] == ["html"]
    assert page.all("html")[0].attributes == {"lang": "en"}
    assert page.all("meta")[0].attributes == {"charset": "utf-8"}
    assert page.all("title")[0].text == "Positions on A new United Nations convention on cybercrime"
    assert len(page.all("h1")) == 1


def table_rows(page: Element) -> dict[str, Element]:
    """Return the body of the table for each delegation, by its name."""
    return {body.all("th")[0].words: body for body in page.all("tbody")}


def test_every_delegation_has_a_row_and_a_chip(page: Element, labelling: Labelling) -> None:
    overall = labelling.overall_positions()
    rows = table_rows(page)
    assert set(rows) == {p.speaker_name for p in overall} and len(rows) == len(overall)
    chips = {
        c.words.removesuffix(" (uncertain)").removesuffix(" (both sides)"): c
        for c in page.all("a")
        if c.attributes.get("class", "").startswith("chip")
    }
    lanes = page.all("dd")
    assert [dt.words.split()[1] for dt in page.all("dt")] == [WORDS[dd.attributes["class"]] for dd in lanes]
    # All four positions occur, or this test would say little.
    assert {dd.attributes["class"] for dd in lanes} == set(WORDS)
    for p in overall:
        row = rows[p.speaker_name]
        assert row.attributes["data-position"] == p.position
        assert row.all("td")[0].words.startswith(f"{SIGNS[p.position]} {WORDS[p.position]}")
        chance = None if p.position == "none" else p.p[list(WORDS).index(p.position)]
        assert row.all("td")[1].words == ("–" if chance is None else f"{chance:.2f}")
        unsure = chance is not None and (bool(p.opposed) or chance < UNCERTAIN)
        assert row.attributes["data-unsure"] == str(int(unsure))
        assert chips[p.speaker_name].attributes["class"] == ("chip u" if unsure else "chip")
        assert chips[p.speaker_name].attributes["href"] == f"#{row.attributes['id']}"
        lane = next(dd for dd in lanes if chips[p.speaker_name] in dd.all("a"))
        assert lane.attributes["class"] == p.position


def test_who_took_both_sides_is_marked(tiny_classifier: Classifier, tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    path.write_text("Oman’s delegate asked for a treaty.  A treaty was not needed, he added.", encoding="utf-8")
    found = label_inputs([str(path)], tiny_classifier)
    (labelled,) = found.documents
    p = {"for": (0.9, 0.05, 0.05), "against": (0.05, 0.9, 0.05)}
    scored = tuple(
        replace(s, stance=stance, p=p[stance]) for s, stance in zip(labelled.scored, ("for", "against"), strict=True)
    )
    found.documents = [replace(labelled, scored=scored, positions=tuple(positions(scored, [])))]
    page = parse(render_report(found))
    row = table_rows(page)["Oman"]
    (chip,) = (a for a in page.all("a") if a.attributes.get("class", "").startswith("chip"))
    assert (chip.words, chip.attributes["class"]) == ("Oman (both sides)", "chip u")
    assert "or statements take both sides" in page.words and "or statements of both sides" in found._repr_html_()
    assert row.all("td")[0].words == "▼ Against both sides" and row.attributes["data-unsure"] == "1"
    assert [item.attributes["class"] for item in row.all("li")] == ["for", "against"]
    (overall,) = found.overall.itertuples()
    assert (overall.evidence, overall.opposed) == ([("note", 2)], [("note", 1)])


def test_the_bars_count_the_positions(page: Element, labelling: Labelling) -> None:
    overall = labelling.overall_positions()
    bars = [e for e in page.all("div") if e.attributes.get("class") == "bar"]
    for bar, found in zip(bars, [overall, *(d.positions for d in labelling.in_time())], strict=True):
        counts = {k: sum(p.position == k for p in found) for k in WORDS}
        assert bar.attributes["aria-label"] == ", ".join(f"{n} {WORDS[k].lower()}" for k, n in counts.items())
        assert {s.attributes["class"]: s.text for s in bar.all("span")} == {k: str(n) for k, n in counts.items() if n}


def test_documents_stand_side_by_side(page: Element, labelling: Labelling) -> None:
    heads = [h.words for h in page.all("thead")[0].all("th")]
    assert heads[-2:] == [d.document.date for d in labelling.in_time()] == ["14 May", "17 April"]
    rows = table_rows(page)
    for place, labelled in enumerate(labelling.in_time()):
        held = {p.speaker_name: SIGNS[p.position] for p in labelled.positions}
        assert {name: row.all("td")[4 + place].words for name, row in rows.items()} == {
            name: held.get(name, "") for name in rows
        }


def test_every_delegation_shows_its_statements(page: Element, labelling: Labelling) -> None:
    rows = table_rows(page)
    for p in labelling.overall_positions():
        own = [s for d in labelling.in_time() for s in d.scored if s.statement.speaker == p.speaker]
        items = rows[p.speaker_name].all("li")
        assert [next(e for e in i.all("span") if e.attributes.get("class") == "sentence").text for i in items] == [
            s.statement.text for s in own
        ]
        for item, s in zip(items, own, strict=True):
            chance = s.p[list(WORDS).index(s.stance)]
            assert item.attributes["class"] == s.stance
            tag = next(e for e in item.all("span") if e.attributes.get("class") == "tag")
            unsure = " uncertain" if chance < UNCERTAIN else ""
            shown = f"{SIGNS[s.stance]} {WORDS[s.stance]} {chance:.2f}{unsure} sentence {s.statement.sentence}"
            assert tag.words == shown
            before = [e for e in item.all("span") if e.attributes.get("class") == "soft context"]
            assert s.stance != "neutral" or not before
    assert any("context" in e.attributes.get("class", "") for e in page.all("span"))


def test_the_full_text_is_there_once(page: Element, labelling: Labelling) -> None:
    for section, labelled in zip(page.all("article"), labelling.in_time(), strict=True):
        text = next(e for e in section.all("div") if e.attributes.get("class") == "text")
        marks = text.all("mark")
        marked = {int(m.attributes["id"].split("s")[1]): m.text for m in marks}
        by_number = {s.number: s.text for s in labelled.attribution.sentences}
        assert marked == {n: by_number[n] for n in {s.statement.sentence for s in labelled.scored}}
        # Without the codes of speakers behind its statements, the text reads as it was.
        for paragraph in text.all("p"):
            paragraph.children = [c for c in paragraph.children if isinstance(c, str) or c.tag != "sup"]
        assert text.words == " ".join(" ".join(s.text for s in labelled.attribution.sentences).split())


def test_a_statement_is_marked_with_its_speakers(page: Element, labelling: Labelling) -> None:
    rows = {body.attributes["id"]: name for name, body in table_rows(page).items()}
    for section, labelled in zip(page.all("article"), labelling.in_time(), strict=True):
        for mark in section.all("mark"):
            number = int(mark.attributes["id"].split("s")[1])
            own = [s for s in labelled.scored if s.statement.sentence == number]
            named = [s.statement.speaker_name for s in own if s.statement.speaker_kind != "unnamed"]
            assert [rows[code] for code in mark.attributes["data-by"].split()] == named
            sides = [s for s in own if s.stance != "neutral"]
            loudest = max(sides, key=lambda s: max(s.p[:2])).stance if sides else "neutral"
            assert mark.attributes["class"].split()[0] == loudest


def test_links_lead_somewhere_and_names_are_unique(page: Element) -> None:
    ids = [e.attributes["id"] for e in page.all() if "id" in e.attributes]
    assert len(ids) == len(set(ids)) > 60
    links = [a.attributes["href"] for a in page.all("a")]
    assert links and {link.removeprefix("#") for link in links} <= set(ids)


def test_heading_and_source_of_each_document(page: Element) -> None:
    first, second = page.all("article")
    assert first.all("h3")[0].words.startswith("Committee Weighs Call for Cybercrime Convention")
    assert first.all("p")[0].words == "SOC/CT/77 · 14 May · committee_debate"
    assert second.all("p")[0].words.startswith("SOC/CP/365 · ")


def test_model_and_failures_are_told(page: Element, labelling: Labelling) -> None:
    failed, told = (e.words for e in page.all("p") if e.attributes.get("class") == "note")
    assert failed.startswith("Not labelled:") and "gone.txt: no such file" in failed
    assert f"“tiny” (digest {labelling.model.digest[:12]})" in told
    assert "a statement takes a side from a probability of 0.5 on" in told


def test_a_summary_without_delegations_says_so(report: Callable[..., str]) -> None:
    page = parse(report("The weather was fine. Lunch was served at noon."))
    assert "No delegation was found in this document." in page.words
    assert page.all("table") == []
    assert page.all("h3")[0].text == "note"


# --- in a notebook ----------------------------------------------------------------------------------------------------


def test_a_notebook_shows_the_answer(labelling: Labelling) -> None:
    piece = parse(labelling._repr_html_())
    overall = labelling.overall
    for dd in piece.all("dd"):
        names = [chip.text for chip in dd.all("span")]
        chosen = overall[overall["position"] == dd.attributes["class"]]
        assert names == sorted(chosen["speaker_name"], key=str.casefold) and names
    assert sum(len(dd.all("span")) for dd in piece.all("dd")) == len(overall)
    assert not {"script", "link", "img", "html", "meta"} & {e.tag for e in piece.all()}
    assert labelling.to_html() == render_report(labelling)


def test_a_notebook_shows_names_as_text(labelling: Labelling) -> None:
    whole = labelling.documents[0]
    odd = replace(whole, positions=tuple(replace(p, speaker_name="<b>Ours</b>") for p in whole.positions[:1]))
    piece = parse(replace(labelling, documents=[odd])._repr_html_())
    assert piece.all("dd")[0].words == "<b>Ours</b>" and not piece.all("b")


def test_a_notebook_tells_of_failures(labelling: Labelling) -> None:
    assert "gone.txt: no such file" in parse(labelling._repr_html_()).words


def test_the_answer_about_nobody(tiny_classifier: Classifier, tmp_path: Path) -> None:
    path = tmp_path / "weather.txt"
    path.write_text("The weather was fine.", encoding="utf-8")
    result = label_inputs([str(path)], tiny_classifier)
    assert "No delegation was found." in parse(result._repr_html_()).words
    assert list(result.overall.columns) == list(OVERALL_COLUMNS) and len(result.overall) == 0


# --- self-contained and safe ------------------------------------------------------------------------------------------


def test_nothing_is_loaded(page: Element) -> None:
    assert_harmless(page)


def test_markup_in_a_sentence_is_shown_as_text(report: Callable[..., str]) -> None:
    sentence = "The delegate of Togo said <script>alert(1)</script> & <img src=x onerror='alert(2)'> to “all”."
    html = report(f"{sentence}\n\nFiji’s representative agreed.\n")
    assert html.count("<script") == 1
    page = parse(html)
    assert_harmless(page)
    assert page.all("mark")[0].text == sentence
    assert sentence in {e.text for e in page.all("span") if e.attributes.get("class") == "sentence"}


def test_an_address_in_a_sentence_is_no_link(report: Callable[..., str]) -> None:
    page = parse(report("Togo’s delegate said that https://example.org/treaty?a=1&b=2 was down.\n"))
    assert_harmless(page)
    assert "https://example.org/treaty?a=1&b=2 was down." in page.words


def test_markup_in_headline_name_and_target_is_shown_as_text(report: Callable[..., str], tmp_path: Path) -> None:
    target = tmp_path / "odd.yaml"
    target.write_text(
        'id: odd\nname: "A </title><script>alert(3)</script> treaty"\ndescription: "<b onclick=\'x()\'>bold</b>"\n',
        encoding="utf-8",
    )
    html = report(
        "SOC/CT/78\n\nSpeakers <i onmouseover='alert(4)'>Differ</i> over Text & Title of New Convention\n\n"
        'The representative of the Save "Our" <Seas> Trust, a non-governmental organization, said that it was late.\n'
        "Togo’s delegate said that a treaty was needed.\n",
        "<b>odd&amp;name.txt",
        str(target),
    )
    page = parse(html)
    assert_harmless(page)
    assert page.all("title")[0].text == "Positions on A </title><script>alert(3)</script> treaty"
    assert "<b onclick='x()'>bold</b>" in page.words
    assert (
        page.all("h3")[0].words == "Speakers <i onmouseover='alert(4)'>Differ</i> over Text & Title of New Convention"
    )
    assert "SOC/CT/78 · <b>odd&amp;name" in page.words


def test_markup_in_the_name_of_a_missing_file_is_shown_as_text(tiny_classifier: Classifier, tmp_path: Path) -> None:
    gone = tmp_path / "<img src=x onerror=alert(5)>.txt"
    page = parse(render_report(label_inputs([str(gone)], tiny_classifier)))
    assert_harmless(page)
    assert f"{gone}: no such file" in page.words


def test_quotes_in_a_name_do_not_end_an_attribute(report: Callable[..., str]) -> None:
    page = parse(report('“We agree,” said the representative of Côte d\'Ivoire, and so did the "Togo" delegate.\n'))
    assert_harmless(page)
    titles = [m.attributes["title"] for m in page.all("mark")]
    assert titles and all(re.search(r"\(for \d\.\d\d, against \d\.\d\d, neutral \d\.\d\d\)$", t) for t in titles)
