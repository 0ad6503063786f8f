"""Which revision the registry's tables are at, and the way to the newest."""

# Imported only by what migrates: every step opens the registry, and alembic is slow to import.
# extra_requirements:
# alembic

from collections.abc import Sequence

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    delete,
    insert,
    inspect,
    select,
)

from ..model.base.errors import NotARegistry, RegistryAhead, RegistryBehind
from .exclusive import alone_with
from .migrations.chain import MIGRATIONS
from .migrations.migration import Migration
from .migrations.r0001_first_tables import MIGRATION as FIRST
from .migrations.r0001_first_tables import TABLES as FIRST_TABLES

# Alembic's own, so that its tools know the revision too.
VERSION = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


def bring_up_to_date(engine: Engine, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Raises RegistryAhead, NotARegistry; then nothing was changed."""
    with engine.connect() as connection:
        if _stamp(connection) == migrations[-1].revision:
            return
    with alone_with(engine) as connection:
        _migrate(connection, migrations)


def require_current(engine: Engine, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """For whoever only reads: makes a registry where there is none, changes none.

    Raises RegistryBehind, RegistryAhead.
    """
    with engine.connect() as connection:
        found = revision_of(connection)
    if found is None:
        bring_up_to_date(engine, migrations)
    elif _pending(found, migrations):
        raise RegistryBehind(found, migrations[-1].revision)


def revision_of(connection: Connection) -> str | None:
    """None for a database without a registry."""
    made_before_migrations = inspect(connection).has_table("deployments")
    return _stamp(connection) or (FIRST.revision if made_before_migrations else None)


def _stamp(connection: Connection) -> str | None:
    stamped = inspect(connection).has_table(VERSION.name)
    return connection.scalar(select(VERSION.c.version_num)) if stamped else None


def _migrate(connection: Connection, migrations: Sequence[Migration]) -> None:
    from alembic.migration import MigrationContext
    from alembic.operations import Operations

    found = _stamp(connection)
    if found is None:
        _refuse_strangers(connection)
        VERSION.create(connection, checkfirst=True)
    operations = Operations(MigrationContext.configure(connection))
    for migration in _pending(found, migrations):
        migration.upgrade(operations)
    connection.execute(delete(VERSION))
    connection.execute(insert(VERSION).values(version_num=migrations[-1].revision))


def _pending(found: str | None, migrations: Sequence[Migration]) -> Sequence[Migration]:
    revisions = [None, *(migration.revision for migration in migrations)]
    if found not in revisions:
        raise RegistryAhead(str(found), migrations[-1].revision)
    return migrations[revisions.index(found) :]


def _refuse_strangers(connection: Connection) -> None:
    """Tables of our names that are another program's."""
    there = inspect(connection)
    for table in FIRST_TABLES.sorted_tables:
        if there.has_table(table.name):
            columns = {column["name"] for column in there.get_columns(table.name)}
            if missing := [column.name for column in table.columns if column.name not in columns]:
                raise NotARegistry(table=table.name, missing=", ".join(missing))
