"""PDF to text by page.

PDFium keeps words apart where fonts have no spaces of their own: of the words that pdftotext finds
in Debian's German reference (XeTeX) it finds 99 %, pypdf 55 %; in the Russian FAQ 99 % and 29 %.
"""

import io
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from serving.documents.formats.blocks import Pages, Text
from serving.documents.formats.pdf.headings import headings
from serving.documents.formats.pdf.page_text import page_text
from serving.documents.formats.pdf.scans import read_scans, scans_among, told
from serving.documents.formats.pdf.tables import Header
from serving.errors import UnreadableDocument
from serving.reading_report import LeftOut

if TYPE_CHECKING:
    import pypdfium2

MOST_PAGES = 5000
MOST_CHARACTERS = 50_000_000


def read_pdf(name: str, content: bytes, ocr: str = "") -> tuple[Pages, list[LeftOut]]:
    """The text of each page, and what of the file has none. `ocr` are the languages in which pages
    that are pictures are read; these are not where it is empty. Raises UnreadableDocument.
    """
    if not content:
        return [], []
    with closing(_opened(name, content)) as pdf:
        if len(pdf) > MOST_PAGES:
            raise UnreadableDocument(document=name, reason=f"it has more than {MOST_PAGES} pages")
        texts = dict(_texts(name, pdf))
        scans = scans_among(pdf, texts)
        read = read_scans(pdf, texts, scans, ocr) if ocr else {}
        left_out = told(name, texts, scans, list(read), ocr)
        texts |= read
        form, unread = _form(name, content) if pdf.get_formtype() else ([], [])
        marks = headings(pdf, [each.text for each in texts.values()])
        pages: Pages = [(n, replace(each, headings=marks[n - 1])) for n, each in texts.items()]
        return [*form, *pages], [*left_out, *unread]


def _opened(name: str, content: bytes) -> "pypdfium2.PdfDocument":
    import pypdfium2
    from pypdfium2.raw import FPDF_ERR_PASSWORD

    try:
        return pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        locked = error.err_code == FPDF_ERR_PASSWORD
        reason = "it is protected by a password" if locked else f"not a readable PDF ({error})"
        raise UnreadableDocument(document=name, reason=reason) from error


def _texts(name: str, pdf: "pypdfium2.PdfDocument") -> Iterator[tuple[int, Text]]:
    characters = 0
    above: Header | None = None
    for number in range(1, len(pdf) + 1):
        text, above = _text(name, pdf, number, above)
        characters += len(text.text)
        if characters > MOST_CHARACTERS:
            reason = f"its text is longer than {MOST_CHARACTERS} characters"
            raise UnreadableDocument(document=name, reason=reason)
        yield number, text


def _text(
    name: str, pdf: "pypdfium2.PdfDocument", number: int, above: Header | None
) -> tuple[Text, Header | None]:
    import pypdfium2

    try:
        with closing(pdf[number - 1]) as page:
            return page_text(page, above)
    except pypdfium2.PdfiumError as error:
        reason = f"not a readable PDF (page {number}: {error})"
        raise UnreadableDocument(document=name, reason=reason) from error


def _form(name: str, content: bytes) -> tuple[Pages, list[LeftOut]]:
    """What was filled in: it is drawn over the page and is no part of its text."""
    import pypdf

    try:
        fields: dict[str, Any] = pypdf.PdfReader(io.BytesIO(content)).get_form_text_fields()
    # A broken form makes the parser raise nearly anything; the pages were read all the same.
    except Exception:  # noqa: BLE001
        why = "what was filled into its form is not read"
        return [], [LeftOut(kind="field", where=name, reason=why)]
    filled = "\n".join(f"{field}: {value}" for field, value in fields.items() if value)
    return [(1, Text(filled))], []
