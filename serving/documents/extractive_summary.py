"""The sentences that say most of a text, in its own words (SumBasic)."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice

from serving.documents.chunking import WORD
from serving.documents.keyword_index import words
from serving.documents.sentences import sentences

MOST_SENTENCES = 2000
SHORTEST_WORD = 4  # what is shorter seldom carries meaning
NUMBER = re.compile(r"\d")


def extract(text: str, count: int) -> list[str]:
    """Whole sentences in the order of the text; what is said once is not said again."""
    candidates = sentences(text)[:MOST_SENTENCES]
    contents = [content_words(sentence) for sentence in candidates]
    weights = _weights(contents)
    chosen: set[int] = set()
    while len(chosen) < min(count, len(candidates)):
        rest = (at for at in range(len(candidates)) if at not in chosen)
        best = max(rest, key=lambda at: (_score(contents[at], weights), -at))
        chosen.add(best)
        for word in contents[best]:
            weights[word] **= 2
    return [candidates[at] for at in sorted(chosen)]


def shorten(text: str, most_words: int) -> str:
    """Its most telling sentences up to a length; its beginning where it has no sentences."""
    candidates = sentences(text)
    contents = [content_words(sentence) for sentence in candidates]
    weights = _weights(contents)
    chosen, room = set(), most_words
    for at in sorted(range(len(candidates)), key=lambda at: (-_score(contents[at], weights), at)):
        room -= len(WORD.findall(candidates[at]))
        if room < 0:
            break
        chosen.add(at)
    return " ".join(candidates[at] for at in sorted(chosen)) or _beginning(text, most_words)


def _beginning(text: str, most_words: int) -> str:
    ends = [match.end() for match in islice(WORD.finditer(text), most_words)]
    return text[: ends[-1]] if ends else ""


def content_words(text: str) -> list[str]:
    return [word for word in words(text) if len(word) >= SHORTEST_WORD or NUMBER.search(word)]


def _weights(contents: Sequence[Sequence[str]]) -> dict[str, float]:
    counts = Counter(word for sentence in contents for word in sentence)
    return {word: times / counts.total() for word, times in counts.items()}


def _score(sentence: Sequence[str], weights: dict[str, float]) -> float:
    return sum(weights[word] for word in sentence) / max(len(sentence), 1)
