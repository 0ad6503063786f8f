"""reStructuredText as docutils understands it; what it does not know stays as it is written."""

import re
from collections.abc import Iterator
from typing import Any

from serving.documents.formats.blocks import Block, Text, in_a_line, text_of

# Nothing is fetched, run or written, and nothing of the machine is told.
SETTINGS = {
    "_disable_config": True,
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "report_level": 5,
    "halt_level": 6,
    "syntax_highlight": "none",
    "smart_quotes": False,
}
# `.. name:: argument` and its `:option:` lines, of what only another program knows (Sphinx).
DIRECTIVE = re.compile(r"^\s*\.\.\s+[\w:.+-]+::[ \t]*|^\s+:[\w-]+:.*\n?", re.MULTILINE)
INCLUDED = re.compile(r"^\s*\.\.\s+(?:literal)?include::[ \t]*(\S.*)$", re.MULTILINE)
ROLE = re.compile(r":[\w:.+-]+:`~?([^`<]*?)(?:\s*<[^`>]*>)?`")
# Told of once more than in the text, or not for readers at all.
UNSHOWN = ("comment", "substitution_definition", "target", "pending", "meta", "decoration")


def read_restructured(source: str) -> tuple[Text, list[str]]:
    """And which other files it would take in."""
    from docutils.core import publish_doctree

    tree = publish_doctree(source, settings_overrides=SETTINGS)
    return text_of(_blocks(tree, 0)), INCLUDED.findall(source)


def _blocks(node: Any, level: int) -> Iterator[Block]:
    from docutils import nodes

    for child in node.children:
        if child.tagname in UNSHOWN:
            continue
        if isinstance(child, (nodes.title, nodes.subtitle)):
            yield Block(_plain(child), "heading", level)
        elif isinstance(child, nodes.row):
            yield Block(in_a_line(_plain(entry) for entry in child.children), "row")
        elif isinstance(child, nodes.list_item):
            yield from _item(child, level)
        elif isinstance(child, nodes.system_message):
            yield from _not_understood(child)
        elif isinstance(child, (nodes.field, nodes.Bibliographic)):
            yield Block(_field(child))
        elif isinstance(child, nodes.image):
            yield Block(child.get("alt", ""))
        elif isinstance(child, nodes.TextElement):
            yield Block(_plain(child))
        else:
            yield from _blocks(child, level + isinstance(child, nodes.section))


def _field(field: Any) -> str:
    name = field.tagname if field.tagname != "field" else field.children[0].astext()
    value = field if field.tagname != "field" else field.children[1]
    return f"{name}: {_plain(value)}"


def _item(item: Any, level: int) -> Iterator[Block]:
    first, *others = [*_blocks(item, level), Block("")]
    yield Block(f"- {first.text}", first.kind, first.level)
    yield from others


def _not_understood(message: Any) -> Iterator[Block]:
    """What the parser did not take stands in it, as it was written."""
    from docutils import nodes

    for source in message.findall(nodes.literal_block):
        if source.astext().lstrip().startswith(".."):
            yield Block(ROLE.sub(r"\1", DIRECTIVE.sub("", source.astext())))


def _plain(node: Any) -> str:
    text: str = node.astext()
    return ROLE.sub(r"\1", text)
