from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from serving.component import Context
from serving.components.preprocessing.text_splitter import SplitterConfig, TextSplitter
from serving.documents.chunking import WORD, split
from serving.models.llm import Llm
from serving.port_types import Document, Documents

texts = st.text(alphabet="ab漢。.!? \n\u00a0é", max_size=400) | st.text(max_size=200)


def whole(text: str) -> Document:
    return Document("a.txt", None, text)


@st.composite
def settings(draw: st.DrawFn) -> tuple[int, int]:
    size = draw(st.integers(3, 12))
    return size, draw(st.integers(0, (size - 1) // 2))


@given(texts, settings())
def test_no_text_is_lost(text: str, sizes: tuple[int, int]) -> None:
    covered = {at for start, end in split(whole(text), *sizes) for at in range(start, end)}
    assert all(at in covered for at, character in enumerate(text) if not character.isspace())


@given(texts, settings())
def test_a_passage_has_at_most_the_wanted_words(text: str, sizes: tuple[int, int]) -> None:
    for start, end in split(whole(text), *sizes):
        assert 1 <= len(WORD.findall(text[start:end])) <= sizes[0]


@given(texts, settings())
def test_passages_move_forward_and_overlap_no_more_than_wanted(
    text: str, sizes: tuple[int, int]
) -> None:
    for (start, end), (next_start, next_end) in pairwise(split(whole(text), *sizes)):
        assert start < next_start
        assert end < next_end
        assert len(WORD.findall(text[next_start:end])) <= sizes[1]


@given(st.lists(texts, max_size=4))
async def test_a_passage_comes_from_one_page(pages: list[str]) -> None:
    context = Context(Path(), Path(), Llm("", ""), lambda progress: None)
    splitter = TextSplitter(SplitterConfig(chunk_size=20, overlap=5), context)
    documents = tuple(Document("a.pdf", n, text) for n, text in enumerate(pages, start=1))

    chunks = (await splitter.run(Documents(documents))).items

    assert all(chunk.text in pages[(chunk.page or 0) - 1] for chunk in chunks)
    assert {chunk.page for chunk in chunks} == {
        n for n, text in enumerate(pages, start=1) if text.strip() and WORD.search(text)
    }


@pytest.mark.parametrize(
    ("text", "passages"),
    [
        ("One two three. Four five six seven.", ["One two three.", "Four five six seven."]),
        ("One two\n\nthree four. Five six.", ["One two\n\nthree four.", "Five six."]),
        ("One two. Three\n\nfour five six.", ["One two. Three", "four five six."]),
        ("a b c d e f g", ["a b c d e", "f g"]),
    ],
)
def test_a_passage_ends_with_a_paragraph_or_else_a_sentence(text: str, passages: list[str]) -> None:
    assert [text[start:end] for start, end in split(whole(text), 5, 0)] == passages


@pytest.mark.parametrize(
    ("text", "passages"),
    [
        ("a b c d. e. f g h", ["a b c d. e.", "e. f g h"]),
        ("a b c d e f g h", ["a b c d e", "d e f g h"]),
    ],
)
def test_an_overlap_begins_with_a_sentence_if_one_is_near(text: str, passages: list[str]) -> None:
    assert [text[start:end] for start, end in split(whole(text), 5, 2)] == passages


def test_an_overlap_that_never_moves_forward_is_refused() -> None:
    with pytest.raises(ValidationError, match="less than half of chunk_size"):
        SplitterConfig(chunk_size=20, overlap=10)
