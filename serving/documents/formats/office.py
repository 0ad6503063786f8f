"""Word, PowerPoint, OpenDocument and EPUB to text: ZIP files whose XML says what a paragraph is."""

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from serving.documents.formats.blocks import Pages, Text, joined, text_of
from serving.documents.formats.html import read_page
from serving.documents.formats.markup import OPEN_DOCUMENT, SLIDE, WORD
from serving.documents.formats.office_headings import (
    of_open_document,
    of_slide,
    of_word,
    word_styles,
)

WORD_PARTS = re.compile(r"word/(document|header\d*|footnotes|endnotes)\.xml")
WORD_STYLES = "word/styles.xml"
PRESENTATION = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
RELATED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
CONTAINER = "{urn:oasis:names:tc:opendocument:xmlns:container}"
PACKAGE = "{http://www.idpf.org/2007/opf}"


def read_word(content: bytes) -> Pages:
    """The body, then headers and notes."""
    with _archive(content) as archive:
        names = archive.namelist()
        styles = word_styles(_xml(archive, WORD_STYLES)) if WORD_STYLES in names else {}
        parts = filter(WORD_PARTS.fullmatch, names)
        body_first = sorted(parts, key=lambda name: (name != "word/document.xml", name))
        roots = [_xml(archive, name) for name in body_first]
        return [(None, joined(text_of(WORD.blocks(root, of_word(root, styles))) for root in roots))]


def read_slides(content: bytes) -> Pages:
    """A page for each slide as they are shown, its notes below."""
    with _archive(content) as archive:
        parts = _related(archive, "ppt/presentation.xml")
        shown = _xml(archive, "ppt/presentation.xml").iter(f"{PRESENTATION}sldId")
        names = [parts[slide.get(f"{RELATED}id")] for slide in shown]
        slides = [[name, *_notes(archive, name)] for name in names]
        texts = [joined(_of_slide(_xml(archive, part)) for part in slide) for slide in slides]
    return list(enumerate(texts, start=1))


def _of_slide(root: Any) -> Text:
    return text_of(SLIDE.blocks(root, of_slide(root)))


def _notes(archive: zipfile.ZipFile, slide: str) -> list[str]:
    return [part for part in _related(archive, slide).values() if "/notesSlides/" in part]


def _related(archive: zipfile.ZipFile, part: str) -> dict[str, str]:
    """Parts by the names that this part has for them."""
    folder, name = posixpath.split(part)
    found = f"{folder}/_rels/{name}.rels"
    if found not in archive.namelist():
        return {}
    return {
        each.get("Id"): posixpath.normpath(posixpath.join("/", folder, each.get("Target")))[1:]
        for each in _xml(archive, found)
    }


def read_open_document(content: bytes) -> Pages:
    with _archive(content) as archive:
        root = _xml(archive, "content.xml")
    return [(None, text_of(OPEN_DOCUMENT.blocks(root, of_open_document(root))))]


def read_book(content: bytes) -> Pages:
    """Its chapters, in the order in which they are read."""
    with _archive(content) as archive:
        pages = [read_page(archive.read(name), url="") for name in _chapters(archive)]
    return [(None, joined(page.titled for page in pages))]


def _chapters(archive: zipfile.ZipFile) -> Iterator[str]:
    container = _xml(archive, "META-INF/container.xml")
    package = str(container.find(f".//{CONTAINER}rootfile").get("full-path"))
    root = _xml(archive, package)
    files = {item.get("id"): item.get("href") for item in root.iter(f"{PACKAGE}item")}
    for reference in root.iter(f"{PACKAGE}itemref"):
        href = unquote(files[reference.get("idref")])
        yield posixpath.normpath(posixpath.join(posixpath.dirname(package), href))


def _archive(content: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(content))


def _xml(archive: zipfile.ZipFile, name: str) -> Any:
    from defusedxml.ElementTree import fromstring

    return fromstring(archive.read(name))
