"""The registry's database for one process alone, in one transaction that can change tables."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.orm import Session

# Any number, as long as it is always this one.
_LOCK = 0x6D6C6F7073  # "mlops"


def alone_with(engine: Engine) -> AbstractContextManager[Connection]:
    """Others that come here wait. What is done inside is kept whole or not at all."""
    return _alone_on_sqlite(engine) if engine.name == "sqlite" else _alone_on_postgres(engine)


@contextmanager
def _alone_on_postgres(engine: Engine) -> Iterator[Connection]:
    with engine.begin() as connection:
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        yield connection


@contextmanager
def _alone_on_sqlite(engine: Engine) -> Iterator[Connection]:
    """BEGIN and COMMIT are ours: Python's driver would begin late and not at all for DDL."""
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        run = connection.exec_driver_sql
        # A changed table is rebuilt; while keys are enforced that takes the rows that refer to it.
        run("PRAGMA foreign_keys=OFF")
        run("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            run("ROLLBACK")
            raise
        else:
            run("COMMIT")
        finally:
            run("PRAGMA foreign_keys=ON")


def wait_alone(session: Session) -> None:
    """From here to its end no other transaction that began so is under way; it is the first thing
    that this one does."""
    connection = session.connection()
    if connection.engine.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
