"""Files that people upload, damaged: each is read, or told to be unreadable, and nothing else."""

import io
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pptx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pptx.util import Inches

from serving.documents.reading import read_safely
from serving.errors import DataError, ReaderDied, ReadingFailed, UnreadableDocument
from serving.isolation.bounds import SOUND, TABLE
from serving.isolation.pool import isolated
from serving.learning.pictures import seen
from serving.models.sound import samples
from serving.tables.columns import read_table
from tests.fuzzing import bounded
from tests.security.damage import damaged, damaged_archive
from tests.serving.learning.chains import DATA
from tests.serving.support import PAGES, write_pdf
from tests.serving.test_office_files import zipped

pytestmark = [pytest.mark.slow, pytest.mark.fuzz]

HTML = (
    b"<!DOCTYPE html><html><head><meta charset=utf-8><title>Rules</title></head><body><nav>x</nav>"
    b"<main><h1>Machines</h1><table><tr><th>A<td>B</table><pre>code</pre>&amp; "
    b'<a href="?x=%zz">more</a></main>'
)
ODT = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body>'
    '<text:h>Hours</text:h><text:p>We open<text:s text:c="3"/>at 7:30.</text:p>'
    "</office:body></office:document-content>"
)
BOOK = {
    "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
    '<rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>',
    "OPS/book.opf": '<package xmlns="http://www.idpf.org/2007/opf"><manifest>'
    '<item id="a" href="a.xhtml"/></manifest><spine><itemref idref="a"/></spine></package>',
    "OPS/a.xhtml": "<html><body><p>It began.</p></body></html>",
}


def word() -> bytes:
    document, file = docx.Document(), io.BytesIO()
    document.add_heading("Warranty", level=1)
    document.add_table(rows=2, cols=2).rows[0].cells[0].text = "Motor"
    document.save(file)
    return file.getvalue()


def slides() -> bytes:
    deck, file = pptx.Presentation(), io.BytesIO()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    slide.shapes.add_textbox(Inches(1), Inches(1), Inches(4), Inches(1)).text_frame.text = "Goal"
    slide.notes_slide.notes_text_frame.text = "Say it slowly."
    deck.save(file)
    return file.getvalue()


def workbook() -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    for row in (["item", "price"], ["pump", 12.5], ["hose", None]):
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def mail() -> bytes:
    message = EmailMessage()
    message["Subject"], message["From"] = "Lieferung für März", "Ada <ada@example.org>"
    message.set_content("The pumps arrive on Monday.")
    message.add_alternative("<p>On <b>Monday</b>.</p>", subtype="html")
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="a.pdf")
    return bytes(message)


def pdf(folder: Path) -> bytes:
    return write_pdf(folder / "a.pdf", PAGES[:2]).read_bytes()


DOCUMENTS: dict[str, Callable[[Path], bytes]] = {
    "a.pdf": pdf,
    "a.html": lambda _: HTML,
    "a.md": lambda _: "# Über\n\nText mit Ümlauten.".encode("utf-16"),
    "a.docx": lambda _: word(),
    "a.pptx": lambda _: slides(),
    "a.odt": lambda _: zipped({"content.xml": ODT}),
    "a.epub": lambda _: zipped(BOOK),
    "a.xlsx": lambda _: workbook(),
    "a.csv": lambda _: b'item;price\n"hose; long";12,50\n',
    "a.eml": lambda _: mail(),
}


def archive_too(content: bytes) -> st.SearchStrategy[bytes]:
    whole = damaged([content])
    return whole | damaged_archive(content) if content.startswith(b"PK") else whole


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document(name: str, tmp_path: Path) -> None:
    example = DOCUMENTS[name](tmp_path)
    assert read_safely(name, example).documents

    @bounded(60)
    @given(archive_too(example))
    def read(content: bytes) -> None:
        try:
            read_safely(name, content)
        except UnreadableDocument as error:
            assert_no_crash(error)

    read()


TABLES = {
    "a.csv": (DATA / "machines.csv").read_bytes()[:2000],
    "a.tsv": b"a\tb\n1\t2\n",
    "a.jsonl": b'{"a": 1, "b": "x"}\n{"a": 2.5, "b": null}\n',
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table(name: str) -> None:
    assert isolated(name, TABLE, read_table, name, TABLES[name])

    @bounded(60)
    @given(damaged([TABLES[name]]))
    def read(content: bytes) -> None:
        try:
            isolated(name, TABLE, read_table, name, content)
        except (DataError, ReadingFailed) as error:
            assert_no_crash(error)

    read()


def pictures() -> list[bytes]:
    from PIL import Image

    def encoded(kind: str, **options: Any) -> bytes:
        file = io.BytesIO()
        Image.linear_gradient("L").convert("RGB").resize((48, 32)).save(file, kind, **options)
        return file.getvalue()

    return [encoded(kind) for kind in ("PNG", "JPEG", "WEBP", "BMP", "GIF")]


def test_a_picture() -> None:
    examples = pictures()
    assert all(len(seen("a.png", example)) for example in examples)

    @bounded(150)
    @given(damaged(examples))
    def read(content: bytes) -> None:
        try:
            seen("a.png", content)
        except ValueError as error:
            assert_no_crash(error)

    read()


def test_a_recording() -> None:
    example = (DATA / "window.ogg").read_bytes()
    assert len(isolated("a.ogg", SOUND, samples, example))

    @bounded(60)
    @given(damaged([example, example[:3000]]))
    def read(content: bytes) -> None:
        try:
            isolated("a.ogg", SOUND, samples, content)
        except (ValueError, ReadingFailed) as error:
            assert_no_crash(error)

    read()


def assert_no_crash(error: Exception) -> None:
    """A reader that dies takes nobody along; still, what killed it is worth knowing."""
    assert not isinstance(error, ReaderDied)
    assert not isinstance(error.__cause__, ReaderDied)
