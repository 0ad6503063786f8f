"""Rows of tables in a PDF, beside the same manual as web pages: is a row of these a row there, and
does it say of each value which column it is in?
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser

from serving.documents.reading import read_document
from tests.bench import corpus

MANUAL = "debian-reference.en.pdf"
PAGES = re.compile(r"debian-reference-en/.*\.en\.html$")
OTHERWISE = re.compile(r"\W")  # what the two write differently: quotes, hyphens, ends of lines


@dataclass(frozen=True)
class Row:
    names: Sequence[str]
    cells: Sequence[str]

    def stands_in(self, lines: Sequence[str]) -> bool:
        """All cells in one line; of more than two columns, each behind its column's name."""
        named = len(self.names) == len(self.cells) > 2
        pairs = zip(self.names, self.cells, strict=True) if named else ()
        wanted = [name + cell for name, cell in pairs if cell] or self.cells
        return any(all(each in line for each in wanted) for line in lines)


def tables_of_a_pdf() -> str:
    [content] = corpus.named([MANUAL]).values()
    pages = read_document(MANUAL, content).documents
    lines = [_plain(line) for page in pages for line in page.text.splitlines()]
    rows = list(_rows())
    found = sum(row.stands_in(lines) for row in rows)
    tables = sum(len(page.tables) for page in pages)
    return "\n".join(
        [
            f"Tables of {MANUAL} beside its web pages: {tables} in {len(pages)} pages",
            f"  rows                               {len(rows):8}",
            f"  of them rows in the PDF, too       {found:8}",
        ]
    )


def _rows() -> Iterator[Row]:
    for name, content in corpus.documents():
        if PAGES.match(name):
            for table in LexborHTMLParser(content).css("table:has(th)"):
                names = [_plain(each.text()) for each in table.css("th")]
                rows = ([_plain(c.text()) for c in row.css("td")] for row in table.css("tr"))
                yield from (Row(names, cells) for cells in rows if sum(map(bool, cells)) > 1)


def _plain(text: str) -> str:
    return OTHERWISE.sub("", text)
