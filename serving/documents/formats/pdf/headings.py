"""Where the sections of a PDF begin: by its outline, or else by the numbers before its headings."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from serving.port_types import Heading

if TYPE_CHECKING:
    import pypdfium2

MOST_TITLE = 200
# "3.15.1. Purpose": two numbers at least, since lists have one; a sentence would end with a stop.
NUMBERED = re.compile(
    r"^(\d{1,2}(?:\.\d{1,2}){1,4})\.?[ \t]+(?=[^\W\d_]|/)(?!.*[. ]{6})(.{1,98}[^.,;:\s])$",
    re.MULTILINE,
)
NUMBER = re.compile(r"[\W\d]*")


@dataclass(frozen=True)
class Entry:
    level: int
    title: str


def headings(pdf: "pypdfium2.PdfDocument", texts: Sequence[str]) -> list[tuple[Heading, ...]]:
    """Those of each page, in the order of its text."""
    outline = _outline(pdf)
    if not outline:
        return [tuple(_numbered(text)) for text in texts]
    return [tuple(_found(text, outline.get(at, ()))) for at, text in enumerate(texts)]


def _outline(pdf: "pypdfium2.PdfDocument") -> Mapping[int, list[Entry]]:
    """By index of the page."""
    entries: dict[int, list[Entry]] = defaultdict(list)
    for each in pdf.get_toc():
        place, title = each.get_dest(), " ".join(each.get_title().split())
        index = place.get_index() if place else None
        if index is not None and title:
            entries[index].append(Entry(each.level + 1, title[:MOST_TITLE]))
    return entries


def _found(text: str, entries: Sequence[Entry]) -> Iterator[Heading]:
    """A title that no line of the page begins with stands where the one before it does."""
    letters, places = _letters(text)
    after, place = 0, 0
    for entry in entries:
        wanted = _letters(entry.title)[0]
        for found in _all(letters, wanted, after):
            start = text.rfind("\n", 0, places[found]) + 1
            if NUMBER.fullmatch(text, start, places[found]):
                place, after = start, found + len(wanted)
                break
        yield Heading(place, entry.level, entry.title)


def _letters(text: str) -> tuple[str, list[int]]:
    """In lower case and without all else, which outlines and pages write differently: quotes,
    dashes, ends of lines. And where in the text each stands.
    """
    pairs = [
        (small, at) for at, each in enumerate(text) if each.isalnum() for small in each.casefold()
    ]
    return "".join(small for small, _ in pairs), [at for _, at in pairs]


def _all(text: str, part: str, after: int) -> Iterator[int]:
    while part and (after := text.find(part, after)) >= 0:
        yield after
        after += 1


def _numbered(text: str) -> Iterator[Heading]:
    for match in NUMBERED.finditer(text):
        yield Heading(match.start(), match[1].count(".") + 1, f"{match[1]} {match[2]}")
