"""What of a passage is heading and what is a row: shown apart from the sentences beside them."""

from pathlib import Path

import pytest

from serving.component import Context
from serving.components.preprocessing.text_splitter import SplitterConfig, TextSplitter
from serving.components.storage.vector_store import _sentences
from serving.models.llm import Llm
from serving.port_types import Chunk, Document, Heading, Rows

TEXT = "3.1. Hotels\nUp to 140 euros. Ask first.\nItem | Price\nRoom | 140\nThe end."
ROWS = Rows(TEXT.index("Item"), TEXT.index("\nThe end"), headed=True)


def passages(page: Document, size: int = 120) -> tuple[Chunk, ...]:
    context = Context(Path(), Path(), Llm("", ""), lambda progress: None)
    splitter = TextSplitter(SplitterConfig(chunk_size=size, overlap=0), context)
    return splitter._split_all([page]).items


def page(text: str = TEXT, title: str = "3.1 Hotels", tables: tuple[Rows, ...] = ()) -> Document:
    return Document("rules.pdf", 1, text, (Heading(0, 2, title),), tables)


def test_a_heading_stands_above_the_text_of_its_passage_not_in_its_first_sentence() -> None:
    [passage] = passages(page(tables=(ROWS,)))
    assert passage.text.startswith("3.1. Hotels\n\nUp to 140 euros.")
    assert [(each.shown, each.found_by) for each in _sentences(passage)] == [
        ("Up to 140 euros. Ask first.", "3.1. Hotels Up to 140 euros."),
        ("Ask first.", "Ask first."),
        ("Item | Price", "Item | Price"),
        ("Room | 140", "Room | 140"),
        ("The end.", "The end."),
    ]


def test_a_heading_of_two_lines_is_one() -> None:
    [passage] = passages(
        page("3.1. Hotels and\nhostels\nUp to 140 euros.", "3.1 Hotels and hostels")
    )
    [only] = _sentences(passage)
    assert (only.shown, passage.text.count("\n\n")) == ("Up to 140 euros.", 1)


def test_a_heading_that_does_not_stand_there_takes_nothing_along() -> None:
    [passage] = passages(page("Up to 140 euros.\nAsk first.", "Hotels"))
    assert next(each.shown for each in _sentences(passage)) == "Up to 140 euros. Ask first."


def test_a_heading_with_nothing_below_it_is_shown_itself() -> None:
    [passage] = passages(page("3.1. Hotels"))
    assert [each.shown for each in _sentences(passage)] == ["3.1. Hotels"]


@pytest.mark.parametrize("size", [20, 40, 120])
def test_no_word_is_lost_and_each_row_stays_whole(size: int) -> None:
    rows = [f"part {n} | shelf {n} | {n} pieces" for n in range(30)]
    table = "\n".join(["item | place | stock", *rows])
    text = f"Stock\n{table}\nCounted in May."
    headed = Rows(6, 6 + len(table), headed=True)
    found = passages(page(text, "Stock", (headed,)), size)
    shown = [each.shown for passage in found for each in _sentences(passage)]
    assert [line for line in shown if "pieces" in line] == rows
    assert shown[-1] == "Counted in May."
