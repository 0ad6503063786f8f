"""Files to text: PDF by page; Markdown, HTML and plain text whole."""

import io
import logging
from collections.abc import Iterator
from pathlib import PurePath
from typing import TYPE_CHECKING

from serving.documents.html import read_page
from serving.errors import ReadingFailed, UnreadableDocument
from serving.isolation.bounds import DOCUMENT, PAGE
from serving.isolation.pool import isolated
from serving.port_types import Document

if TYPE_CHECKING:
    import pypdf

ENDINGS = (".pdf", ".md", ".markdown", ".txt", ".html", ".htm")
HTML = (".html", ".htm")
MAX_FILE_BYTES = 50_000_000
MOST_PAGES = 5000


def read_safely(name: str, content: bytes) -> tuple[Document, ...]:
    """In another process. Raises UnreadableDocument."""
    if len(content) > MAX_FILE_BYTES:
        raise UnreadableDocument(document=name, reason=f"larger than {MAX_FILE_BYTES} bytes")
    bounds = PAGE if PurePath(name).suffix.lower() in HTML else DOCUMENT
    try:
        return isolated(name, bounds, read_document, name, content)
    except ReadingFailed as error:
        raise UnreadableDocument(document=name, reason=error.reason) from error


def read_document(name: str, content: bytes) -> tuple[Document, ...]:
    ending = PurePath(name).suffix.lower()
    is_pdf = ending == ".pdf"
    pages = _pdf_pages(name, content) if is_pdf else [(None, _text(ending, name, content))]
    documents = tuple(
        Document(name, page, text) for page, text in pages if any(map(str.isalnum, text))
    )
    if not documents:
        hint = " (a scan? run text recognition on it first)" if is_pdf and content else ""
        raise UnreadableDocument(document=name, reason=f"there is no text in it{hint}")
    return documents


def _text(ending: str, name: str, content: bytes) -> str:
    if ending not in HTML:
        return _decode(name, content)
    try:
        page = read_page(content, url="")
    except ValueError as error:
        raise UnreadableDocument(document=name, reason=str(error)) from error
    return f"{page.title}\n\n{page.text}"


def _decode(name: str, content: bytes) -> str:
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableDocument(document=name, reason="it is not UTF-8 text") from error
    if "\0" in text:
        raise UnreadableDocument(document=name, reason="it is not a text file")
    return text


def _pdf_pages(name: str, content: bytes) -> list[tuple[int | None, str]]:
    if not content:
        return []
    try:
        return list(_extract(name, content))
    except UnreadableDocument:
        raise
    # A broken PDF makes the parser raise nearly anything (KeyError, RecursionError, zlib.error …).
    except Exception as error:
        raise UnreadableDocument(document=name, reason=f"not a readable PDF ({error})") from error


def _extract(name: str, content: bytes) -> Iterator[tuple[int, str]]:
    import pypdf

    logging.getLogger("pypdf").setLevel(logging.ERROR)
    reader = pypdf.PdfReader(io.BytesIO(content))
    if reader.is_encrypted and not _opens_without_password(reader):
        raise UnreadableDocument(document=name, reason="it is protected by a password")
    if len(reader.pages) > MOST_PAGES:
        raise UnreadableDocument(document=name, reason=f"it has more than {MOST_PAGES} pages")
    characters = 0
    for number, page in enumerate(reader.pages, start=1):
        text = page.extract_text()
        characters += len(text)
        if characters > MAX_FILE_BYTES:
            reason = f"its text is longer than {MAX_FILE_BYTES} characters"
            raise UnreadableDocument(document=name, reason=reason)
        # Fonts with a broken character map give lone surrogates, which no JSON can carry.
        yield number, text.encode("utf-8", "ignore").decode().replace("\0", "")


def _opens_without_password(reader: "pypdf.PdfReader") -> bool:
    """Many PDFs only restrict printing: their password is empty."""
    from pypdf.errors import DependencyError

    try:
        return bool(reader.decrypt(""))
    except (DependencyError, NotImplementedError):
        return False
