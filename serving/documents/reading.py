"""Files to text, and what of a file could not be read. Its ending says which reader takes it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from serving.documents.formats import mail, office, sheets
from serving.documents.formats.blocks import Pages, Text
from serving.documents.formats.encodings import decode_text
from serving.documents.formats.html import read_page
from serving.documents.formats.markdown import read_markdown
from serving.documents.formats.pdf.reader import read_pdf
from serving.documents.formats.pdf.scans import HINT
from serving.documents.formats.restructured import read_restructured
from serving.errors import ReadingFailed, UnreadableDocument
from serving.isolation.bounds import DOCUMENT, PAGE, SCANS
from serving.isolation.pool import isolated
from serving.port_types import Document
from serving.reading_report import Kind, LeftOut

MAX_FILE_BYTES = 50_000_000

Parts = tuple[Pages, list[LeftOut]]


@dataclass(frozen=True)
class Read:
    """What there is to read, and what of the file is not in it."""

    documents: tuple[Document, ...]
    left_out: tuple[LeftOut, ...] = ()


def read_safely(name: str, content: bytes, ocr: str = "") -> Read:
    """In another process. Raises UnreadableDocument."""
    if len(content) > MAX_FILE_BYTES:
        raise UnreadableDocument(document=name, reason=f"larger than {MAX_FILE_BYTES} bytes")
    bounds = PAGE if _ending(name) in HTML else SCANS if ocr else DOCUMENT
    try:
        return isolated(name, bounds, read_document, name, content, ocr)
    except ReadingFailed as error:
        raise UnreadableDocument(document=name, reason=error.reason) from error


def read_document(name: str, content: bytes, ocr: str = "") -> Read:
    """`ocr`: the languages in which scanned pages are read. Raises UnreadableDocument."""
    pages, left_out = _parts(name, content, ocr) if content else ([], [])
    documents = tuple(
        Document(name, page, each.text, each.headings, each.tables, each.tags)
        for page, each in pages
        if any(map(str.isalnum, each.text))
    )
    if not documents:
        hint = f" (a scan? {HINT})" if _ending(name) == ".pdf" and content else ""
        raise UnreadableDocument(document=name, reason=f"there is no text in it{hint}")
    return Read(documents, tuple(left_out))


def _parts(name: str, content: bytes, ocr: str) -> Parts:
    try:
        if _ending(name) == ".pdf":
            return read_pdf(name, content, ocr)
        return READERS.get(_ending(name), _plain)(name, content)
    except UnreadableDocument:
        raise
    # A broken file makes a parser raise nearly anything (KeyError, RecursionError, zlib.error …).
    except Exception as error:
        what = NAMES.get(_ending(name))
        reason = f"not a readable {what} ({error})" if what else str(error)
        raise UnreadableDocument(document=name, reason=reason) from error


def _ending(name: str) -> str:
    return PurePath(name).suffix.lower()


def _plain(name: str, content: bytes) -> Parts:
    text, guessed = _decoded(content)
    return [(None, Text(text))], _told(name, guessed)


def _decoded(content: bytes) -> tuple[str, str]:
    text, guessed = decode_text(content)
    if "\0" in text:
        raise ValueError("it is not a text file")
    return text, guessed


def _markdown(name: str, content: bytes) -> Parts:
    text, guessed = _decoded(content)
    read, unread = read_markdown(text)
    fields = f"its front matter says {', '.join(unread)}, which is not read"
    told = [LeftOut(kind="field", where=name, reason=fields, count=len(unread))] if unread else []
    return [(None, read)], [*_told(name, guessed), *told]


def _restructured(name: str, content: bytes) -> Parts:
    text, guessed = _decoded(content)
    read, included = read_restructured(text)
    others = [f"it includes {file}, which is not read" for file in included]
    return [(None, read)], [*_told(name, guessed), *_each("attachment", name, others)]


def _csv(name: str, content: bytes) -> Parts:
    text, guessed = decode_text(content)
    return [(None, sheets.read_csv(text))], _told(name, guessed)


def _told(name: str, encoding: str) -> list[LeftOut]:
    why = f"it is not UTF-8; read as {encoding}, by a guess"
    return [LeftOut(kind="encoding", where=name, reason=why)] if encoding else []


def _page(name: str, content: bytes) -> Parts:
    page = read_page(content, url="")
    return [(None, page.titled)], []


def _mail(name: str, content: bytes) -> Parts:
    text, attached = mail.read_mail(content)
    return [(None, Text(text))], _each("attachment", name, attached)


def _workbook(name: str, content: bytes) -> Parts:
    pages, empty = sheets.read_workbook(content)
    return pages, _each("sheet", name, empty)


def _each(kind: Kind, name: str, reasons: Sequence[str]) -> list[LeftOut]:
    return [LeftOut(kind=kind, where=name, reason=reason) for reason in reasons]


def _whole(reader: Callable[[bytes], Pages]) -> Callable[[str, bytes], Parts]:
    return lambda name, content: (reader(content), [])


HTML = (".html", ".htm", ".xhtml")
READERS: Mapping[str, Callable[[str, bytes], Parts]] = {
    ".pdf": read_pdf,
    ".txt": _plain,
    **dict.fromkeys((".md", ".markdown"), _markdown),
    ".rst": _restructured,
    ".log": _plain,
    **dict.fromkeys(HTML, _page),
    ".docx": _whole(office.read_word),
    ".pptx": _whole(office.read_slides),
    ".odt": _whole(office.read_open_document),
    ".epub": _whole(office.read_book),
    ".xlsx": _workbook,
    **dict.fromkeys((".csv", ".tsv"), _csv),
    ".eml": _mail,
}
NAMES = {
    ".pdf": "PDF",
    ".docx": "Word document",
    ".pptx": "presentation",
    ".odt": "OpenDocument text",
    ".epub": "EPUB book",
    ".xlsx": "workbook",
    ".csv": "CSV file",
    ".tsv": "CSV file",
    ".eml": "e-mail",
}
ENDINGS = tuple(READERS)
