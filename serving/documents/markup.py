"""What is a paragraph, a row, a text in the XML of office files (ECMA-376, OpenDocument 1.3)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
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

    def blocks(self, node: Any) -> Iterator[str]:
        """Paragraphs, and rows of tables: their cells stay on one line, beside their neighbours."""
        for child in node:
            if child.tag == self.row:
                yield " | ".join(self._cells(child))
            elif child.tag in self.paragraphs:
                yield "".join(self._texts(child))
            else:
                yield from self.blocks(child)

    def _cells(self, row: Any) -> Iterator[str]:
        for cell in row.iter(self.cell):
            if text := " ".join(" ".join(self.blocks(cell)).split()):
                yield text

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
    paragraphs=frozenset({f"{_W}p"}),
    row=f"{_W}tr",
    cell=f"{_W}tc",
    text=f"{_W}t",
    spaces={f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"},
)
SLIDE = Markup(
    paragraphs=frozenset({f"{_A}p"}),
    row=f"{_A}tr",
    cell=f"{_A}tc",
    text=f"{_A}t",
    spaces={f"{_A}br": "\n"},
)
OPEN_DOCUMENT = Markup(
    paragraphs=frozenset({f"{_TEXT}p", f"{_TEXT}h"}),
    row=f"{_TABLE}table-row",
    cell=f"{_TABLE}table-cell",
    spaces={f"{_TEXT}s": " ", f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n"},
)
