"""Headings, tables and front matter: known from the file's own marks, and respected when cut."""

import io
from pathlib import Path

import docx
import pytest
from docx.oxml.ns import qn
from fpdf import FPDF

from serving.component import Context
from serving.components.data_source.documents import DocumentsConfig, DocumentSource
from serving.components.preprocessing.text_splitter import SplitterConfig, TextSplitter
from serving.documents.reading import Read, read_document
from serving.models.llm import Llm
from serving.port_types import Chunk, Document, Documents

MARKDOWN = b"""---
title: Handbook
tags: [office, travel]
author: Maria Keller
date: 2026-05-01
layout: post
---
# Travel
Ask first.

Hotels
------
```
# no heading
```
Up to 140 euros.
"""
RST = b"""
Handbook
========
:Author: Maria Keller

Travel
------
See :ref:`the rules <rules>`.

.. comment for editors

.. versionadded:: 3.2
   Trains count, too.

.. include:: other.txt

====== ======
Item   Price
====== ======
Hotel  140
====== ======
"""
HTML = b"""<title>Handbook</title><h1>Travel</h1><p>Ask <b>fi</b>rst.</p><h2> <a>Hotels</a> </h2>
<table><tr><th>Item</th><th>Price</th></tr><tr><td><p>Room</p><p>single</p></td><td>140</td></tr>
<tr><td></td><td>160</td></tr></table>
<table><tr><td>Menu</td><td><h3>Trains</h3><p>Second class.</p></td></tr></table>"""


def headings(read: Read) -> list[tuple[int, str, str]]:
    """Level, title and what stands there."""
    return [
        (each.level, each.title, page.text[each.at :].partition("\n")[0])
        for page in read.documents
        for each in page.headings
    ]


def tables(read: Read) -> list[str]:
    return [page.text[rows.begin : rows.end] for page in read.documents for rows in page.tables]


def test_markdown_is_read_with_its_title_and_tags_aside() -> None:
    read = read_document("a.md", MARKDOWN)
    assert headings(read) == [
        (0, "Handbook", "author: Maria Keller"),
        (1, "Travel", "# Travel"),
        (2, "Hotels", "Hotels"),
    ]
    [page] = read.documents
    assert page.tags == ("office", "travel")
    assert page.text.startswith("author: Maria Keller\ndate: 2026-05-01\n\n# Travel")
    [told] = read.left_out
    assert str(told) == "a.md: its front matter says layout, which is not read"


DOUBLED = "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))
LOOKALIKES = {
    "no mapping": b"---\nNo mapping here.\n---\nText.",
    "no YAML": b"---\n{\n---\nText.",
    "aliases without end": b"---\ntags: &a [*a]\n---\nText.",
    "more than memory": f"---\na0: &a0 ['']\n{DOUBLED}---\nText.".encode(),
}


@pytest.mark.timeout(30)
@pytest.mark.parametrize("rule", LOOKALIKES.values(), ids=LOOKALIKES)
def test_what_only_looks_like_front_matter_is_text(rule: bytes) -> None:
    assert read_document("a.md", rule).documents[0].text == rule.decode()


def test_front_matter_may_be_toml() -> None:
    read = read_document("a.md", b'+++\ntitle = "Guide"\ntags = ["gpu"]\n+++\nText.')
    assert headings(read) == [(0, "Guide", "Text.")]
    assert read.documents[0].tags == ("gpu",)


def test_restructured_text_is_read_as_docutils_understands_it() -> None:
    read = read_document("a.rst", RST)
    assert [title for _, title, _ in headings(read)] == ["Handbook", "Travel"]
    assert tables(read) == ["Item | Price\nHotel | 140"]
    text = read.documents[0].text
    assert "See the rules." in text
    assert "Trains count, too." in text
    assert "author: Maria Keller" in text
    assert "for editors" not in text
    assert [str(told) for told in read.left_out] == [
        "a.rst: it includes other.txt, which is not read"
    ]


def test_a_page_keeps_its_headings_and_the_rows_of_its_tables() -> None:
    read = read_document("a.html", HTML)
    assert headings(read) == [
        (0, "Handbook", "Handbook"),
        (1, "Travel", "Travel"),
        (2, "Hotels", "Hotels "),
        (3, "Trains", "Trains"),
    ]
    assert tables(read) == ["Item | Price\nRoom single | 140\n | 160"]
    assert "Ask first." in read.documents[0].text
    assert "Menu\n\nTrains\n\nSecond class." in read.documents[0].text


def test_headings_of_word_are_known_in_every_language() -> None:
    document, file = docx.Document(), io.BytesIO()
    document.add_heading("Handbook", level=0)
    style = document.styles["Heading 2"]
    style.element.set(qn("w:styleId"), "berschrift2")
    document.add_paragraph("Hotels", style=style)
    document.add_paragraph("Up to 140 euros.")
    document.save(file)
    found = headings(read_document("a.docx", file.getvalue()))
    assert found == [(0, "Handbook", "Handbook"), (2, "Hotels", "Hotels")]


def outlined() -> bytes:
    """Its page header says a title before the heading does."""
    pdf = FPDF()
    pdf.set_font("helvetica", size=12)
    for title, text in (("Travel", "Ask first."), ("Hotels", "Up to 140 euros.")):
        pdf.add_page()
        pdf.cell(text=f"Rules of 2026 {title}", new_x="LMARGIN", new_y="NEXT")
        pdf.start_section(title)
        pdf.cell(text=f"4.2 {title}", new_x="LMARGIN", new_y="NEXT")
        pdf.cell(text=text)
    pdf.add_page()
    pdf.cell(text="Breakfast is extra.")
    return bytes(pdf.output())


def numbered() -> bytes:
    pdf = FPDF()
    pdf.set_font("helvetica", size=12)
    pdf.add_page()
    for line in ("3.1. Hotels ........ 9", "3.1. Hotels", "Up to 140 euros.", "2.5 km is far."):
        pdf.cell(text=line, new_x="LMARGIN", new_y="NEXT")
    return bytes(pdf.output())


def test_headings_of_a_pdf_are_those_of_its_outline() -> None:
    found = headings(read_document("a.pdf", outlined()))
    assert [(title, line.strip()) for _, title, line in found] == [
        ("Travel", "4.2 Travel"),
        ("Hotels", "4.2 Hotels"),
    ]


def test_headings_of_a_pdf_without_outline_are_its_numbered_lines() -> None:
    found = headings(read_document("a.pdf", numbered()))
    assert [(level, title) for level, title, _ in found] == [(2, "3.1 Hotels")]


def cut(pages: tuple[Document, ...], size: int = 30, overlap: int = 5) -> tuple[Chunk, ...]:
    context = Context(Path(), Path(), Llm("", ""), lambda progress: None)
    splitter = TextSplitter(SplitterConfig(chunk_size=size, overlap=overlap), context)
    return splitter._split_all(pages).items


def test_passages_say_under_which_headings_they_stand_across_pages() -> None:
    chunks = cut(read_document("a.pdf", outlined()).documents)
    assert [(chunk.page, chunk.section) for chunk in chunks] == [
        (1, ""),
        (2, "Travel"),
        (3, "Hotels"),
    ]


def test_a_section_begins_a_passage_unless_the_one_before_is_tiny() -> None:
    text = f"# Long\n{'word ' * 26}\n\n# Next\nShort.\n\n# Last\nShort, too."
    chunks = cut(read_document("a.md", text.encode()).documents)
    assert [chunk.text.partition("\n")[0] for chunk in chunks] == ["# Long", "# Next"]
    assert [chunk.section for chunk in chunks] == ["Long", "Next"]
    assert "# Last" in chunks[1].text


def rows(count: int) -> str:
    lines = [f"| pump {n} | {n} euros | shelf {n} |" for n in range(count)]
    return "\n".join(["| item | price | place |", "|---|---|---|", *lines])


def test_a_table_that_fits_is_kept_whole() -> None:
    text = f"{'word ' * 26}\n\n{rows(4)}\n\nAfter it."
    chunks = cut(read_document("a.md", text.encode()).documents, size=90)
    assert [chunk.text.count("euros") for chunk in chunks] == [4]
    chunks = cut(read_document("a.md", text.encode()).documents, size=60)
    assert [chunk.text.count("euros") for chunk in chunks] == [0, 4]


def test_a_longer_table_is_cut_between_rows_and_each_part_names_its_columns() -> None:
    chunks = cut(read_document("a.md", rows(9).encode()).documents, size=40, overlap=0)
    assert len(chunks) > 2
    for chunk in chunks:
        first, *others = chunk.text.split("\n")
        assert first == "| item | price | place |"
        assert all(line.startswith("|") and line.endswith("|") for line in others)
    assert sum(chunk.text.count("euros") for chunk in chunks) == 9


def test_rows_of_a_sheet_are_not_cut() -> None:
    content = "item,price\n" + "".join(f"pump {n},{n}\n" for n in range(30))
    chunks = cut(read_document("a.csv", content.encode()).documents, size=20, overlap=0)
    lines = [line for chunk in chunks for line in chunk.text.split("\n")]
    assert lines == ["item | price", *(f"item: pump {n}; price: {n}" for n in range(30))]


def test_a_passage_is_found_by_its_headings_and_tags() -> None:
    [chunk] = cut(read_document("a.md", MARKDOWN).documents)
    assert chunk.section == "Handbook"
    assert chunk.found_by.splitlines()[:2] == ["Handbook", "office, travel"]


@pytest.mark.slow
async def test_files_that_say_the_same_are_read_once_and_told(tmp_path: Path) -> None:
    contents = {"a.md": "One text.", "b.txt": "One\ntext.", "c.md": "Another."}
    for name, text in contents.items():
        (tmp_path / name).write_text(text)
    context = Context(tmp_path / "node", tmp_path, Llm("", ""), lambda progress: None)
    found: Documents = await DocumentSource(DocumentsConfig(path=str(tmp_path)), context).run()
    assert found.names == {"a.md", "c.md"}
    assert (found.reading.given, found.reading.read) == (3, 2)
    assert list(found.reading.lines()) == ["b.txt: it says the same as a.md"]
