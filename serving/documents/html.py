"""Web pages to text: what people read of a page, without its menus, and where it links to."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

from serving.documents.encodings import decode_page

# Around the text of a page, or no text at all.
DROPPED = (
    "script, style, noscript, template, svg, iframe, nav, aside, button, select, textarea, "
    "body > header, body > footer, [role=navigation], [hidden]"
)
BLOCKS = (
    "p, div, section, article, li, dt, dd, tr, pre, blockquote, figcaption, table, ul, ol, "
    "h1, h2, h3, h4, h5, h6"
)
MOST_DEPTH = 512  # as browsers have it
TOO_DEEP = ">".join("*" * (MOST_DEPTH + 1))
CHARSET = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE)
SPACES = re.compile(r"[^\S\n]+")
EMPTY_LINES = re.compile(r"\n\s*\n\s*")


@dataclass(frozen=True)
class Page:
    title: str
    text: str
    links: tuple[str, ...]
    indexed: bool


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
    return Page(title, _text(tree), links, "noindex" not in rules)


def _decode(content: bytes, charset: str | None) -> str:
    declared = CHARSET.search(content[:2048])
    name = declared[1].decode("ascii", "ignore").lower() if declared else None
    # A declaration that can be read as ASCII is not in UTF-16, whatever it says.
    return decode_page(content, charset, "utf-8" if name and name.startswith("utf-16") else name)


def _robots_rules(tree: Any) -> str:
    return " ".join(
        (meta.attributes.get("content") or "").lower() for meta in tree.css("meta[name=robots]")
    )


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


def _text(tree: Any) -> str:
    root = tree.css_first("main, [role=main]") or tree.css_first("article") or tree.body
    if root is None:
        return ""
    for node in tree.css(DROPPED):
        node.decompose()
    for node in root.css("br"):
        node.replace_with("\n")
    for node in root.css(BLOCKS):
        node.insert_before("\n\n")
        node.insert_after("\n\n")
    lines = SPACES.sub(" ", root.text(separator="")).strip()
    return EMPTY_LINES.sub("\n\n", lines)
