"""Text that knows its headings, put together of the blocks that readers find in a file."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby
from typing import Literal

from serving.port_types import Heading, Rows

Kind = Literal["text", "heading", "row"]
BETWEEN_CELLS = " | "


@dataclass(frozen=True)
class Text:
    text: str
    headings: tuple[Heading, ...] = ()
    tables: tuple[Rows, ...] = ()
    tags: tuple[str, ...] = ()

    def moved(self, by: int) -> "Text":
        """As part of a text in which it begins there."""
        headings = (replace(each, at=each.at + by) for each in self.headings)
        tables = (replace(each, begin=each.begin + by, end=each.end + by) for each in self.tables)
        return replace(self, headings=tuple(headings), tables=tuple(tables))


@dataclass(frozen=True)
class Block:
    """`level` is that of a heading, 0 being the title of the whole."""

    text: str
    kind: Kind = "text"
    level: int = 0


# By page, or one without a number where there are none.
Pages = list[tuple[int | None, Text]]


def text_of(blocks: Iterable[Block]) -> Text:
    return joined(_parts(block for block in blocks if block.text.strip()))


def _parts(blocks: Iterable[Block]) -> Iterator[Text]:
    """The rows of a table stand line below line."""
    for is_row, together in groupby(blocks, lambda block: block.kind == "row"):
        if is_row:
            yield table_of([block.text for block in together])
        else:
            yield from map(_part, together)


def table_of(rows: Sequence[str]) -> Text:
    """Two columns are often names and values, so that the first row is none of headings."""
    text = "\n".join(rows)
    return Text(text, tables=(Rows(0, len(text), rows[0].count(BETWEEN_CELLS) > 1),))


def _part(block: Block) -> Text:
    text = block.text.strip()
    if block.kind == "text":
        return Text(text)
    return Text(text, (Heading(0, block.level, " ".join(text.split())),))


def joined(texts: Iterable[Text]) -> Text:
    """With an empty line between, without those that are empty."""
    kept = [each for each in texts if each.text]
    starts = accumulate((len(each.text) + 2 for each in kept), initial=0)
    moved = [each.moved(start) for each, start in zip(kept, starts, strict=False)]
    return Text(
        "\n\n".join(each.text for each in kept),
        tuple(heading for each in moved for heading in each.headings),
        tuple(rows for each in moved for rows in each.tables),
    )


def in_a_line(cells: Iterable[str]) -> str:
    """Beside each other as in the table; an empty one keeps its place."""
    return BETWEEN_CELLS.join(" ".join(cell.split()) for cell in cells).rstrip(" |")
