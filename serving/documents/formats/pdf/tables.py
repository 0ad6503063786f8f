"""Tables that are ruled by lines: which cell a place on the page lies in, and what its rows say."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, takewhile
from statistics import median_low

from serving.documents.formats.blocks import Text, in_a_line, table_of
from serving.documents.formats.pdf.ruled_lines import NEAR, Line, Lines, Point
from serving.documents.formats.sheets import named
from serving.port_types import Rows

MOST_PAIRS = 500_000  # of lines that may cross
MOST_CELLS = 5000
LEAST_FILLED = 1 / 3  # of the cells; what has less is a form, a chart or a drawing
MOST_REPEATED = 100  # characters of one text for several rows or columns
LEAST_LINES = 3  # that stand beside each other in all cells of what is no single row

Cell = tuple[int, int]
Row = Sequence[str]


@dataclass(frozen=True, eq=False)
class Grid:
    """Borders from left to right and from the top down."""

    lines: Lines

    @cached_property
    def lefts(self) -> list[float]:
        return _apart([*(line.at for line in self.lines.down), *_ends(self.lines.across)])

    @cached_property
    def tops(self) -> list[float]:
        return _apart([*(line.at for line in self.lines.across), *_ends(self.lines.down)])[::-1]

    @property
    def columns(self) -> int:
        return len(self.lefts) - 1

    @property
    def rows(self) -> int:
        return len(self.tops) - 1

    def cell(self, place: Point) -> Cell | None:
        """By row and column; of cells that are one, the first. None outside."""
        x, y = place
        column = bisect_right(self.lefts, x) - 1
        row = bisect_right([-top for top in self.tops], -y) - 1
        return self._first.get((row, column))

    def row(self, row: int) -> list[Cell]:
        """Column by column; a cell that is one with others stands in each of their places."""
        return [self._first[row, column] for column in range(self.columns)]

    @cached_property
    def _first(self) -> Mapping[Cell, Cell]:
        first: dict[Cell, Cell] = {}
        for row in range(self.rows):
            for column in range(self.columns):
                if (row, column) not in first:
                    for each in self._one_with(row, column):
                        first.setdefault(each, (row, column))
        return first

    def _one_with(self, row: int, column: int) -> Iterator[Cell]:
        """The cells, to the right and below, from which no line parts it."""
        right, below = column, row
        while right + 1 < self.columns and not self._parted_down(row, right + 1):
            right += 1
        while below + 1 < self.rows and not self._parted_across(below + 1, column):
            below += 1
        return ((r, c) for r in range(row, below + 1) for c in range(column, right + 1))

    def _parted_down(self, row: int, column: int) -> bool:
        middle = (self.tops[row] + self.tops[row + 1]) / 2
        return _stands(self.lines.down, self.lefts[column], middle)

    def _parted_across(self, row: int, column: int) -> bool:
        middle = (self.lefts[column] + self.lefts[column + 1]) / 2
        return _stands(self.lines.across, self.tops[row], middle)


@dataclass(frozen=True)
class Header:
    """Of a table that may go on at the top of the next page."""

    names: Row
    lefts: Sequence[float]

    def fits(self, grid: Grid) -> bool:
        """Columns as wide as these."""
        widths = [right - left for left, right in pairwise(self.lefts)]
        theirs = [right - left for left, right in pairwise(grid.lefts)]
        near = (abs(a - b) <= 2 * NEAR for a, b in zip(widths, theirs, strict=False))
        return len(widths) == len(theirs) and all(near)


def grids(lines: Lines) -> list[Grid]:
    """Of at least two rows and two columns, from the top of the page down."""
    if len(lines.across) * len(lines.down) > MOST_PAIRS:
        return []
    found = (Grid(each) for each in _crossing(lines))
    tables = (
        grid
        for grid in found
        if grid.columns > 1 and grid.rows > 1 and grid.columns * grid.rows <= MOST_CELLS
    )
    return sorted(tables, key=lambda grid: -grid.tops[0])


def _crossing(lines: Lines) -> Iterator[Lines]:
    """Those that touch each other, together."""
    across, down = set(lines.across), set(lines.down)
    while across:
        mine, ahead = Lines(), Lines((across.pop(),))
        while ahead.across or ahead.down:
            mine = Lines(mine.across + ahead.across, mine.down + ahead.down)
            touched = {d for d in down if any(_cross(a, d) for a in ahead.across)}
            reached = {a for a in across if any(_cross(a, d) for d in ahead.down)}
            down, across, ahead = down - touched, across - reached, Lines((*reached,), (*touched,))
        yield mine


def _cross(across: Line, down: Line) -> bool:
    return across.reaches(down.at) and down.reaches(across.at)


def _ends(lines: Sequence[Line]) -> Iterator[float]:
    """Where most of them begin and end: the border there is often not drawn."""
    for places in ([line.begin for line in lines], [line.end for line in lines]):
        place = median_low(places) if places else 0.0
        if 2 * sum(abs(each - place) <= NEAR for each in places) > len(places):
            yield place


def _apart(places: Sequence[float]) -> list[float]:
    """Sorted; of those that are near each other, the first."""
    kept: list[float] = []
    for place in sorted(places):
        if not kept or place - kept[-1] > 2 * NEAR:
            kept.append(place)
    return kept


def _stands(lines: Sequence[Line], at: float, place: float) -> bool:
    return any(abs(line.at - at) <= 2 * NEAR and line.reaches(place) for line in lines)


def is_table(grid: Grid, texts: Mapping[Cell, str]) -> bool:
    rows = [
        [texts[cell] for cell in set(grid.row(at)) if texts.get(cell)] for at in range(grid.rows)
    ]
    filled = sum(map(len, rows)) >= LEAST_FILLED * grid.rows * grid.columns
    return filled and sum(len(row) > 1 for row in rows) > 1


def table(
    grid: Grid, texts: Mapping[Cell, str], above: Header | None
) -> tuple[Text, Header | None]:
    """Each row with the names of its columns. As it stands where these do not tell them apart, or
    where there are but two: often names and values. `above` is of a table that may go on here.
    """
    all_rows = list(_rows(grid, texts))
    titles = list(takewhile(lambda row: len(row) == 1, all_rows))
    names, rows = _header(grid, all_rows[len(titles) :], len(titles))
    if above and above.fits(grid) and names != above.names:
        names, rows, titles = above.names, [*titles, names, *rows], []
    if grid.columns < 3 or not _tell_apart(names):
        return table_of([in_a_line(row) for row in (*titles, names, *rows)]), None
    lines = [*(row[0] for row in titles), in_a_line(names), *(_line(names, row) for row in rows)]
    text = "\n".join(lines)
    return Text(text, tables=(Rows(0, len(text)),)), Header(names, grid.lefts)


def _rows(grid: Grid, texts: Mapping[Cell, str]) -> Iterator[Row]:
    """What reaches over all columns is a row of one text."""
    done: set[Cell] = set()
    for at in range(grid.rows):
        cells = grid.row(at)
        if len(set(cells)) > 1:
            yield from _lines_apart([*_repeated(cells, texts, done)])
        elif cells[0] not in done and texts.get(cells[0]):
            done.add(cells[0])
            yield [_plain(texts[cells[0]])]


def _repeated(cells: Sequence[Cell], texts: Mapping[Cell, str], done: set[Cell]) -> Iterator[str]:
    """A short text of several cells stands in each of their places, a long one in the first."""
    for cell in cells:
        text = texts.get(cell, "")
        yield text if cell not in done or len(text) <= MOST_REPEATED else ""
        done.add(cell)


def _lines_apart(row: Row) -> Iterator[Row]:
    """Rows between which no line is drawn: as many lines of text in each cell."""
    lines = [text.split("\n") for text in row]
    several = len(lines[0]) >= LEAST_LINES and len({len(each) for each in lines}) == 1
    for cells in zip(*lines, strict=True) if several else [row]:
        cleaned = [_plain(cell) for cell in cells]
        if any(cleaned):
            yield cleaned


def _header(grid: Grid, rows: Sequence[Row], at: int) -> tuple[Row, Sequence[Row]]:
    """The names of the columns, of several rows where one of them is that high; and the rest."""
    first = grid.row(at) if at < grid.rows else []
    height = 1
    while at + height < grid.rows - 1 and set(grid.row(at + height)) & set(first):
        height += 1
    names = [
        " ".join(dict.fromkeys(filter(None, column)))
        for column in zip(*rows[:height], strict=False)
    ]
    return names, rows[height:]


def _tell_apart(names: Row) -> bool:
    """Of a form the first row names nothing: one text reaches over several columns."""
    told = [name for name in names if name]
    return len(told) == len(set(told))


def _line(names: Row, row: Row) -> str:
    return "; ".join(named(names, row)) if len(row) > 1 else row[0]


def _plain(text: str) -> str:
    return " ".join(text.split())
