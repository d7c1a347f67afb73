"""The report in a real browser: it opens, sorts, filters and prints, and runs nothing that a document holds.

Needs playwright and a Chromium of the system (``apt-get install chromium``); without them these tests are skipped.
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdf
import pytest

from stance.labelling import LabelledDocument, Labelling, label_inputs
from stance.model import Classifier
from stance.reporting.report import render_report

api = pytest.importorskip("playwright.sync_api")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")

ROOT = Path(__file__).parent.parent
DEBATE = ROOT / "data" / "meetings" / "SOC_CP_365.txt"
EXAMPLE = ROOT / "data" / "examples" / "committee_debate.txt"
RATIO = """element => {
  const light = text => {
    const [r, g, b] = text.match(/[\\d.]+/g).slice(0, 3).map(Number).map(x => x / 255)
      .map(x => x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  let up = element;
  while (getComputedStyle(up).backgroundColor === "rgba(0, 0, 0, 0)") up = up.parentElement;
  const [a, b] = [light(getComputedStyle(element).color), light(getComputedStyle(up).backgroundColor)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with api.sync_playwright() as playwright:
        # In a container, where tests may run as root, Chromium's own sandbox does not start.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def pages(tiny_classifier: Classifier, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The report of the debate, and that of two documents."""
    folder = tmp_path_factory.mktemp("pages")
    for name, inputs in (("debate", [DEBATE]), ("two", [EXAMPLE, DEBATE])):
        labelling = label_inputs([str(path) for path in inputs], tiny_classifier)
        (folder / f"{name}.html").write_text(render_report(labelling), encoding="utf-8")
    return {path.stem: path for path in folder.iterdir()}


@pytest.fixture
def show(browser: Any) -> Iterator[Callable[..., Any]]:
    """Open a page and, at the end, assert that it asked for nothing and complained of nothing."""
    contexts, troubles = [], []

    def show(path: Path, width: int = 1200, fragment: str = "", **options: Any) -> Any:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: troubles.append(message.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("request", lambda request: troubles.append(request.url) if request.url != url else None)
        url = path.as_uri()
        page.goto(url + fragment)
        page.troubles = troubles
        return page

    yield show
    for context in contexts:
        context.close()
    assert troubles == []


def names(page: Any) -> list[str]:
    return [body.locator("th").inner_text() for body in page.locator("tbody:visible").all()]


def test_the_answer_can_be_sorted(show: Callable[..., Any], pages: dict[str, Path]) -> None:
    page = show(pages["debate"])
    before = names(page)
    assert len(before) == 41
    order = {"for": 0, "against": 1, "neutral": 2, "none": 3}
    stands = page.locator("tbody").evaluate_all("all => all.map(b => b.dataset.position)")
    assert stands == sorted(stands, key=order.__getitem__)

    page.locator("[data-key=name]").click()
    assert names(page) == sorted(before, key=str.casefold)
    assert page.locator("th[aria-sort]").evaluate_all("all => all.map(h => h.textContent)") == ["Delegation"]
    page.locator("[data-key=name]").click()
    assert names(page) == sorted(before, key=str.casefold, reverse=True)
    assert page.locator("th[aria-sort=descending]").count() == 1

    page.locator("[data-key=statements]").click()
    counts = [int(cell.inner_text()) for cell in page.locator("tbody tr:first-child td:nth-of-type(4)").all()]
    assert counts == sorted(counts) and max(counts) > 1


def test_the_answer_can_be_filtered(show: Callable[..., Any], pages: dict[str, Path]) -> None:
    page = show(pages["debate"])
    assert page.locator("#shown").inner_text() == "41 of 41 shown"
    page.get_by_label("Find").fill("AFRIC")
    assert sorted(names(page)) == ["African Group", "South Africa"]
    assert page.locator("#shown").inner_text() == "2 of 41 shown"
    page.get_by_label("Find").fill("")
    page.get_by_role("checkbox", name="Neutral").uncheck()
    page.get_by_role("checkbox", name="Silent").uncheck()
    shown = page.locator("tbody:visible").evaluate_all("all => all.map(b => b.dataset.position)")
    assert set(shown) == {"for", "against"}
    page.get_by_label("uncertain only").check()
    unsure = page.locator("tbody:visible").evaluate_all("all => all.map(b => b.dataset.unsure)")
    assert set(unsure) <= {"1"} and len(unsure) < len(shown)


def test_a_delegation_opens_to_its_statements(show: Callable[..., Any], pages: dict[str, Path]) -> None:
    page = show(pages["debate"])
    assert page.locator(".detail:visible").count() == 0
    button = page.get_by_role("button", name="Switzerland")
    button.focus()
    page.keyboard.press("Enter")
    assert page.locator(".detail:visible").count() == 1
    assert button.get_attribute("aria-expanded") == "true"
    assert "Switzerland" in page.locator(".detail:visible").inner_text()
    page.get_by_role("button", name="Close all").click()
    assert page.locator(".detail:visible").count() == 0
    page.get_by_role("button", name="Open all").click()
    assert page.locator(".detail:visible").count() == 41


def test_links_open_what_they_lead_to(show: Callable[..., Any], pages: dict[str, Path]) -> None:
    page = show(pages["two"])
    page.locator(".chip", has_text="Switzerland").click()
    detail = page.locator(".detail:visible")
    assert detail.count() == 1
    link = detail.locator("li a").first
    goal = page.locator(str(link.get_attribute("href")))
    assert not goal.is_visible()
    link.click()
    goal.wait_for(state="visible")
    assert "Switzerland" in str(goal.get_attribute("title"))
    # A link that was followed before opens what was closed since.
    page.get_by_role("button", name="Close all").click()
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = false; })")
    page.locator(".chip", has_text="Switzerland").click()
    page.get_by_role("button", name="Close all").click()
    page.locator(".chip", has_text="Switzerland").click()
    assert detail.count() == 1
    # The same from outside: an address that somebody was sent.
    again = show(pages["two"], fragment=str(link.get_attribute("href")))
    assert again.locator(str(link.get_attribute("href"))).is_visible()


def test_one_delegation_is_picked_out_of_the_text(show: Callable[..., Any], pages: dict[str, Path]) -> None:
    page = show(pages["debate"])
    page.get_by_label("Show what is reported of").select_option(label="Switzerland")
    lit = page.locator("mark.lit")
    assert lit.count() > 0
    assert all("Switzerland" in str(mark.get_attribute("title")) for mark in lit.all())
    assert page.locator("mark").count() > lit.count()
    page.get_by_label("Show what is reported of").select_option(label="every delegation")
    assert lit.count() == 0 and page.locator(".dim").count() == 0


@pytest.mark.parametrize("name", ["debate", "two"])
def test_nothing_sticks_out_on_a_phone(show: Callable[..., Any], pages: dict[str, Path], name: str) -> None:
    page = show(pages[name], width=360)
    page.get_by_role("button", name="Open all").click()
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    # What was said is read without scrolling, however wide the table is.
    edges = page.locator("ol.said li").evaluate_all("all => all.map(li => li.getBoundingClientRect().right)")
    assert edges and max(edges) <= 360


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read(show: Callable[..., Any], pages: dict[str, Path], scheme: str) -> None:
    page = show(pages["two"], color_scheme=scheme)
    page.get_by_role("button", name="Open all").click()
    page.locator("details").evaluate_all("all => all.forEach(d => { d.open = true; })")
    for selector in (
        "p",
        "a",
        "dt span",
        ".chip",
        ".bar span",
        "button",
        "th",
        "td",
        "li",
        ".tag span",
        "mark",
        "sup a",
    ):
        found = page.locator(selector)
        assert found.count() > 0, selector
        # The ratio that WCAG 2.2 asks for, level AA.
        assert found.evaluate_all(f"all => Math.min(...all.map({RATIO}))") >= 4.5, selector


def test_dark_is_dark(show: Callable[..., Any], pages: dict[str, Path]) -> None:
    colours = [
        show(pages["debate"], color_scheme=scheme).evaluate("getComputedStyle(document.body).backgroundColor")
        for scheme in ("light", "dark")
    ]
    assert colours == ["rgb(255, 255, 255)", "rgb(20, 23, 28)"]


def test_all_of_it_is_printed(show: Callable[..., Any], pages: dict[str, Path]) -> None:
    page = show(pages["two"])
    printed = pypdf.PdfReader(io.BytesIO(page.pdf()))
    text = " ".join(" ".join(sheet.extract_text() for sheet in printed.pages).split())
    for sentence in ("Also delivering statements", "Who stands where", "a statement takes a side from a probability"):
        assert sentence in text
    statement = " ".join(page.locator(".sentence").first.text_content().split())
    # In the table and in the full text (and perhaps as context of the next).
    assert text.replace(" ", "").count(statement.replace(" ", "")) >= 2
    assert "Open all" not in text


def test_all_of_it_is_there_without_scripts(show: Callable[..., Any], pages: dict[str, Path]) -> None:
    for name, delegations in (("debate", 41), ("two", 54)):
        page = show(pages[name], java_script_enabled=False)
        assert page.locator(".detail:visible").count() == page.locator("tbody").count() == delegations
        assert page.locator("mark:visible").count() == page.locator("mark").count() > 40
        # What would do nothing is not shown.
        assert page.locator(".controls:visible").count() == 0


def test_a_script_in_a_document_does_not_run(
    show: Callable[..., Any], tiny_classifier: Classifier, tmp_path: Path
) -> None:
    sentence = (
        "The delegate of Togo said <script>document.title = 'run'</script><img src=x onerror=\"alert(1)\"> twice."
    )
    path = tmp_path / "odd.txt"
    path.write_text(sentence, encoding="utf-8")
    html = render_report(label_inputs([str(path)], tiny_classifier))
    report = tmp_path / "odd.html"
    report.write_text(html, encoding="utf-8")
    page = show(report)
    assert sentence in page.locator("#texts").inner_text()
    assert page.title().startswith("Positions on")

    # Were it not escaped, the policy of the page would still stop it.
    report.write_text(html.replace("</main>", "<script>document.title = 'run'</script></main>"), encoding="utf-8")
    page = show(report)
    assert page.title().startswith("Positions on")
    assert len(page.troubles) == 1 and "Content Security Policy" in page.troubles.pop()


def test_many_documents(show: Callable[..., Any], tiny_classifier: Classifier, tmp_path: Path) -> None:
    """Two hundred documents of one delegation's changing mind: a page that still opens, with a line through time."""
    (whole,) = label_inputs([str(DEBATE)], tiny_classifier).documents

    def copy(number: int) -> LabelledDocument:
        name = f"meeting_{number:03d}"
        return replace(
            whole,
            document=replace(whole.document, name=name, date=f"{2200 - number}-04-17"),
            scored=tuple(replace(s, statement=replace(s.statement, document=name)) for s in whole.scored),
            positions=tuple(replace(p, document=name) for p in whole.positions),
        )

    labelling = Labelling(tiny_classifier.target, tiny_classifier, [copy(i) for i in range(200)])
    assert sum(len(d.scored) for d in labelling.documents) > 5_000
    path = tmp_path / "many.html"
    path.write_text(render_report(labelling), encoding="utf-8")
    assert path.stat().st_size < 15_000_000
    page = show(path)
    assert "2001-04-17 to 2200-04-17" in page.locator(".source").first.inner_text()
    row = page.locator("tbody", has=page.get_by_role("button", name="Switzerland"))
    assert row.locator(".strip rect").count() == 200
    row.get_by_role("button").click()
    assert row.locator(".line circle").count() == 200
    labels = row.locator(".line title").evaluate_all("all => all.map(t => t.textContent)")
    assert labels == sorted(labels)
