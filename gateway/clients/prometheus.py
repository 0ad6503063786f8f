"""Prometheus, asked what is and what was."""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from gateway.errors import PrometheusUnknown

PATIENCE_SECONDS = 10.0
Answered = TypeVar("Answered", bound=BaseModel)


class _Series(BaseModel):
    value: tuple[float, float]


class _Data(BaseModel):
    result: list[_Series]


class _Answer(BaseModel):
    data: _Data


class _Line(BaseModel):
    metric: dict[str, str]
    values: list[tuple[float, float]]


class _Lines(BaseModel):
    result: list[_Line]


class _LinesAnswer(BaseModel):
    data: _Lines


async def query(url: str, expression: str) -> list[float]:
    """The value of each series now. Raises PrometheusUnknown."""
    content = await _asked(url, "/api/v1/query", {"query": expression})
    return [series.value[1] for series in _read(_Answer, url, content).data.result]


async def query_range(
    url: str, expression: str, start: datetime, end: datetime, step: timedelta
) -> dict[str, list[float | None]]:
    """By the label `deployment`, a value each `step`; None where there is none.

    Raises PrometheusUnknown.
    """
    first, each = start.timestamp(), step.total_seconds()
    window = {"start": first, "end": end.timestamp(), "step": each}
    content = await _asked(url, "/api/v1/query_range", {"query": expression, **window})
    count = int((end - start) / step) + 1
    return {
        line.metric.get("deployment", ""): _spread(line, first, each, count)
        for line in _read(_LinesAnswer, url, content).data.result
    }


def _spread(line: _Line, first: float, step: float, count: int) -> list[float | None]:
    known = {round((at - first) / step): value for at, value in line.values}
    values = (known.get(index) for index in range(count))
    return [value if value is not None and math.isfinite(value) else None for value in values]


async def _asked(url: str, path: str, params: Mapping[str, str | float]) -> bytes:
    try:
        async with httpx.AsyncClient(base_url=url, timeout=PATIENCE_SECONDS) as http:
            response = await http.get(path, params=params)
            response.raise_for_status()
    except httpx.HTTPError as error:
        raise PrometheusUnknown(url=url, reason=type(error).__name__) from error
    return response.content


def _read(form: type[Answered], url: str, content: bytes) -> Answered:
    try:
        return form.model_validate_json(content)
    except ValidationError as error:
        raise PrometheusUnknown(url=url, reason=type(error).__name__) from error
