"""The database of what the gateway remembers, without blocking the server."""

from collections.abc import Callable, Sequence
from functools import cached_property
from threading import Lock
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from gateway.errors import StateUnreachable
from gateway.state.migrations import bring_up_to_date
from windmill.scripts.store.connection import connect
from windmill.scripts.store.exclusive import alone_with
from windmill.scripts.store.wiping import wipe

T = TypeVar("T")
Work = Callable[[Connection], T]


class Database:
    def __init__(self, url: str) -> None:
        self.url = url
        self._opening = Lock()

    @cached_property
    def engine(self) -> Engine:
        # Connects when first used: a database that is down must not keep the gateway from starting.
        engine = connect(self.url)
        bring_up_to_date(engine)
        return engine

    async def read(self, work: Work[T]) -> T:
        """Raises StateUnreachable, StateAhead."""
        return await run_in_threadpool(self._read, work)

    async def write(self, work: Work[T]) -> T:
        """One writer at a time; whole or not at all. Raises StateUnreachable, StateAhead."""
        return await run_in_threadpool(self._write, work)

    async def wipe(self, tables: Sequence[str]) -> None:
        """What was overwritten or deleted leaves the files, too. Raises StateUnreachable."""
        await run_in_threadpool(self._wipe, tables)

    def _wipe(self, tables: Sequence[str]) -> None:
        try:
            wipe(self._opened(), tables)
        except SQLAlchemyError as error:
            raise StateUnreachable from error

    def _read(self, work: Work[T]) -> T:
        try:
            with self._opened().connect() as connection:
                return work(connection)
        except SQLAlchemyError as error:
            raise StateUnreachable from error

    def _write(self, work: Work[T]) -> T:
        try:
            with alone_with(self._opened()) as connection:
                return work(connection)
        except SQLAlchemyError as error:
            raise StateUnreachable from error

    def _opened(self) -> Engine:
        with self._opening:
            return self.engine

    def close(self) -> None:
        if engine := self.__dict__.pop("engine", None):
            engine.dispose()
