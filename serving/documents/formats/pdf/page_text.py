"""The text of a page, tables in their place and row by row."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from ctypes import addressof
from dataclasses import dataclass, replace
from itertools import groupby, takewhile
from typing import TYPE_CHECKING

from serving.documents.formats.blocks import Text, joined
from serving.documents.formats.pdf.ruled_lines import Point, Turn, ruled_lines, upright
from serving.documents.formats.pdf.tables import Cell, Grid, Header, grids, is_table, table

if TYPE_CHECKING:
    import pypdfium2

LINE_HYPHEN = "\x02"
MOST_ABOVE, MOST_BELOW = 80, 20  # characters of running titles, and of page numbers


@dataclass(frozen=True)
class Character:
    """`table` and `cell` are those it lies in."""

    text: str
    table: Grid | None = None
    cell: Cell | None = None


def page_text(page: "pypdfium2.PdfPage", above: Header | None) -> tuple[Text, Header | None]:
    """`above` is of the table with which the page before ends, and so is what is returned."""
    with closing(page.get_textpage()) as textpage:
        turned = upright(textpage)
        found = grids(ruled_lines(page, turned))
        if found and (marked := _marked(textpage, turned, found)):
            return _with_tables(marked, above)
        return Text(plain(textpage.get_text_bounded())), None


def plain(text: str) -> str:
    """PDFium marks the hyphen that only ends a line; broken fonts give lone surrogates."""
    lines = text.replace("\r\n", "\n").replace(f"{LINE_HYPHEN}\n", "").replace("\0", "")
    return lines.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")


def _marked(
    textpage: "pypdfium2.PdfTextPage", turned: Turn, found: Sequence[Grid]
) -> list[Character]:
    """All characters; none where there is no table among what was found."""
    marked = list(_placed(textpage, turned, found))
    tables = {grid for grid in found if is_table(grid, _texts(marked, grid))}
    kept = (each if each.table in tables else Character(each.text) for each in marked)
    return list(kept) if tables else []


def _placed(
    textpage: "pypdfium2.PdfTextPage", turned: Turn, found: Sequence[Grid]
) -> Iterator[Character]:
    """White space, of which PDFium makes some up, stands where the character before it does; so
    does what a word that is too long for its cell draws over the next one.
    """
    from pypdfium2.raw import FPDFText_GetUnicode

    last = Character("")
    for at in range(textpage.count_chars()):
        text = chr(FPDFText_GetUnicode(textpage, at))
        placed = _in_its_cell(text, turned(_middle(textpage, at)), found)
        if _is_space(text) or (_parts(last, placed) and _drawn_at_once(textpage, at)):
            placed = replace(last, text=text)
        yield (last := placed)


def _is_space(text: str) -> bool:
    return text.isspace() or text == LINE_HYPHEN


def _parts(last: Character, this: Character) -> bool:
    """Whether a border runs between characters of one word."""
    return last.cell is not None and last.cell != this.cell and not _is_space(last.text)


def _drawn_at_once(textpage: "pypdfium2.PdfTextPage", at: int) -> bool:
    """With the character before, so that both are of one cell."""
    from pypdfium2.raw import FPDFText_GetTextObject

    this, last = (FPDFText_GetTextObject(textpage, each) for each in (at, at - 1))
    return bool(this and last) and addressof(this.contents) == addressof(last.contents)


def _middle(textpage: "pypdfium2.PdfTextPage", at: int) -> Point:
    left, bottom, right, top = textpage.get_charbox(at)
    return (left + right) / 2, (bottom + top) / 2


def _in_its_cell(text: str, place: Point, found: Sequence[Grid]) -> Character:
    inside = ((grid, grid.cell(place)) for grid in found)
    return next((Character(text, grid, cell) for grid, cell in inside if cell), Character(text))


def _texts(characters: Sequence[Character], grid: Grid) -> dict[Cell, str]:
    cells: dict[Cell, list[str]] = defaultdict(list)
    for each in characters:
        if each.table is grid and each.cell:
            cells[each.cell].append(each.text)
    return {cell: plain("".join(texts)).strip() for cell, texts in cells.items()}


def _with_tables(marked: Sequence[Character], above: Header | None) -> tuple[Text, Header | None]:
    """Each table where its first character stands."""
    parts: list[Text] = []
    seen: set[Grid] = set()
    below: Header | None = None
    for grid, run in groupby(marked, lambda each: each.table):
        if grid is None:
            parts.append(Text(plain("".join(each.text for each in run)).strip()))
        elif grid not in seen:
            goes_on = above if _only_page_numbers(parts, MOST_ABOVE) else None
            text, below = table(grid, _texts(marked, grid), goes_on)
            parts.append(text)
            seen.add(grid)
    behind = list(takewhile(lambda part: not part.tables, reversed(parts)))
    return joined(parts), below if _only_page_numbers(behind, MOST_BELOW) else None


def _only_page_numbers(parts: Sequence[Text], most: int) -> bool:
    """And the like, of not more characters, so that a table goes on across two pages."""
    return not any(part.tables for part in parts) and sum(len(each.text) for each in parts) <= most
