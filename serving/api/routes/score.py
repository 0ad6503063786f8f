"""POST /batch/csv: a whole file in, the same file with the predictions beside its columns out."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request, Response

from serving import errors
from serving.api.failures import responses
from serving.api.metrics import Metrics
from serving.api.routes.predict import predict_all
from serving.isolation.bounds import TABLE
from serving.isolation.pool import isolated
from serving.port_types import RowModel
from serving.problems import listed
from serving.runtime import Runtime
from serving.tables.reader import MOST_COLUMNS
from serving.tables.rows import Rows, read_rows
from serving.tables.writer import as_csv

CSV = {"text/csv": {"schema": {"type": "string"}}}
ROWS_AT_ONCE = 2000


def router(runtime: Runtime, metrics: Metrics) -> APIRouter:
    api = APIRouter()

    @api.post(
        "/batch/csv",
        response_class=Response,
        responses={200: {"content": CSV}, **responses(413, 422, 503)},
        summary="Predict for every row of a CSV file",
        openapi_extra={"requestBody": {"content": CSV, "required": True}},
    )
    async def score(request: Request) -> Response:
        columns = runtime.provided(RowModel).columns
        content = await request.body()
        rows = await asyncio.to_thread(isolated, "The file", TABLE, read_rows, "the file", content)
        _check(rows, columns)
        places = [(column, rows.columns.index(column)) for column in columns]
        outputs: list[Any] = []
        for start in range(0, len(rows.cells), ROWS_AT_ONCE):
            part = rows.cells[start : start + ROWS_AT_ONCE]
            inputs = [{column: row[at] for column, at in places} for row in part]
            try:
                outputs += await predict_all(runtime, metrics, inputs)
            except errors.BadInput as error:
                where = f"Row {rows.numbers[start + error.index]}"
                raise errors.BadInput(error.index, error.reason, where) from error
        written = await asyncio.to_thread(_written, rows, outputs)
        return Response(written, media_type="text/csv; charset=utf-8")

    return api


def _check(rows: Rows, columns: Sequence[str]) -> None:
    """Other columns of the file, a customer's number for instance, are simply passed on."""
    if rows.problems:
        count, reasons = len(rows.problems), listed(rows.problems)
        raise errors.BadRows(count=count, table="the file", reasons=reasons)
    for column in columns:
        if column not in rows.columns:
            columns_given = ", ".join(rows.columns)
            raise errors.NoSuchColumn(table="The file", column=column, columns=columns_given)


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
