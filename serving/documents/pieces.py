"""What of a page is heading, what is a row of a table, and what is running text."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import accumulate, pairwise

from serving.port_types import Document, Mark


class Pieces:
    def __init__(self, page: Document) -> None:
        self._text = page.text
        self._marks = sorted({mark.at: mark for mark in _marks(page)}.values(), key=_place)

    def cut(self, start: int, end: int, columns: str) -> tuple[str, tuple[Mark, ...]]:
        """A part of the text, headings with an empty line below, behind the row that names its
        columns; and what begins where in it.
        """
        parts, marks = [columns], [Mark(0, "row")] if columns else []
        for mark, stop in self._within(start, end):
            marks.append(Mark(sum(map(len, parts)), mark.kind))
            part = self._text[mark.at : stop]
            parts.append(f"{part.rstrip()}\n\n" if mark.kind == "heading" else part)
        return "".join(parts).rstrip(), tuple(marks)

    def _within(self, start: int, end: int) -> Iterator[tuple[Mark, int]]:
        first = bisect_right(self._marks, start, key=_place) - 1
        last = bisect_left(self._marks, end, key=_place)
        kind = self._marks[first].kind if first >= 0 else "text"
        marks = [Mark(start, kind), *self._marks[first + 1 : last]]
        for mark, following in pairwise([*marks, Mark(end, "text")]):
            yield mark, following.at


def _place(mark: Mark) -> int:
    return mark.at


def _marks(page: Document) -> Iterator[Mark]:
    """Those of tables last, since a heading may stand in a cell."""
    for heading in page.headings:
        if end := _end_of(page.text, heading.at, heading.title):
            yield Mark(end, "text")
            yield Mark(heading.at, "heading")
    for rows in page.tables:
        yield Mark(rows.end, "text")
        yield Mark(rows.begin, "row")
        lines = page.text[rows.begin : rows.end].split("\n")
        starts = accumulate(len(line) + 1 for line in lines[:-1])
        yield from (Mark(rows.begin + start, "row") for start in starts)


def _end_of(text: str, begin: int, title: str) -> int:
    """Behind the lines that hold the title; 0 where it does not stand there."""
    wanted, found, end = _letters(title), "", begin
    while wanted and len(found) < len(wanted) and end < len(text):
        stop = text.find("\n", end)
        stop = len(text) if stop < 0 else stop
        found, end = found + _letters(text[end:stop]), stop + 1
    return min(end, len(text)) if wanted and wanted in found else 0


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()
