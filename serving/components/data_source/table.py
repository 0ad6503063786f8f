"""Reads a table from a CSV or JSON-lines file and checks it row by row."""

import asyncio
from pathlib import Path
from typing import Literal

from pydantic import Field

from serving import errors
from serving.component import Component, Config
from serving.isolation.bounds import TABLE
from serving.isolation.pool import isolated
from serving.port_types import Table
from serving.problems import counted, listed
from serving.tables.columns import read_table
from serving.tables.reader import NO_FILE, check_ending
from serving.tables.rows import MOST_BYTES


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
        content = self._content(path)
        table = isolated(path.name, TABLE, read_table, path.name, content)
        if table.skipped and not (self.config.bad_rows == "skip" and table.rows):
            rows, reasons = counted(len(table.skipped), "row"), listed(table.skipped)
            raise errors.BadRows(rows=rows, table=path.name, reasons=reasons)
        return table

    def _content(self, path: Path) -> bytes:
        check_ending(path)
        try:
            return self.context.files.read(path, MOST_BYTES)
        except OSError as error:
            raise errors.UnreadableTable(table=path, reason=error.strerror, fix=NO_FILE) from error
