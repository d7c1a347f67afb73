"""The report: complete, self-contained, and safe whatever a document holds."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import pytest

from stance.labelling import Labelling, label_inputs
from stance.model import Classifier
from stance.reporting.report import render_report
from stance.targets import load_target

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "data" / "examples" / "committee_debate.txt"
DEBATE = ROOT / "data" / "meetings" / "SOC_CP_365.txt"
HEADINGS = {"for": "For", "against": "Against", "neutral": "Neutral", "none": "Listed only"}
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
    """Assert that a page runs nothing and fetches nothing."""
    for element in page.all():
        assert element.tag not in {"script", "link", "iframe", "object", "embed", "img", "base", "form", "svg", "video"}
        for name, value in element.attributes.items():
            assert not name.startswith("on"), f"{name} on <{element.tag}>"
            assert name not in {"src", "srcset", "action", "data", "poster", "background", "http-equiv"}
            assert name != "href" or value.startswith("#")
            assert name != "style" or re.fullmatch(r"flex: \d+", value)
    for style in page.all("style"):
        assert not re.search(r"@import|url\s*\(|https?:|//", style.text)


# --- complete ---------------------------------------------------------------------------------------------------------


def test_a_whole_page(page: Element) -> None:
    assert [c.tag for c in page.children if isinstance(c, Element)] == ["html"]
    assert page.all("html")[0].attributes == {"lang": "en"}
    assert page.all("meta")[0].attributes == {"charset": "utf-8"}
    assert page.all("title")[0].text == "Positions on A new United Nations convention on cybercrime"
    assert len(page.all("h1")) == 1


def positions_shown(section: Element) -> dict[str, list[str]]:
    """Return which names stand under which heading of a document's section."""
    shown: dict[str, list[str]] = {}
    heading = ""
    for child in section.children:
        if not isinstance(child, Element):
            continue
        if child.tag == "h3":
            heading = child.words
            shown[heading] = []
        elif child.tag == "details" and child.attributes == {} and heading and child.all("ol"):
            name = next(c for c in child.all("summary")[0].children if isinstance(c, str))
            shown[heading].append(name.strip())
        elif child.tag == "p" and heading.startswith("Listed only"):
            shown[heading] += child.words.split(", ")
    return shown


def test_every_position_stands_under_its_heading(page: Element, labelling: Labelling) -> None:
    sections = page.all("section")
    assert len(sections) == len(labelling.documents) == 2
    for section, labelled in zip(sections, labelling.documents, strict=True):
        expected = {}
        for position, heading in HEADINGS.items():
            names = sorted(p.speaker_name for p in labelled.positions if p.position == position)
            if names:
                expected[f"{heading} ({len(names)})"] = names
        assert positions_shown(section) == expected
        assert sum(map(len, expected.values())) == len(labelled.positions)
    # All four headings occur, or the test above would say little.
    assert {h.split(" (")[0] for s in sections for h in positions_shown(s)} == set(HEADINGS.values())


def test_the_bar_counts_the_positions(page: Element, labelling: Labelling) -> None:
    for section, labelled in zip(page.all("section"), labelling.documents, strict=True):
        bar = next(e for e in section.all("div") if e.attributes.get("class") == "bar")
        counts = {k: sum(p.position == k for p in labelled.positions) for k in HEADINGS}
        assert bar.attributes["aria-label"] == ", ".join(f"{n} {k}" for k, n in counts.items())
        assert {s.attributes["class"]: s.text for s in bar.all("span")} == {
            f"b-{k}": str(n) for k, n in counts.items() if n
        }


def test_every_delegation_shows_its_statements(page: Element, labelling: Labelling) -> None:
    for section, labelled in zip(page.all("section"), labelling.documents, strict=True):
        shown = {d.all("summary")[0].words: d for d in section.all("details") if d.all("ol")}
        for p in labelled.positions:
            own = [s for s in labelled.scored if s.statement.speaker == p.speaker]
            if not own:
                continue
            chance = p.p[list(HEADINGS).index(p.position)]
            key = f"{p.speaker_name}{' uncertain' if chance < 0.6 else ''} {chance:.2f}"
            items = [" ".join(i.text.split()) for i in shown[key].all("li")]
            assert items == [f"{s.statement.sentence} {s.stance} — {' '.join(s.statement.text.split())}" for s in own]


def test_the_full_text_is_there_once(page: Element, labelling: Labelling) -> None:
    for section, labelled in zip(page.all("section"), labelling.documents, strict=True):
        text = next(e for e in section.all("div") if e.attributes.get("class") == "text")
        spans = [e for e in text.all("span") if e.attributes.get("id")]
        shown = [(s.all("mark") or [s])[0].text for s in spans]
        assert shown == [s.text for s in labelled.attribution.sentences]
        marked = {int(s.attributes["id"].split("s")[1]) for s in spans if s.all("mark")}
        assert marked == {s.statement.sentence for s in labelled.scored}


def test_links_lead_somewhere_and_names_are_unique(page: Element) -> None:
    ids = [e.attributes["id"] for e in page.all() if "id" in e.attributes]
    assert len(ids) == len(set(ids)) > 60
    links = [a.attributes["href"] for a in page.all("a")]
    assert links and {link.removeprefix("#") for link in links} <= set(ids)


def test_heading_and_source_of_each_document(page: Element) -> None:
    first, second = page.all("section")
    assert first.all("h2")[0].words.startswith("Committee Weighs Call for Cybercrime Convention")
    assert first.all("p")[0].words == "SOC/CT/77 · 14 May · committee_debate"
    assert second.all("p")[0].words.startswith("SOC/CP/365 · ")


def test_model_and_failures_are_told(page: Element, labelling: Labelling) -> None:
    notes = [e.words for e in page.all("p") if e.attributes.get("class") == "note"]
    assert f"“tiny” (digest {labelling.model.digest[:12]})" in notes[0]
    assert "is called from a probability of 0.5 on" in notes[0]
    assert notes[1].startswith("Not labelled:") and "gone.txt: no such file" in notes[1]


def test_a_summary_without_delegations_says_so(report: Callable[..., str]) -> None:
    page = parse(report("The weather was fine. Lunch was served at noon."))
    assert "No delegation was found in this document." in page.words
    assert page.all("h3") == []
    assert page.all("h2")[0].text == "note"


# --- self-contained and safe ------------------------------------------------------------------------------------------


def test_nothing_is_loaded(page: Element) -> None:
    assert_harmless(page)


def test_markup_in_a_sentence_is_shown_as_text(report: Callable[..., str]) -> None:
    sentence = "The delegate of Togo said <script>alert(1)</script> & <img src=x onerror='alert(2)'> to “all”."
    html = report(f"{sentence}\n\nFiji’s representative agreed.\n")
    assert "<script" not in html
    page = parse(html)
    assert_harmless(page)
    assert page.all("mark")[0].text == sentence
    assert page.all("li")[0].words == f"1 {page.all('li')[0].all('span')[0].text} — {sentence}"


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
        page.all("h2")[0].words == "Speakers <i onmouseover='alert(4)'>Differ</i> over Text & Title of New Convention"
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
