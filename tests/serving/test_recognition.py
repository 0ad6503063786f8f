"""Scanned pages, read by the real Tesseract of Debian."""

import io
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from fpdf import FPDF

from serving.component import Context
from serving.components.data_source.documents import DocumentsConfig, DocumentSource
from serving.documents.formats.pdf.recognition import check_installed
from serving.documents.reading import read_document
from serving.errors import RecognitionMissing, UnreadableDocument
from serving.models.llm import Llm
from sync.build.install_once import built_once
from tests.tools.debian import fetch, release

pytestmark = pytest.mark.slow
PACKAGES = ("tesseract-ocr", "tesseract-ocr-eng", "libtesseract5", "liblept5", "libwebpmux3")


@pytest.fixture
def tesseract(monkeypatch: pytest.MonkeyPatch) -> None:
    root = built_once(f"debian-{release()}-tesseract", lambda folder: fetch(PACKAGES, folder))
    [libraries] = root.glob("usr/lib/*-linux-gnu")
    monkeypatch.setenv("PATH", str(root / "usr/bin"))
    monkeypatch.setenv("LD_LIBRARY_PATH", str(libraries))
    monkeypatch.setenv("TESSDATA_PREFIX", str(root / "usr/share/tesseract-ocr/5/tessdata"))


def scanned(*texts: str) -> bytes:
    """Pages that are pictures of these texts; of an empty one, a grey area. The last is typed."""
    pdf = FPDF()
    pdf.set_font("helvetica", size=14)
    for text in texts:
        typed = FPDF()
        typed.set_font("helvetica", size=14)
        typed.add_page()
        typed.cell(text=text or " ")
        page = pypdfium2.PdfDocument(bytes(typed.output()))[0]
        pdf.add_page()
        pdf.image(page.render(scale=3).to_pil(), x=0, y=0, w=210)
    pdf.add_page()
    pdf.cell(text="The deposit is two months.")
    return bytes(pdf.output())


@pytest.mark.usefixtures("tesseract")
def test_scanned_pages_are_read_where_that_is_asked_for_and_told() -> None:
    read = read_document("lease.pdf", scanned("Notice is nine months.", ""), "eng")
    assert [(page.page, page.text.strip()) for page in read.documents] == [
        (1, "Notice is nine months."),
        (3, "The deposit is two months."),
    ]
    assert [str(each) for each in read.left_out] == [
        "lease.pdf: page 2 of 3 is a picture without text; "
        "set `ocr` to the language, or run text recognition on the file first",
        "lease.pdf: page 1 was read by text recognition (eng), which may misread",
    ]


def stamped(text: str, width: int) -> bytes:
    """A page whose picture says the text and is so wide (mm), stamped with a few typed words."""
    typed, pdf = FPDF(), FPDF()
    for each in (typed, pdf):
        each.set_font("helvetica", size=14)
        each.add_page()
    typed.cell(text=text)
    page = pypdfium2.PdfDocument(bytes(typed.output()))[0]
    pdf.image(page.render(scale=3).to_pil(), x=0, y=0, w=width)
    pdf.text(20, 150, "Received 3 May")
    return bytes(pdf.output())


@pytest.mark.usefixtures("tesseract")
def test_a_scan_that_only_bears_a_stamp_is_read_as_a_scan() -> None:
    read = read_document("lease.pdf", stamped("Notice is nine months.", 210), "eng")
    [page] = read.documents
    assert "Notice is nine months." in page.text
    assert "Received 3 May" in page.text
    assert [each.kind for each in read.left_out] == ["recognition"]


def test_a_scan_that_only_bears_a_stamp_is_named() -> None:
    read = read_document("lease.pdf", stamped("Notice is nine months.", 210))
    assert [str(each) for each in read.left_out] == [
        "lease.pdf: page 1 of 1 is a picture with no more than a few words beside; "
        "set `ocr` to the language, or run text recognition on the file first"
    ]
    assert read.documents[0].text == "Received 3 May"


def test_a_few_words_beside_a_small_picture_are_all_that_is_to_read() -> None:
    assert read_document("lease.pdf", stamped("Northwind", 60)).left_out == ()


@pytest.mark.usefixtures("tesseract")
def test_they_are_not_where_nobody_asks() -> None:
    read = read_document("lease.pdf", scanned("Notice is nine months."))
    assert [page.page for page in read.documents] == [2]


@pytest.mark.usefixtures("tesseract")
def test_a_scan_in_which_nothing_is_recognised_is_no_document() -> None:
    pdf, file = pypdfium2.PdfDocument(scanned("")), io.BytesIO()
    pdf.del_page(1)
    pdf.save(file)
    with pytest.raises(UnreadableDocument, match="there is no text in it"):
        read_document("blank.pdf", file.getvalue(), "eng")


@pytest.mark.usefixtures("tesseract")
def test_a_language_that_is_not_there_is_named_with_its_package() -> None:
    with pytest.raises(RecognitionMissing) as caught:
        check_installed("eng+chi_sim")
    assert caught.value.message.endswith("chi_sim is not installed")
    assert "apt-get install tesseract-ocr-chi-sim)" in caught.value.fix


async def test_without_tesseract_the_pipeline_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "a.txt").write_text("Some text.")
    context = Context(tmp_path / "node", tmp_path, Llm("", ""), lambda progress: None)
    config: dict[str, Any] = {"path": str(tmp_path), "ocr": "deu"}
    with pytest.raises(RecognitionMissing, match="Tesseract is not installed") as caught:
        await DocumentSource(DocumentsConfig(**config), context).run()
    assert "tesseract-ocr-deu" in caught.value.fix
