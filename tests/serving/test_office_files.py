"""Word, PowerPoint, OpenDocument, EPUB, Excel, CSV, e-mail: what people see in them is read."""

import io
import zipfile
from collections.abc import Mapping
from email.message import EmailMessage

import docx
import openpyxl
import pptx
import pytest
from pptx.util import Inches

from serving.documents.reading import ENDINGS, read_document
from serving.errors import UnreadableDocument


def texts(name: str, content: bytes) -> list[tuple[int | None, str]]:
    return [(page.page, page.text) for page in read_document(name, content).documents]


def zipped(parts: Mapping[str, str]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return file.getvalue()


def test_a_word_document_is_read_with_its_tables_and_headers() -> None:
    document, file = docx.Document(), io.BytesIO()
    document.add_heading("Warranty", level=1)
    document.add_paragraph("Pumps are covered").add_run(" for nine months.")
    table = document.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "Motor", "two years"
    document.sections[0].header.paragraphs[0].text = "Northwind Labs"
    document.save(file)
    [(page, text)] = texts("warranty.docx", file.getvalue())
    assert page is None
    assert text.split("\n\n") == [
        "Warranty",
        "Pumps are covered for nine months.",
        "Motor | two years",
        "Northwind Labs",
    ]


def test_a_text_box_that_word_says_twice_is_read_once() -> None:
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    other = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    box = "<w:txbxContent><w:p><w:r><w:t>Call 112</w:t></w:r></w:p></w:txbxContent>"
    body = (
        f'<w:document xmlns:w="{word}" xmlns:mc="{other}"><w:body><w:p><w:r><mc:AlternateContent>'
        f"<mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent>"
        "</w:r></w:p></w:body></w:document>"
    )
    assert texts("a.docx", zipped({"word/document.xml": body})) == [(None, "Call 112")]


def test_slides_are_pages_with_their_notes() -> None:
    deck, file = pptx.Presentation(), io.BytesIO()
    for number in range(1, 12):
        slide = deck.slides.add_slide(deck.slide_layouts[6])
        box = slide.shapes.add_textbox(Inches(1), Inches(1), Inches(4), Inches(1))
        box.text_frame.text = f"Goal {number}"
    slide.notes_slide.notes_text_frame.text = "Say it slowly."
    deck.save(file)
    pages = texts("goals.pptx", file.getvalue())
    assert [page for page, _ in pages] == list(range(1, 12))
    assert pages[1][1] == "Goal 2"
    assert pages[10][1].startswith("Goal 11\n\n")
    assert "Say it slowly." in pages[10][1]


def test_an_open_document_is_read_with_its_tables() -> None:
    office = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<office:document-content xmlns:office="{office}:office:1.0" '
        f'xmlns:text="{office}:text:1.0" xmlns:table="{office}:table:1.0"><office:body>'
        "<text:h>Hours</text:h><text:p>We open<text:s/>at <text:span>7:30</text:span>.</text:p>"
        "<table:table><table:table-row><table:table-cell><text:p>Fee</text:p></table:table-cell>"
        "<table:table-cell><text:p>12 euros</text:p></table:table-cell></table:table-row>"
        "</table:table></office:body></office:document-content>"
    )
    [(_, text)] = texts("hours.odt", zipped({"content.xml": content}))
    assert text.split("\n\n") == ["Hours", "We open at 7:30.", "Fee | 12 euros"]


def test_a_book_is_read_in_its_own_order() -> None:
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="OPS/book.opf"/></rootfiles></container>'
    )
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf"><manifest>'
        '<item id="b" href="b%20end.xhtml"/><item id="a" href="a.xhtml"/></manifest>'
        '<spine><itemref idref="a"/><itemref idref="b"/></spine></package>'
    )
    book = {
        "META-INF/container.xml": container,
        "OPS/book.opf": package,
        "OPS/b end.xhtml": "<html><body><p>The end.</p></body></html>",
        "OPS/a.xhtml": "<html><body><p>It began.</p></body></html>",
    }
    [(_, text)] = texts("story.epub", zipped(book))
    assert text == "It began.\n\nThe end."


def test_a_workbook_is_read_by_sheet_each_value_with_the_name_of_its_column() -> None:
    book, file = openpyxl.Workbook(), io.BytesIO()
    book.active.title = "Prices"
    for row in (
        ["Northwind 2026"],
        [],
        ["item", "price", None],
        ["pump", 12.5, "spare"],
        ["hose", None],
    ):
        book.active.append(row)
    book.create_sheet("Later")
    book.save(file)
    read = read_document("prices.xlsx", file.getvalue())
    assert [page.text.split("\n") for page in read.documents] == [
        [
            "Prices",
            "",
            "Northwind 2026",
            "item | price",
            "item: pump; price: 12.5; spare",
            "item: hose",
        ]
    ]
    assert [*map(str, read.left_out)] == ["prices.xlsx: sheet Later holds no values"]


def test_a_csv_file_is_read_with_the_names_of_its_columns() -> None:
    content = b'item;price\n"hose; long";12,50\n'
    assert texts("a.csv", content) == [(None, "item | price\nitem: hose; long; price: 12,50")]


def test_an_e_mail_is_read_and_its_attachments_are_told() -> None:
    message = EmailMessage()
    message["Subject"], message["From"] = "Lieferung für März", "Ada <ada@example.org>"
    message.set_content("The pumps arrive on Monday.")
    message.add_alternative("<p>The pumps arrive on <b>Monday</b>.</p>", subtype="html")
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="invoice.pdf")
    read = read_document("mail.eml", bytes(message))
    assert "Subject: Lieferung für März" in read.documents[0].text
    assert read.documents[0].text.count("The pumps arrive on Monday.") == 1
    assert [*map(str, read.left_out)] == ["mail.eml: attachment invoice.pdf is not read"]


@pytest.mark.parametrize(
    "ending", [end for end in ENDINGS if end in (".docx", ".pptx", ".odt", ".epub", ".xlsx")]
)
@pytest.mark.parametrize("content", [b"not a zip", zipped({"x": "y"})], ids=["text", "other zip"])
def test_what_is_no_such_file_is_told_in_words(ending: str, content: bytes) -> None:
    with pytest.raises(UnreadableDocument, match=r"a\.\w+: (not a readable|there is no text)"):
        read_document(f"a{ending}", content)


def test_entities_that_unfold_without_end_are_refused() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'
    with pytest.raises(UnreadableDocument, match="not a readable Word document"):
        read_document("a.docx", zipped({"word/document.xml": bomb}))
