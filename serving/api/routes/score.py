"""POST /batch/csv: a whole file in, the same file with the predictions beside its columns out."""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from serving import errors
from serving.api.events import UNBUFFERED, event
from serving.api.failures import responses
from serving.api.metrics import Metrics
from serving.api.routes.predict import predict_all
from serving.isolation.bounds import TABLE
from serving.isolation.pool import isolated
from serving.port_types import RowModel
from serving.problems import counted, few, listed
from serving.runtime import Runtime
from serving.tables.reader import MOST_COLUMNS
from serving.tables.rows import Rows, read_rows
from serving.tables.writer import as_csv

TEXT: dict[str, Any] = {"schema": {"type": "string"}}
CSV = {"text/csv": TEXT}
LINES = {"application/jsonl": TEXT, "application/x-ndjson": TEXT}
EVENTS = "text/event-stream"
ANSWER: dict[str, Any] = {
    "description": "CSV; with `Accept: text/event-stream` the events progress…, then done or error",
    "content": CSV | {EVENTS: {}},
}
ROWS_AT_ONCE = 2000


def router(runtime: Runtime, metrics: Metrics) -> APIRouter:
    api = APIRouter()

    @api.post(
        "/batch/csv",
        response_class=Response,
        responses={200: ANSWER, **responses(413, 422, 503)},
        summary="Predict for every row of a CSV or JSON-lines file",
        openapi_extra={"requestBody": {"content": CSV | LINES, "required": True}},
    )
    async def score(request: Request) -> Response:
        scoring = Scoring(runtime, metrics, _name(request), await request.body())
        if EVENTS in request.headers.get("accept", ""):
            return StreamingResponse(scoring.events(), media_type=EVENTS, headers=UNBUFFERED)
        async for _ in scoring.progress():
            pass
        return Response(await scoring.written(), media_type="text/csv; charset=utf-8")

    return api


def _name(request: Request) -> str:
    """Which reader it is for, its ending tells."""
    is_lines = request.headers.get("content-type", "").split(";")[0].strip() in LINES
    return "the file.jsonl" if is_lines else "the file"


class Scoring:
    """A file of rows, and what is predicted for them."""

    def __init__(self, runtime: Runtime, metrics: Metrics, name: str, content: bytes) -> None:
        self._runtime = runtime
        self._metrics = metrics
        self._name = name
        self._content = content
        self._rows = Rows((), (), (), ())
        self._outputs: list[Any] = []

    async def progress(self) -> AsyncGenerator[dict[str, int], None]:
        """How many of the rows are done, again and again."""
        columns = self._runtime.provided(RowModel).columns
        name, content = self._name, self._content
        rows = await asyncio.to_thread(isolated, "The file", TABLE, read_rows, name, content)
        self._rows = rows
        _check(rows, columns)
        places = [(column, rows.columns.index(column)) for column in columns]
        for start in range(0, len(rows.cells), ROWS_AT_ONCE):
            part = rows.cells[start : start + ROWS_AT_ONCE]
            inputs = [{column: row[at] for column, at in places} for row in part]
            await self._predict(start, inputs)
            yield {"done": start + len(part), "total": len(rows.cells)}

    async def written(self) -> str:
        return await asyncio.to_thread(_written, self._rows, self._outputs)

    async def events(self) -> AsyncGenerator[str, None]:
        try:
            async with aclosing(self.progress()) as parts:
                async for part in parts:
                    yield event("progress", part)
            yield event("done", {"csv": await self.written(), "rows": len(self._outputs)})
        except errors.ServingError as error:
            yield event("error", error.body())

    async def _predict(self, start: int, inputs: Sequence[Any]) -> None:
        try:
            self._outputs += await predict_all(self._runtime, self._metrics, inputs)
        except errors.BadInput as error:
            where = f"Row {self._rows.numbers[start + error.index]}"
            raise errors.BadInput(error.index, error.reason, where) from error


def _check(rows: Rows, columns: Sequence[str]) -> None:
    """Other columns of the file, a customer's number for instance, are simply passed on."""
    if rows.problems:
        bad, reasons = counted(len(rows.problems), "row"), listed(rows.problems)
        raise errors.BadRows(rows=bad, table="the file", reasons=reasons)
    for column in columns:
        if column not in rows.columns:
            has, expected = few(rows.columns), few(columns)
            raise errors.MissingColumn(column=column, expected=expected, columns=has)


def _written(rows: Rows, outputs: Sequence[Mapping[str, Any]]) -> str:
    predicted = next(_beside(rows.columns, outputs))
    given = (dict(zip(rows.columns, cells, strict=True)) for cells in rows.cells)
    return as_csv([cells | new for cells, new in zip(given, predicted, strict=True)])


def _beside(columns: Sequence[str], outputs: Sequence[Any]) -> Iterator[list[dict[str, Any]]]:
    """Under names that the file does not have: it may have been scored before."""
    for name in ("predicted", *(f"predicted_{number}" for number in range(2, MOST_COLUMNS + 2))):
        flat = [dict(_flat(name, output)) for output in outputs]
        if not any(key in columns for row in flat for key in row):
            yield flat


def _flat(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(f"{name}_{key}", inner)
    else:
        yield name, "; ".join(map(str, value)) if isinstance(value, list) else value
