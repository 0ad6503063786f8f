"""POST /batch/csv: a whole file in, the same file with the predictions beside its columns out."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request, Response

from serving import errors
from serving.api.failures import responses
from serving.api.metrics import Metrics
from serving.api.routes.predict import predict_all
from serving.port_types import RowModel
from serving.runtime import Runtime
from serving.tables.rows import Rows, read_rows, told

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
        rows = read_rows("the file", await request.body())
        _check(rows, columns)
        outputs: list[Any] = []
        for start in range(0, len(rows.cells), ROWS_AT_ONCE):
            part = rows.cells[start : start + ROWS_AT_ONCE]
            inputs = [{column: row[column] for column in columns} for row in part]
            try:
                outputs += await predict_all(runtime, metrics, inputs)
            except errors.BadInput as error:
                where = f"Row {rows.numbers[start + error.index]}"
                raise errors.BadInput(error.index, error.reason, where) from error
        return Response(_written(rows, outputs), media_type="text/csv; charset=utf-8")

    return api


def _check(rows: Rows, columns: Sequence[str]) -> None:
    """Other columns of the file, a customer's number for instance, are simply passed on."""
    if rows.problems:
        count, reasons = len(rows.problems), told(rows.problems)
        raise errors.BadRows(count=count, table="the file", reasons=reasons)
    for column in columns:
        if column not in rows.columns:
            known = ", ".join(rows.columns)
            raise errors.NoSuchColumn(table="The file", column=column, columns=known)


def _written(rows: Rows, outputs: Sequence[Mapping[str, Any]]) -> str:
    found = [dict(_flat("predicted", output)) for output in outputs]
    names = list(dict.fromkeys(name for line in found for name in line))
    file = io.StringIO()
    writer = csv.DictWriter(file, [*rows.columns, *names], restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(dict(row) | line for row, line in zip(rows.cells, found, strict=True))
    return file.getvalue()


def _flat(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(f"{name}_{key}", inner)
    else:
        yield name, "; ".join(map(str, value)) if isinstance(value, list) else value
