"""Prometheus, asked one question."""

import httpx
from pydantic import BaseModel, ValidationError

from gateway.errors import PrometheusUnknown

PATIENCE_SECONDS = 10.0


class _Series(BaseModel):
    value: tuple[float, float]


class _Data(BaseModel):
    result: list[_Series]


class _Answer(BaseModel):
    data: _Data


async def query(url: str, expression: str) -> list[float]:
    """The value of each series now. Raises PrometheusUnknown."""
    try:
        async with httpx.AsyncClient(base_url=url, timeout=PATIENCE_SECONDS) as http:
            response = await http.get("/api/v1/query", params={"query": expression})
            response.raise_for_status()
        answer = _Answer.model_validate_json(response.content)
    except (httpx.HTTPError, ValidationError) as error:
        raise PrometheusUnknown(url=url, reason=type(error).__name__) from error
    return [series.value[1] for series in answer.data.result]
