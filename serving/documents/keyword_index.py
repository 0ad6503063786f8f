"""BM25, scaled to the share of a question's words that a passage holds, rare words counting more.

The meaning of names and numbers is weak in a small embedding model; their spelling is not.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from serving.port_types import Matrix

WORD = re.compile(r"\w+")
SATURATION = 1.2
LENGTH_WEIGHT = 0.75


def words(text: str) -> list[str]:
    return WORD.findall(text.casefold())


class KeywordIndex:
    def __init__(self, texts: Sequence[str]) -> None:
        self._count = len(texts)
        counts = [Counter(words(text)) for text in texts]
        lengths = [count.total() for count in counts]
        mean = sum(lengths) / max(len(lengths), 1) or 1
        self._weights: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for at, count in enumerate(counts):
            norm = SATURATION * (1 - LENGTH_WEIGHT + LENGTH_WEIGHT * lengths[at] / mean)
            for word, times in count.items():
                self._weights[word].append((at, times / (times + norm)))

    def scores(self, question: str) -> "Matrix":
        """Between 0 (no word in common) and 1."""
        import numpy as np

        scores = np.zeros(self._count, dtype=np.float32)
        rarity = {word: self._rarity(word) for word in set(words(question))}
        for word, weight in rarity.items():
            for at, share in self._weights.get(word, ()):
                scores[at] += weight * share
        return scores / max(sum(rarity.values()), 1e-9)

    def _rarity(self, word: str) -> float:
        holders = len(self._weights.get(word, ()))
        return math.log(1 + (self._count - holders + 0.5) / (holders + 0.5))
