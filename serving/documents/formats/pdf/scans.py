"""Pages that are pictures: which they are, what is recognised on them, and what is told."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from serving.documents.formats.blocks import Text
from serving.documents.formats.pdf.recognition import MOST_PAGES, recognised
from serving.reading_report import Kind, LeftOut

if TYPE_CHECKING:
    import pypdfium2

HINT = "set `ocr` to the language, or run text recognition on the file first"
# A stamp, the number of a page, the name of the scanner's program; a page of text has more.
FEW_WORDS = 15
COVERED = 0.6  # of a page's area, by pictures
MOST_DEPTH = 5


def scans_among(pdf: "pypdfium2.PdfDocument", texts: Mapping[int, Text]) -> list[int]:
    return [number for number, each in texts.items() if _is_scan(pdf, number, each.text)]


def _is_scan(pdf: "pypdfium2.PdfDocument", number: int, text: str) -> bool:
    """A picture that is all there is, however small, or that all but fills a page of few words."""
    words = len(text.split())
    if words > FEW_WORDS:
        return False
    covered = _covered(pdf, number)
    return covered >= COVERED if words else covered > 0


def _covered(pdf: "pypdfium2.PdfDocument", number: int) -> float:
    """The pictures' share of the page; a scan may be cut into strips."""
    from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE

    with closing(pdf[number - 1]) as page:
        left, bottom, right, top = page.get_bbox()
        pictures = page.get_objects(filter=[FPDF_PAGEOBJ_IMAGE], max_depth=MOST_DEPTH)
        areas = (_area(picture.get_bounds()) for picture in pictures)
        return sum(areas) / max(_area((left, bottom, right, top)), 1)


def _area(bounds: tuple[float, float, float, float]) -> float:
    left, bottom, right, top = bounds
    return max(abs((right - left) * (top - bottom)), 1)


def read_scans(
    pdf: "pypdfium2.PdfDocument", texts: Mapping[int, Text], numbers: Sequence[int], languages: str
) -> dict[int, Text]:
    """The pages on which more is recognised than is written."""
    found = {n: recognised(pdf, n, languages) or "" for n in numbers[:MOST_PAGES]}
    return {n: Text(text) for n, text in found.items() if _says_more(text, texts[n].text)}


def _says_more(text: str, than: str) -> bool:
    return len(text.split()) > len(than.split())


def told(
    name: str, texts: Mapping[int, Text], scans: Sequence[int], read: Sequence[int], languages: str
) -> list[LeftOut]:
    """`texts` are those before scans were read."""
    unread = [number for number in scans if number not in read]
    empty = [number for number in unread if not texts[number].text.strip()]
    few = [number for number in unread if number not in empty]
    how = f"read by text recognition ({languages}), which may misread"
    return [
        *_pictures(name, empty, len(texts), "without text"),
        *_pictures(name, few, len(texts), "with no more than a few words beside"),
        *_line("recognition", name, read, f"{'was' if len(read) == 1 else 'were'} {how}"),
    ]


def _pictures(name: str, numbers: Sequence[int], count: int, what: str) -> list[LeftOut]:
    which = "is a picture" if len(numbers) == 1 else "are pictures"
    return _line("page", name, numbers, f"of {count} {which} {what}; {HINT}")


def _line(kind: Kind, name: str, numbers: Sequence[int], what: str) -> list[LeftOut]:
    reason = f"{_numbered(numbers)} {what}"
    return [LeftOut(kind=kind, where=name, reason=reason, count=len(numbers))] if numbers else []


def _numbered(pages: Sequence[int]) -> str:
    numbers = ", ".join(map(str, pages[:20])) + (" …" if len(pages) > 20 else "")
    return f"{'page' if len(pages) == 1 else 'pages'} {numbers}"
