"""Under which headings a place in a document stands, and which columns it has."""

import sys

from serving.port_types import Document, Heading

BETWEEN = " › "
MOST_CHARACTERS = 300
MOST_NAMES = 300  # characters


class Sections:
    """Asked page by page and from each page's begin to its end."""

    def __init__(self) -> None:
        self._document = ""
        self._path: list[Heading] = []
        self._ahead: list[Heading] = []

    def begin(self, page: Document) -> None:
        if page.name != self._document:
            self._document, self._path = page.name, []
        else:
            self._pass_by(sys.maxsize)
        self._ahead = list(page.headings)

    def at(self, place: int) -> str:
        """Where it stands: `Travel › Hotels`."""
        self._pass_by(place)
        return BETWEEN.join(dict.fromkeys(heading.title for heading in self._path))[
            :MOST_CHARACTERS
        ]

    def _pass_by(self, place: int) -> None:
        while self._ahead and self._ahead[0].at <= place:
            heading = self._ahead.pop(0)
            self._path = [each for each in self._path if each.level < heading.level] + [heading]


def columns_above(page: Document, place: int) -> str:
    """The row that names the columns, for what begins further down in its table."""
    for rows in page.tables:
        if rows.headed and rows.begin < place < rows.end:
            names = page.text[rows.begin : rows.end].partition("\n")[0]
            below = place > rows.begin + len(names)
            return f"{names}\n" if below and len(names) <= MOST_NAMES else ""
    return ""
