"""How near an answer comes to what was expected."""

import re
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from serving.port_types import Embedder

Metric = Literal["exact", "contains", "similarity"]
NOT_WORDS = re.compile(r"[^\w]+")


@dataclass(frozen=True)
class Scored:
    question: str
    expected: tuple[str, ...]
    answer: str
    exact: bool
    contains: bool
    similarity: float
    seconds: float
    passed: bool
    error: str = ""


def plain(text: str) -> str:
    """Case, punctuation and spaces do not make an answer wrong."""
    return NOT_WORDS.sub(" ", text.casefold()).strip()


async def score(
    question: str,
    expected: tuple[str, ...],
    answer: str,
    seconds: float,
    embedder: Embedder,
    metric: Metric,
    threshold: float,
) -> Scored:
    said = f" {plain(answer)} "
    wanted = [f" {plain(text)} " for text in expected]
    exact, contains = said in wanted, any(text in said for text in wanted)
    similarity = await _similarity(embedder, answer, expected)
    passed = {"exact": exact, "contains": contains, "similarity": similarity >= threshold}[metric]
    return Scored(question, expected, answer, exact, contains, similarity, seconds, passed)


async def _similarity(embedder: Embedder, answer: str, expected: Sequence[str]) -> float:
    if not answer:
        return 0.0
    vectors = await embedder.texts([answer, *expected])
    return round(float((vectors[1:] @ vectors[0]).max()), 4)


def summarize(scored: Sequence[Scored], metric: Metric, required: float) -> dict[str, Any]:
    count = len(scored)
    share = sum(one.passed for one in scored) / count
    times = sorted(one.seconds for one in scored)
    return {
        "passed": share >= required,
        "metric": metric,
        "score": round(share, 4),
        "required": required,
        "count": count,
        "errors": sum(bool(one.error) for one in scored),
        "exact": round(sum(one.exact for one in scored) / count, 4),
        "contains": round(sum(one.contains for one in scored) / count, 4),
        "similarity": round(statistics.fmean(one.similarity for one in scored), 4),
        "seconds": {
            "median": round(statistics.median(times), 3),
            "p95": round(times[min(count - 1, int(count * 0.95))], 3),
            "most": round(times[-1], 3),
        },
        "questions": [asdict(one) for one in scored],
    }
