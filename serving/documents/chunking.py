"""Windows of words over a text, which end with a paragraph or a sentence if one is near."""

import re
from collections.abc import Iterator, Sequence

from serving.documents.sentences import ENDS_SENTENCE

# Chinese and Japanese write without spaces: each character counts as a word; so does a part of what
# has no spaces for another reason (a long URL, base64).
WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\s\u3040-\u30ff\u3400-\u9fff]{1,40}")

Span = tuple[int, int]


def split(text: str, size: int, overlap: int) -> Iterator[Span]:
    """Spans of at most `size` words; together they cover every word of the text."""
    words = [match.span() for match in WORD.finditer(text)]
    borders = [_border(text, words, at) for at in range(len(words))]
    start = 0
    while start < len(words):
        end = _end(borders, start, size)
        yield words[start][0], words[end - 1][1]
        if end == len(words):
            return
        start = _next_start(borders, end, overlap)


def _border(text: str, words: Sequence[Span], at: int) -> int:
    """How good a passage begins with this word: 2 paragraph, 1 sentence, 0 in the middle of one."""
    if at == 0:
        return 2
    gap = text[words[at - 1][1] : words[at][0]]
    if gap.count("\n") > 1:
        return 2
    before = text[words[at - 1][0] : words[at - 1][1]]
    return 1 if ENDS_SENTENCE.search(before) else 0


def _end(borders: Sequence[int], start: int, size: int) -> int:
    last = start + size
    if last >= len(borders):
        return len(borders)
    candidates = range(start + size // 2 + 1, last + 1)
    return (
        max(candidates, key=lambda at: (borders[at], at))
        if any(borders[at] for at in candidates)
        else last
    )


def _next_start(borders: Sequence[int], end: int, overlap: int) -> int:
    """The first sentence that begins within the overlap, or else simply `overlap` words back."""
    begin = end - overlap
    return next((at for at in range(begin, end) if borders[at]), begin)
