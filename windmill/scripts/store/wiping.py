"""What was overwritten or deleted leaves the database's files as well."""

from collections.abc import Sequence

from sqlalchemy import Engine


def wipe(engine: Engine, tables: Sequence[str]) -> None:
    """SQLite's file and its log; on Postgres the tables', which are locked meanwhile.

    Postgres's write-ahead log and backups are not reached.
    """
    orders = [f"VACUUM FULL {', '.join(tables)}"]
    if engine.name == "sqlite":
        orders = ["VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"]
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for order in orders:
            connection.exec_driver_sql(order)
