"""Real series: those that are one are accepted, the others refused with the right reason."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from serving.errors import ServingError
from serving.learning.series import Evening, series_of
from serving.tables.columns import read_table
from tests.bench import corpus

CASES = Path(__file__).with_name("series.yaml")


@dataclass(frozen=True)
class Judged:
    name: str
    right: bool
    refusable: bool
    answer: str


def real_series() -> str:
    judged = [_judged(**case) for case in yaml.safe_load(CASES.read_text("utf-8"))]
    lines = ["Real series"]
    for title, refusable in (("accepted", False), ("refused with the right reason", True)):
        group = [each for each in judged if each.refusable == refusable]
        lines.append(f"  {title:34} {sum(each.right for each in group)} of {len(group)}")
    wrong = [f"  wrong: {each.name}: {each.answer}" for each in judged if not each.right]
    return "\n".join([*lines, *wrong])


def _judged(
    file: str, time: str, value: str, gaps: Any = "refuse", refused: str | None = None
) -> Judged:
    name = Path(file).name
    try:
        table = read_table(name, corpus.series(file))
        answer = f"{len(series_of(table, time, value, Evening(gaps, 'refuse')).values)} values"
        right = refused is None
    except ServingError as error:
        answer = error.message
        right = refused is not None and refused in answer
    return Judged(name, right, refused is not None, answer)
