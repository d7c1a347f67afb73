"""The source of a web page → its article, with the title, date and symbol that the page states.

In: decoded HTML. Out: a :class:`Content` whose text is the article's paragraphs, without menus, share bars and footers.
Doubtful elements are kept where they hold prose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from stance.documents.dates import find_date, is_date_line, iso_or_none
from stance.documents.libraries import import_quietly
from stance.documents.model import Content
from stance.documents.symbols import own_symbol
from stance.documents.text import TERMINAL, squeeze, word_set
from stance.errors import InputError

_DEAD_TAGS = word_set(
    "script style noscript template iframe object embed svg button select input textarea figcaption video audio"
)
_BLOCK_TAGS = word_set(
    "address article aside blockquote body caption center dd details dialog div dl dt fieldset footer h1 h2 h3 h4 h5 "
    "h6 header hr html li main nav ol p pre section summary table tbody td tfoot th thead tr ul"
)
_WRAPPERS = word_set("div ul ol section aside nav header footer span table dl")
_CHROME_TOKENS = word_set(
    "breadcrumb breadcrumbs menu nav navbar navigation sidebar social share sharing sharethis addtoany addthis related "
    "footer pager pagination cookie cookies newsletter subscribe toolbar comments advert promo switcher login search "
    "skip teaser"
)
_CHROME_ROLES = word_set("navigation banner contentinfo search complementary menu menubar")
_BODY_FIELD = re.compile(r"field--?name-(?:field-)?(?:body|full-?text|text|intro|lead|annex|content|paragraphs?)")
_BREAK = "\x1e"  # stands for <br> until whitespace is collapsed; text with control characters was refused before
_REFERENCE = re.compile(r"&#(?:x([0-9a-f]{1,6})|([0-9]{1,7}));?", re.I)
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ufffe\uffff]")


def _character(reference: re.Match[str]) -> str:
    """Resolve a numeric reference to a control character as browsers do; lxml would choke on it."""
    code = int(reference.group(1), 16) if reference.group(1) else int(reference.group(2))
    if 0x80 <= code < 0xA0:  # "&#146;" of the nineties: the position in Windows-1252
        return bytes([code]).decode("cp1252", "ignore")
    unfit = code > 0x10FFFF or 0xD800 <= code < 0xE000 or _NOT_XML.match(chr(code))
    return "" if unfit else reference.group()


@dataclass
class _Block:
    """A paragraph of a page: its text, its tag, how many of its characters are link text, and whether it is article."""

    text: str
    tag: str
    linked: int
    inside: bool

    @property
    def density(self) -> float:
        return self.linked / max(1, len(self.text))


def read_html(text: str, shown: str) -> Content:
    # Bytes, because lxml refuses a str that carries an XML encoding declaration.
    html = import_quietly("lxml.html")
    markup = _REFERENCE.sub(_character, re.sub(r"^\s*<\?xml[^>]*\?>", "", text))
    data = _NOT_XML.sub("", markup).encode("utf-8", "replace")
    try:
        tree = html.document_fromstring(data, parser=html.HTMLParser(encoding="utf-8", remove_comments=True))
    except Exception:  # lxml's parser errors have no common base that is safe to name
        raise InputError(f"{shown}: no content in this page; save it again as HTML") from None
    content = _page_metadata(tree, text)
    for element in list(tree.iter(*_DEAD_TAGS)):
        _drop(element)
    fields = _body_fields(tree)
    _drop_chrome(tree, fields)
    containers = _choose_containers(tree, fields)
    blocks = list(_blocks(tree, containers, html))
    if not containers:
        _trim_to_article(blocks, text)
    first = next((i for i, block in enumerate(blocks) if block.inside), 0)
    before = [block for block in blocks[:first] if block.density < 0.5][-30:]
    article = [block.text for block in blocks if block.inside]
    for block in before:
        content.symbol = content.symbol or own_symbol(block.text)
        if content.published is None and is_date_line(block.text):
            content.published = iso_or_none(find_date(block.text))
    title = content.title
    # The article's own head line is outside the body field on Drupal pages; readers expect it in the text.
    if title and not any(squeeze(paragraph) == squeeze(title) for paragraph in article[:8]):
        article.insert(0, title)
    content.text = "\n\n".join(article)
    return content


def _drop(element: Any) -> None:
    # Emptied rather than taken out: drop_tree() moves text about and refuses characters that XML forbids.
    if element.getparent() is not None:
        element.clear(keep_tail=True)


def _page_metadata(tree: Any, source: str) -> Content:
    """Read title, date and address from the page's head before anything is thrown away."""
    meta: dict[str, str] = {}
    for element in tree.iter("meta"):
        key = element.get("property") or element.get("name") or element.get("itemprop") or ""
        meta.setdefault(key.lower(), (element.get("content") or "").strip())
    content = Content("")
    page_title = squeeze(" ".join(tree.xpath("//head/title//text()")))
    social = meta.get("og:title", "")
    headlines = [
        (element, " ".join(element.text_content().split(" ")).strip())
        for element in tree.iter("h1")
        if not any(_is_chrome(parent) for parent in element.iterancestors())
    ]
    headlines = [
        (element, re.sub(r"[ \t\r\n\f]+", " ", headline))
        for element, headline in headlines
        if headline and squeeze(headline) != squeeze(meta.get("og:site_name", ""))
    ]
    # With several <h1>, one is the site's name or a block's; the page's own title says which.
    named = [h for _, h in headlines if squeeze(h) in page_title or squeeze(h) in squeeze(social)]
    placed = [h for e, h in headlines if any(a.tag in ("article", "main") for a in e.iterancestors())]
    content.title = next(iter(named + placed + [h for _, h in headlines]), None) or social or None
    for key in ("article:published_time", "dcterms.date", "dcterms.issued", "dc.date", "dc.date.issued", "date"):
        content.published = content.published or iso_or_none(find_date(meta.get(key, "")))
    if content.published is None:
        found = re.search(r'"datePublished"\s*:\s*"(\d{4}-\d\d-\d\d)', source)
        content.published = found.group(1) if found else None
    for element in tree.iter("time"):
        if content.published is None and not any(_is_chrome(parent) for parent in element.iterancestors()):
            content.published = iso_or_none(find_date(element.get("datetime") or element.text_content()))
    for element in tree.xpath("//*[contains(@class, 'field') and contains(@class, 'symbol')]"):
        content.symbol = content.symbol or own_symbol(element.text_content())
    address = next(iter(tree.xpath("//link[@rel='canonical']/@href")), "") or meta.get("og:url", "")
    year = re.search(r"/((?:19|20)\d\d)/", address)
    content.year = int(year.group(1)) if year else None
    return content


def _tokens(element: Any) -> set[str]:
    return set(re.split(r"[^a-z]+", f"{element.get('class') or ''} {element.get('id') or ''}".lower()))


def _is_chrome(element: Any) -> bool:
    if not isinstance(element.tag, str) or element.tag in ("html", "body", "main"):
        return False
    if element.tag in ("nav", "footer", "aside") or (element.get("role") or "").lower() in _CHROME_ROLES:
        return True
    return element.tag in _WRAPPERS | {"article"} and not _CHROME_TOKENS.isdisjoint(_tokens(element))


def _length(element: Any) -> int:
    return len("".join(element.text_content().split()))


def _body_fields(tree: Any) -> list[Any]:
    """Return the elements that hold the article on Drupal pages (press.un.org, enb.iisd.org) and their forerunners."""
    found = [
        element
        for element in tree.iter()
        if isinstance(element.tag, str)
        and (
            any(_BODY_FIELD.fullmatch(name) for name in (element.get("class") or "").lower().split())
            or (element.get("id") or "").lower() == "fullstory"
            or element.get("itemprop") == "articleBody"
        )
        and not any(_is_chrome(parent) for parent in element.iterancestors())
    ]
    if not found:
        return []
    largest = max(found, key=_length)
    home = next((parent for parent in largest.iterancestors("article")), None)
    # Other fields count only in the same article: site-wide blocks have a "body" field as well.
    same = [e for e in found if e is largest or (home is not None and home in list(e.iterancestors("article"))[:1])]
    return [e for e in same if not any(parent in same for parent in e.iterancestors())]


def _drop_chrome(tree: Any, fields: Sequence[Any]) -> None:
    """Remove menus, share bars, related links and the like; inside the body only what holds no prose."""
    total = _prose_length(tree)
    for element in list(tree.iter()):
        if not isinstance(element.tag, str) or element.getparent() is None:
            continue
        unseen = {"visually-hidden", "sr-only"}.intersection((element.get("class") or "").lower().split())
        styled = re.search(r"display\s*:\s*none", element.get("style") or "")
        hidden = "hidden" in element.attrib or bool(unseen or styled)
        headless = element.tag == "header" and not any(a.tag == "article" for a in element.iterancestors())
        # Some sites wrap the whole page in one form.
        form = element.tag == "form" and not _prose_length(element)
        if not (hidden or headless or form or _is_chrome(element)):
            continue
        if any(element in e.iterancestors() for e in fields):
            continue
        # A theme may call the wrapper of everything "has-sidebar": what holds most of the page's prose is no menu.
        named = element.tag in ("nav", "footer") or (element.get("role") or "").lower() in _CHROME_ROLES
        prose = _prose_length(element)
        if not named and prose > total / 2:
            continue
        careful = headless or any(parent in fields for parent in element.iterancestors())
        if careful and prose and sum(map(_length, element.iter("a"))) < 0.3 * _length(element):
            continue
        _drop(element)


def _prose_length(element: Any) -> int:
    """Return how many characters stand in paragraphs that are sentences."""
    texts = [
        leaf.text_content().strip()
        for leaf in element.iter(*_BLOCK_TAGS)
        if not any(child.tag in _BLOCK_TAGS for child in leaf)
    ]
    return sum(len(text) for text in texts if len(text.split()) >= 5 and TERMINAL.search(text[-40:]))


def _choose_containers(tree: Any, fields: list[Any]) -> list[Any]:
    """Return the elements whose text is the article; none where the page's structure does not tell."""
    candidates = [e for e in tree.iter("article") if not any(_is_chrome(a) for a in e.iterancestors())]
    article = max(candidates, key=_length, default=None)
    mains = list(tree.iter("main")) + tree.xpath("//*[@role='main' or @id='content' or @id='main-content']")
    main = max(mains, key=_length, default=None)
    size = sum(_length(e) for e in fields)
    if fields and size >= 0.5 * (_length(article) if article is not None else 0):
        return fields
    if article is not None and (main is None or _length(article) >= 0.5 * _length(main)):
        return [article]
    if main is not None and _length(main):
        return [main]
    return fields


def _blocks(tree: Any, containers: Sequence[Any], html: Any) -> Iterator[_Block]:
    """Walk the page and yield its paragraphs in order."""
    pieces: list[tuple[str, bool]] = []
    done: list[_Block] = []

    def flush(tag: str, inside: bool) -> None:
        # Runs of browser whitespace are one space; no-break spaces are text.
        text = re.sub(r"[ \t\r\n\f]+", " ", "".join(piece for piece, _ in pieces))
        text = text.replace("\u00ad", "").replace("\u200b", "")
        linked = sum(len(piece.strip()) for piece, is_link in pieces if is_link)
        pieces.clear()
        for part in re.split(rf"[ \u00a0]*{_BREAK}(?:[ \u00a0]*{_BREAK})+[ \u00a0]*", text):
            lines = [line.strip(" ") for line in part.split(_BREAK)]
            paragraph = _NOT_XML.sub("", "\n".join(line for line in lines if line.strip()))
            if paragraph:
                done.append(_Block(paragraph, tag, linked, inside))

    def walk(element: Any, tag: str, inside: bool, link: bool, pre: bool) -> None:
        name = element.tag
        if not isinstance(name, str):  # comment or processing instruction
            return
        if name == "head":
            return
        block = name in _BLOCK_TAGS
        inside = inside or element in containers
        if name == "br":
            pieces.append((_BREAK, link))
        if name == "tr" and not any(
            grand.tag in _BLOCK_TAGS for cell in element for grand in cell.iter() if grand is not cell
        ):
            # A row of a data table is one paragraph: "Peru | in favour" means nothing in two.
            flush(tag, inside)
            cells = [" ".join(cell.text_content().split(" ")).strip() for cell in element if isinstance(cell.tag, str)]
            pieces.append((" | ".join(cell for cell in cells if cell.strip()), link))
            flush("tr", inside)
            return
        if block:
            flush(tag, inside if element not in containers else False)
            tag = name
        link, pre = link or name == "a", pre or name == "pre"
        add(element.text, link, pre)
        for child in element:
            walk(child, tag, inside, link, pre)
            add(child.tail, link, pre)
        if block:
            flush(tag, inside)

    def add(text: str | None, link: bool, pre: bool) -> None:
        if text:
            pieces.append((re.sub(r"\n[ \t\r]*\n\s*", _BREAK * 2, text) if pre else text, link))

    everything = not containers
    body = tree.find("body")
    walk(tree if body is None else body, "body", everything, False, False)
    flush("body", everything)
    yield from done


def _trim_to_article(blocks: list[_Block], source: str) -> None:
    """Mark what precedes and follows the article on a page whose structure does not tell, with trafilatura's opinion.

    Only its opinion on where the article begins and ends is taken: it may skip a short paragraph in between, and a
    paragraph of prose is kept even outside.
    """
    try:
        found = import_quietly("trafilatura").extract(
            source, include_comments=False, include_tables=True, favor_recall=True, deduplicate=False
        )
    except Exception:  # an opinion is all it was asked for; without one the whole page is the article
        found = None
    lines = {squeeze(line.lstrip("- ")) for line in (found or "").splitlines() if len(line) > 30}
    hits = [i for i, block in enumerate(blocks) if squeeze(block.text) in lines]
    if not hits:
        return
    legal = [bool(re.search(r"©|\(c\) \d{4}|all rights reserved|cookies", b.text, re.I)) for b in blocks]
    unlinked = [i for i, block in enumerate(blocks) if block.density < 0.3 and not legal[i]]
    # An opinion that leaves out most of what is no link is about another page than this one.
    trusted = 2 * sum(len(blocks[i].text) for i in hits) > sum(len(blocks[i].text) for i in unlinked)
    sentences = [i for i in unlinked if not trusted or TERMINAL.search(blocks[i].text[-40:])]
    first, last = min([*hits, *sentences]), max([*hits, *sentences])
    while first and blocks[first - 1].tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
        first -= 1
    certain = range(hits[0], hits[-1] + 1)
    outside = set(range(len(blocks))).difference(certain, unlinked)
    for i, block in enumerate(blocks):
        block.inside = first <= i <= last and i not in outside
