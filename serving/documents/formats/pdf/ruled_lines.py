"""The straight lines that are drawn on a page, across and down as whoever reads its text sees them.
Places are in points (1/72 inch), y growing upwards.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from ctypes import c_float
from dataclasses import dataclass
from math import pi
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pypdfium2

MOST_LINES = 5000  # of a page; what draws more is a map or a chart
MOST_DEPTH = 5
NEAR = 2.5  # two lines this close are one: the sides of a thin filled bar, say
SHORTEST = 4.0
LOOKED_AT = 50  # characters of a page

Point = tuple[float, float]
Stroke = tuple[Point, Point]
Turn = Callable[[Point], Point]


@dataclass(frozen=True)
class Line:
    """Across: `at` is its y, from x `begin` to x `end`; down: the other way about."""

    at: float
    begin: float
    end: float

    def reaches(self, place: float) -> bool:
        return self.begin - NEAR <= place <= self.end + NEAR


@dataclass(frozen=True)
class Lines:
    across: tuple[Line, ...] = ()
    down: tuple[Line, ...] = ()


def ruled_lines(page: "pypdfium2.PdfPage", turned: Turn) -> Lines:
    """None of a page on which there are too many."""
    across: list[Line] = []
    down: list[Line] = []
    for (x, y), (to_x, to_y) in ((turned(a), turned(b)) for a, b in _strokes(page)):
        if abs(y - to_y) < 1 and abs(x - to_x) >= SHORTEST:
            across.append(Line((y + to_y) / 2, *sorted((x, to_x))))
        elif abs(x - to_x) < 1 and abs(y - to_y) >= SHORTEST:
            down.append(Line((x + to_x) / 2, *sorted((y, to_y))))
        if len(across) + len(down) > MOST_LINES:
            return Lines()
    return Lines(_joined(across), _joined(down))


def upright(textpage: "pypdfium2.PdfTextPage") -> Turn:
    """From places on the page to such that its text runs from left to right."""
    from pypdfium2.raw import FPDFText_GetCharAngle

    count = textpage.count_chars()
    sample = range(0, count, max(count // LOOKED_AT, 1))
    quarters = (round(FPDFText_GetCharAngle(textpage, at) / (pi / 2)) % 4 for at in sample)
    return TURNS[Counter(quarters).most_common(1)[0][0] if count else 0]


# By quarters of a circle that the text is turned to the right.
TURNS: Sequence[Turn] = (
    lambda point: point,
    lambda point: (-point[1], point[0]),
    lambda point: (-point[0], -point[1]),
    lambda point: (point[1], -point[0]),
)


def _strokes(page: "pypdfium2.PdfPage") -> Iterator[Stroke]:
    from pypdfium2.raw import FPDF_PAGEOBJ_PATH

    for path in page.get_objects(filter=[FPDF_PAGEOBJ_PATH], max_depth=MOST_DEPTH):
        yield from _of_path(path, _matrix(path))


def _matrix(item: "pypdfium2.PdfObject") -> "pypdfium2.PdfMatrix":
    """From its own coordinates to the page's."""
    matrix = item.get_matrix()
    while item.container is not None:
        item = item.container
        matrix = matrix.multiply(item.get_matrix())
    return matrix


def _of_path(path: "pypdfium2.PdfObject", matrix: "pypdfium2.PdfMatrix") -> Iterator[Stroke]:
    """Curves are passed over."""
    from pypdfium2 import raw

    begin = last = (0.0, 0.0)
    x, y = c_float(), c_float()
    for at in range(raw.FPDFPath_CountSegments(path)):
        segment = raw.FPDFPath_GetPathSegment(path, at)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        point = matrix.on_point(x.value, y.value)
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == raw.FPDF_SEGMENT_LINETO:
            yield last, point
        elif kind == raw.FPDF_SEGMENT_MOVETO:
            begin = point
        last = point
        if raw.FPDFPathSegment_GetClose(segment):
            yield last, begin
            last = begin


def _joined(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Drawn cell by cell or as bars, they are whole again."""
    whole: list[Line] = []
    for together in _beside(sorted(lines, key=lambda line: line.at)):
        at = sum(line.at for line in together) / len(together)
        for line in sorted(together, key=lambda each: each.begin):
            last = whole[-1] if whole and whole[-1].at == at else None
            if last and last.reaches(line.begin):
                whole[-1] = Line(at, last.begin, max(last.end, line.end))
            else:
                whole.append(Line(at, line.begin, line.end))
    return tuple(whole)


def _beside(lines: Iterable[Line]) -> Iterator[list[Line]]:
    together: list[Line] = []
    for line in lines:
        if together and line.at - together[0].at > NEAR:
            yield together
            together = []
        together.append(line)
    if together:
        yield together
