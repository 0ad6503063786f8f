"""Tables in PDFs: each row with the names of its columns, in the table's place on the page."""

import io
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from fpdf import FPDF
from fpdf.enums import TableHeadingsDisplay

from serving.component import Context
from serving.components.preprocessing.text_splitter import SplitterConfig, TextSplitter
from serving.documents.formats.pdf import ruled_lines
from serving.documents.reading import read_document
from serving.models.llm import Llm
from serving.port_types import Document, Documents

PRICES = [
    ["Hotel", "Single room", "Double room"],
    ["Zur Post", "95 EUR", "140 EUR"],
    ["Alte Mühle", "", "118 EUR"],
]
NAMED = [
    "Hotel | Single room | Double room",
    "Hotel: Zur Post; Single room: 95 EUR; Double room: 140 EUR",
    "Hotel: Alte Mühle; Double room: 118 EUR",
]


def page() -> FPDF:
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("Helvetica", size=11)
    return pdf


def draw(pdf: FPDF, rows: list[list[str]], **how: Any) -> None:
    with pdf.table(**how) as table:
        for row in rows:
            table.row(row)


def read(pdf: FPDF) -> tuple[Document, ...]:
    return read_document("prices.pdf", bytes(pdf.output())).documents


def test_each_row_of_a_ruled_table_names_its_columns() -> None:
    pdf = page()
    pdf.multi_cell(0, text="Prices of 2026.", new_x="LMARGIN", new_y="NEXT")
    draw(pdf, PRICES)
    pdf.multi_cell(0, text="Breakfast is extra.")
    [only] = read(pdf)
    assert only.text.split("\n\n") == ["Prices of 2026.", "\n".join(NAMED), "Breakfast is extra."]
    [rows] = only.tables
    assert only.text[rows.begin : rows.end].splitlines() == NAMED


def test_two_columns_are_often_names_and_values_and_stay_as_they_are() -> None:
    pdf = page()
    draw(pdf, [["Opening hours", "9 to 17"], ["Telephone", "030 1234"]])
    assert read(pdf)[0].text.splitlines() == ["Opening hours | 9 to 17", "Telephone | 030 1234"]


def test_a_text_in_several_lines_stays_in_its_cell() -> None:
    pdf = page()
    long = "Family room with a view of the lake and of the mountains behind it"
    draw(pdf, [["Room", "What it is", "Price"], ["7", long, "210"]])
    assert f"Room: 7; What it is: {long}; Price: 210" in read(pdf)[0].text


def test_cells_that_are_one_tell_their_text_in_each_of_their_places() -> None:
    pdf = page()
    with pdf.table(num_heading_rows=2) as table:
        head = table.row()
        head.cell("City", rowspan=2)
        head.cell("Price", colspan=2)
        table.row(["net", "gross"])
        first = table.row()
        first.cell("Bern", rowspan=2)
        first.cell("10")
        first.cell("11")
        table.row(["20", "22"])
    assert read(pdf)[0].text.splitlines() == [
        "City | Price net | Price gross",
        "City: Bern; Price net: 10; Price gross: 11",
        "City: Bern; Price net: 20; Price gross: 22",
    ]


def test_a_form_s_first_row_names_no_columns() -> None:
    pdf = page()
    with pdf.table() as table:
        head = table.row()
        head.cell("Title")
        head.cell("Rules of travel", colspan=2)
        table.row(["Written by", "Maria Keller", "May 2026"])
    assert read(pdf)[0].text.splitlines() == [
        "Title | Rules of travel | Rules of travel",
        "Written by | Maria Keller | May 2026",
    ]


def test_a_table_goes_on_with_its_columns_on_the_next_page() -> None:
    pdf = page()
    rows = [["Item", "Shelf", "Stock"], *([f"part {n}", f"A{n}", f"{n}"] for n in range(60))]
    draw(pdf, rows, repeat_headings=TableHeadingsDisplay.NONE)
    assert "Item: part 59; Shelf: A59; Stock: 59" in read(pdf)[1].text


def test_another_table_on_the_next_page_has_its_own_columns() -> None:
    pdf = page()
    draw(pdf, PRICES)
    pdf.multi_cell(0, text="These were our prices; staff are listed on the page that follows.")
    pdf.add_page()
    draw(pdf, [["Name", "Desk", "Telephone"], ["Ada", "4", "117"]])
    assert read(pdf)[1].text.splitlines()[1] == "Name: Ada; Desk: 4; Telephone: 117"


@pytest.mark.parametrize("angle", [90, 180, 270])
@pytest.mark.parametrize("shown_turned", [True, False])
def test_a_table_that_lies_on_its_side_is_read_as_its_text_runs(
    angle: int, shown_turned: bool
) -> None:
    pdf = page()
    with pdf.rotation(angle, x=105, y=148):
        draw(pdf, PRICES, width=120)
    turned, file = pypdfium2.PdfDocument(bytes(pdf.output())), io.BytesIO()
    turned[0].set_rotation(angle if shown_turned else 0)
    turned.save(file)
    assert read_document("a.pdf", file.getvalue()).documents[0].text.splitlines() == NAMED


def test_a_frame_and_a_chart_are_no_tables() -> None:
    pdf = page()
    pdf.cell(60, 8, "A note in a frame.", border=1, new_x="LMARGIN", new_y="NEXT")
    for step in range(12):
        pdf.line(20, 60 + 10 * step, 130, 60 + 10 * step)
        pdf.line(20 + 10 * step, 60, 20 + 10 * step, 170)
    pdf.text(22, 65, "peak")
    [only] = read(pdf)
    assert only.tables == ()
    assert only.text.splitlines() == ["A note in a frame.", "peak"]


def test_a_page_with_too_many_lines_is_read_without_its_tables(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pdf = page()
    draw(pdf, PRICES)
    monkeypatch.setattr(ruled_lines, "MOST_LINES", 3)
    [only] = read(pdf)
    assert only.tables == ()
    assert "Zur Post" in only.text


async def test_a_passage_of_a_long_table_says_what_each_value_is() -> None:
    pdf = page()
    draw(pdf, [["Item", "Shelf", "Stock"], *([f"part {n}", f"A{n}", f"{n}"] for n in range(30))])
    splitter = TextSplitter(SplitterConfig(chunk_size=40, overlap=0), context())
    passages = (await splitter.run(Documents(read(pdf)))).items
    [found] = [each.text for each in passages if "part 17;" in each.text]
    assert "Item: part 17; Shelf: A17; Stock: 17" in found.splitlines()


def context() -> Context:
    return Context(Path(), Path(), Llm("", ""), lambda progress: None)
