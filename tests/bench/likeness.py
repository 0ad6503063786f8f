"""How alike two texts are: the figures of the bench, without which they could flatter us."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

WORD = re.compile(r"\w+")


def words(text: str) -> Counter[str]:
    return Counter(WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def words_found(ours: str, theirs: str) -> float:
    """The share of their words that we have, each as often as they do."""
    wanted = words(theirs)
    return (wanted & words(ours)).total() / max(wanted.total(), 1)


def characters_wrong(ours: str, theirs: str) -> tuple[int, int]:
    """Edits that make ours theirs, and how many characters there are; white space counts once."""
    left, right = (" ".join(unicodedata.normalize("NFKC", text).split()) for text in (ours, theirs))
    return edits(left, right), len(right)


def edits(left: str, right: str) -> int:
    """Levenshtein's distance, a column a bit vector (Hyyrö, "Explaining and extending the
    bit-parallel approximate string matching algorithm of Myers", 2001).
    """
    if not left:
        return len(right)
    mask, last = (1 << len(left)) - 1, 1 << (len(left) - 1)
    places: dict[str, int] = {}
    for at, character in enumerate(left):
        places[character] = places.get(character, 0) | 1 << at
    up, down, distance = mask, 0, len(left)
    for character in right:
        equal = places.get(character, 0)
        across = (((equal & up) + up) ^ up) | equal | down
        gain, loss = down | (mask & ~(across | up)), up & across
        distance += bool(gain & last) - bool(loss & last)
        gain, loss = (gain << 1 | 1) & mask, (loss << 1) & mask
        up, down = loss | (mask & ~(across | gain)), gain & across
    return distance


def hit(ranks: Sequence[int | None], most: int) -> float:
    """The share of questions whose passage is among the first `most`; ranks count from 1."""
    return sum(rank is not None and rank <= most for rank in ranks) / max(len(ranks), 1)


def mean_reciprocal_rank(ranks: Sequence[int | None]) -> float:
    return sum(1 / rank for rank in ranks if rank) / max(len(ranks), 1)
