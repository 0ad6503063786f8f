"""Web pages to text: what people read of a page, without its menus, and where it links to."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

from serving.documents.formats.blocks import Text, in_a_line, joined
from serving.documents.formats.encodings import decode_page
from serving.port_types import Heading, Rows

# Around the text of a page, or no text at all.
DROPPED = (
    "script, style, noscript, template, svg, iframe, nav, aside, button, select, textarea, "
    "body > header, body > footer, [role=navigation], [hidden]"
)
BLOCKS = (
    "p, div, section, article, li, dt, dd, tr, td, th, pre, blockquote, figcaption, table, ul, ol, "
    "h1, h2, h3, h4, h5, h6"
)
MOST_DEPTH = 512  # as browsers have it
TOO_DEEP = ">".join("*" * (MOST_DEPTH + 1))
CHARSET = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE)
HEADINGS = "h1, h2, h3, h4, h5, h6"
# What no table of values has in its cells, but one that lays out a page.
NO_VALUES = "h1, h2, h3, h4, h5, h6, ul, ol, p + p, div + div, article, section"
# Put where the parser's tree is told of once it is text; no text has these characters.
HEADING = "\ufdd1\ufdd2\ufdd3\ufdd4\ufdd5\ufdd6"  # of level 1, 2 …
ROWS, HEADED, END = "\ufdd7", "\ufdd8", "\ufdd9"
MARKED = re.compile(f"([{HEADING}{ROWS}{HEADED}{END}])")
SPACES = re.compile(r"[^\S\n]+")
EMPTY_LINES = re.compile(r"\n\s*\n\s*")


@dataclass(frozen=True)
class Page:
    title: str
    body: Text
    links: tuple[str, ...]
    indexed: bool
    canonical: str = ""  # the address that the page has for itself

    @property
    def text(self) -> str:
        return self.body.text

    @property
    def titled(self) -> Text:
        """Its title is none of its text."""
        return joined([Text(self.title, (Heading(0, 0, self.title),)), self.body])


def read_page(content: bytes, url: str, charset: str | None = None) -> Page:
    """Raises ValueError for a page that no browser would show as it is."""
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(_decode(content, charset))
    if tree.css_first(TOO_DEEP) is not None:
        raise ValueError(f"its elements are nested more than {MOST_DEPTH} deep")
    rules = _robots_rules(tree)
    links = () if "nofollow" in rules else tuple(_links(tree, url))
    heading = tree.css_first("title")
    title = " ".join(heading.text().split()) if heading else ""
    canonical = _canonical(tree, url)
    return Page(title, _text(tree), links, "noindex" not in rules, canonical)


def _decode(content: bytes, charset: str | None) -> str:
    declared = CHARSET.search(content[:2048])
    name = declared[1].decode("ascii", "ignore").lower() if declared else None
    # A declaration that can be read as ASCII is not in UTF-16, whatever it says.
    return decode_page(content, charset, "utf-8" if name and name.startswith("utf-16") else name)


def _robots_rules(tree: Any) -> str:
    return " ".join(
        (meta.attributes.get("content") or "").lower() for meta in tree.css("meta[name=robots]")
    )


def _canonical(tree: Any, url: str) -> str:
    link = tree.css_first("link[rel~=canonical][href]")
    try:
        return urldefrag(urljoin(url, link.attributes["href"].strip())).url if link else ""
    except (ValueError, AttributeError):
        return ""


def _links(tree: Any, url: str) -> list[str]:
    """Absolute and without fragments, in the order of the page."""
    base = tree.css_first("base[href]")
    root = urljoin(url, base.attributes["href"] or "") if base else url
    links: dict[str, None] = {}
    for link in tree.css("a[href]"):
        if "nofollow" in (link.attributes.get("rel") or ""):
            continue
        try:
            target = urldefrag(urljoin(root, (link.attributes["href"] or "").strip())).url
            scheme = urlsplit(target).scheme
        except ValueError:
            continue
        if scheme in ("http", "https"):
            links[target] = None
    return list(links)


def _text(tree: Any) -> Text:
    root = tree.css_first("main, [role=main]") or tree.css_first("article") or tree.body
    if root is None:
        return Text("")
    for node in tree.css(DROPPED):
        node.decompose()
    for node in root.css("br"):
        node.replace_with("\n")
    for table in filter(_of_values, root.css("table")):
        _in_lines(table)
    for node in root.css(BLOCKS):
        node.insert_before("\n\n")
        node.insert_after("\n\n")
    for node in root.css(HEADINGS):
        if node.text().strip():
            node.insert_before(HEADING[int(node.tag[1]) - 1])
    lines = SPACES.sub(" ", root.text(separator="")).strip()
    return _unmarked(EMPTY_LINES.sub("\n\n", lines))


def _of_values(table: Any) -> bool:
    """And not one that lays out a page."""
    if len(table.css("table")) > 1:  # itself and those in it
        return False
    return bool(table.css_first("th, thead, caption")) or not table.css_first(NO_VALUES)


def _in_lines(table: Any) -> None:
    for block in table.css(BLOCKS):
        block.insert_before(" ")
    caption = table.css_first("caption")
    rows = [row.css("td, th") for row in table.css("tr")]
    lines = [in_a_line(cell.text() for cell in row) for row in rows]
    headed = bool(rows) and all(cell.tag == "th" for cell in rows[0])
    title = f"{' '.join(caption.text().split())}\n\n" if caption else ""
    body = "\n".join(filter(None, lines))
    table.replace_with(f"\n\n{title}{HEADED if headed else ROWS}{body}{END}\n\n")


def _unmarked(marked: str) -> Text:
    text, *parts = MARKED.split(marked)
    headings, tables = [], []
    for mark, part in zip(parts[::2], parts[1::2], strict=True):
        if mark in HEADING:
            part = part.lstrip()
            title = " ".join(part.partition("\n\n")[0].split())
            headings.append(Heading(len(text), HEADING.index(mark) + 1, title))
        elif mark != END:
            tables.append(Rows(len(text), len(text) + len(part), mark == HEADED))
        text += part
    return Text(text, tuple(headings), tuple(tables))
