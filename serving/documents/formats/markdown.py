"""Markdown as it is written; where its headings and tables are, a parser of CommonMark says."""

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Any

from serving.documents.formats.blocks import Text, joined
from serving.documents.formats.front_matter import parted
from serving.port_types import Heading, Rows


def read_markdown(source: str) -> tuple[Text, tuple[str, ...]]:
    """And the names of what its front matter says only to programs."""
    front, body = parted(source.replace("\r\n", "\n").replace("\r", "\n"))
    title = (Heading(0, 0, front.title),) if front.title else ()
    text = joined([Text("\n".join(front.lines)), _text(body)])
    return Text(text.text, (*title, *text.headings), text.tables, front.tags), front.unread


def _text(body: str) -> Text:
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark").enable("table").parse(body)
    lines = list(accumulate((len(line) + 1 for line in body.split("\n")), initial=0))
    return Text(body, tuple(_headings(tokens, lines)), tuple(_tables(tokens, lines, len(body))))


def _headings(tokens: Sequence[Any], lines: Sequence[int]) -> Iterator[Heading]:
    for token, inline in pairwise(tokens):
        if token.type == "heading_open" and inline.content:
            yield Heading(lines[token.map[0]], int(token.tag[1]), " ".join(inline.content.split()))


def _tables(tokens: Sequence[Any], lines: Sequence[int], end: int) -> Iterator[Rows]:
    for token in tokens:
        if token.type == "table_open":
            first, behind = token.map
            yield Rows(lines[first], min(lines[behind], end), headed=True)
