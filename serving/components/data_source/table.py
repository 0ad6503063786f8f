"""Reads a table from a CSV or JSON-lines file and checks it row by row."""

import asyncio
from pathlib import Path
from typing import Literal

from pydantic import Field

from serving import errors
from serving.component import Component, Config
from serving.port_types import Table
from serving.problems import listed
from serving.tables.columns import table_of
from serving.tables.reader import read_file
from serving.tables.rows import MOST_BYTES, collect


class TableConfig(Config):
    path: str = Field(min_length=1)
    bad_rows: Literal["fail", "skip"] = "fail"


class TableSource(Component):
    kind = "table"
    Config = TableConfig

    async def run(self) -> Table:
        return await asyncio.to_thread(self._read)

    def _read(self) -> Table:
        path = Path(self.config.path)
        table = table_of(
            path.name, collect(path.name, read_file(self.context.files, path, MOST_BYTES))
        )
        if table.skipped and not (self.config.bad_rows == "skip" and table.rows):
            count, reasons = len(table.skipped), listed(table.skipped)
            raise errors.BadRows(count=count, table=path.name, reasons=reasons)
        return table
