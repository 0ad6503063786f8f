"""What is a paragraph, a row, a text in the XML of office files (ECMA-376, OpenDocument 1.3)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from serving.documents.formats.blocks import Block, Kind, in_a_line

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
# What a text box says once more for programs that do not know it.
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"


@dataclass(frozen=True)
class Markup:
    paragraphs: frozenset[str]
    row: str
    cell: str
    text: str = ""  # the element that holds text; '' where all of a paragraph's text counts
    spaces: Mapping[str, str] = field(default_factory=dict)

    def blocks(self, node: Any, levels: Mapping[Any, int]) -> Iterator[Block]:
        """`levels` are those of the paragraphs that are headings."""
        for child in node:
            if child.tag == self.row:
                yield Block(in_a_line(self._cells(child)), "row")
            elif child.tag in self.paragraphs:
                kind: Kind = "heading" if child in levels else "text"
                yield Block("".join(self._texts(child)), kind, levels.get(child, 0))
            else:
                yield from self.blocks(child, levels)

    def _cells(self, row: Any) -> Iterator[str]:
        for cell in row.iter(self.cell):
            yield " ".join(block.text for block in self.blocks(cell, {}))

    def _texts(self, node: Any) -> Iterator[str]:
        if not self.text or node.tag == self.text:
            yield node.text or ""
        for child in node:
            if child.tag in self.spaces:
                yield self.spaces[child.tag]
            elif child.tag != _FALLBACK:
                yield from self._texts(child)
            if not self.text:
                yield child.tail or ""


WORD = Markup(
    paragraphs=frozenset({f"{W}p"}),
    row=f"{W}tr",
    cell=f"{W}tc",
    text=f"{W}t",
    spaces={f"{W}tab": "\t", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-"},
)
SLIDE = Markup(
    paragraphs=frozenset({f"{A}p"}),
    row=f"{A}tr",
    cell=f"{A}tc",
    text=f"{A}t",
    spaces={f"{A}br": "\n"},
)
OPEN_DOCUMENT = Markup(
    paragraphs=frozenset({f"{TEXT}p", f"{TEXT}h"}),
    row=f"{_TABLE}table-row",
    cell=f"{_TABLE}table-cell",
    spaces={f"{TEXT}s": " ", f"{TEXT}tab": "\t", f"{TEXT}line-break": "\n"},
)
