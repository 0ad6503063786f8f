"""Windows of words over a text. They end with a section, a paragraph or a sentence if one is near;
a table that fits is kept whole, and a longer one is cut between its rows.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import pairwise

from serving.documents.sentences import ENDS_SENTENCE
from serving.port_types import Document

# Chinese and Japanese write without spaces: each character counts as a word; so does a part of what
# has no spaces for another reason (a long URL, base64).
WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\s\u3040-\u30ff\u3400-\u9fff]{1,40}")
ITEM = re.compile(r"\s*(?:[-*•–‣▪]|\(?\d{1,3}[.)])\s")
# How good a passage begins with a word.
SECTION, PARAGRAPH, SENTENCE, ROW, INSIDE = 4, 3, 2, 1, 0
# What tells less is not ended for the next section's sake: its heading alone would be found.
LEAST_WORDS = 25

Span = tuple[int, int]


def split(page: Document, size: int, overlap: int) -> Iterator[Span]:
    """Spans of at most `size` words; together they cover every word of the text."""
    words = Words(page)
    start = 0
    while start < len(words.spans):
        end = words.end(start, size)
        yield words.spans[start][0], words.spans[end - 1][1]
        if end == len(words.spans):
            return
        start = words.next_start(end, overlap)


class Words:
    def __init__(self, page: Document) -> None:
        self.spans = [match.span() for match in WORD.finditer(page.text)]
        self._text = page.text
        self._headings = [heading.at for heading in page.headings]
        self._tables = [(rows.begin, rows.end) for rows in page.tables]
        self._borders = [SECTION, *(self._border(*each) for each in pairwise(self.spans))]

    def end(self, start: int, size: int) -> int:
        """The word behind a passage that begins at `start`."""
        last = min(start + size, len(self.spans))
        soon = range(start + LEAST_WORDS, last)
        if section := next((at for at in soon if self._borders[at] == SECTION), None):
            return section
        if last == len(self.spans):
            return last
        candidates = range(start + size // 2 + 1, last + 1)
        best = max(candidates, key=lambda at: (self._borders[at], at))
        if self._borders[best] > ROW:
            return best
        return self._table_that_fits(start, last, size) or (best if self._borders[best] else last)

    def next_start(self, end: int, overlap: int) -> int:
        """The first sentence that begins within the overlap, or else simply `overlap` words back; a
        section begins with itself.
        """
        if self._borders[end] == SECTION:
            return end
        begin = end - overlap
        return next((at for at in range(begin, end) if self._borders[at]), begin)

    def _border(self, before: Span, word: Span) -> int:
        """How good a passage begins with this word."""
        gap = self._text[before[1] : word[0]]
        if bisect_right(self._headings, word[0]) > bisect_left(self._headings, before[1]):
            return SECTION
        if self._table(word[0]):
            return ROW if "\n" in gap else INSIDE
        if gap.count("\n") > 1:
            return PARAGRAPH
        item = "\n" in gap and ITEM.match(self._text, before[1])
        ends = ENDS_SENTENCE.search(self._text[slice(*before)])
        return SENTENCE if item or ends else INSIDE

    def _table(self, place: int) -> Span | None:
        """The one in which it stands, but not at its begin."""
        at = bisect_left(self._tables, (place,)) - 1
        return self._tables[at] if at >= 0 and place < self._tables[at][1] else None

    def _table_that_fits(self, start: int, last: int, size: int) -> int | None:
        """Where the table begins that would be cut here, and that the next passage can hold."""
        if (table := self._table(self.spans[last][0])) is None:
            return None
        first, behind = (bisect_left(self.spans, (place,)) for place in table)
        fits = behind - first <= size and first - start >= LEAST_WORDS
        return first if fits else None
