"""From nothing, and from what was there before there were migrations, to what the models say."""

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Engine

from tests.store.conftest import DATA, run_sql
from windmill.scripts.model.base.errors import NotARegistry, RegistryAhead, RegistryBehind
from windmill.scripts.store.migrations.chain import MIGRATIONS
from windmill.scripts.store.migrations.migration import Migration
from windmill.scripts.store.reading import RegistryReader
from windmill.scripts.store.registry import Registry
from windmill.scripts.store.schema import bring_up_to_date, require_current, revision_of
from windmill.scripts.store.tables import Base

HEAD = MIGRATIONS[-1].revision


def rebuild_deployments(op: Operations) -> None:
    """SQLite has to copy the table to which the others refer."""
    with op.batch_alter_table("deployments", recreate="auto") as table:
        table.add_column(sa.Column("colour", sa.String, nullable=False, server_default="grey"))
        table.drop_column("error")


def make_table(op: Operations) -> None:
    op.create_table("made_once", sa.Column("id", sa.Integer, primary_key=True))


def fail_midway(op: Operations) -> None:
    rebuild_deployments(op)
    raise RuntimeError("no further")


Open = Callable[[type[RegistryReader]], RegistryReader]


def followed_by(upgrade: Callable[[Operations], None]) -> tuple[Migration, ...]:
    return (*MIGRATIONS, Migration("next", HEAD, upgrade))


@pytest.fixture
def deployments() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((DATA / "before_migrations.json").read_text("utf-8"))
    return [{**row, "machine": "", "charges": [], "spent_usd": 0} for row in rows]


@pytest.fixture
def open_registry(database_url: str) -> Iterator[Open]:
    opened: list[RegistryReader] = []

    def open_as(kind: type[RegistryReader]) -> RegistryReader:
        opened.append(kind(database_url))
        return opened[-1]

    yield open_as
    for each in opened:
        each.engine.dispose()


def differences_from_models(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences: list[Any] = compare_metadata(context, Base.metadata)
        return differences


def revision_that_alembic_sees(engine: Engine) -> str | None:
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def columns(engine: Engine, table: str) -> set[str]:
    return {column["name"] for column in sa.inspect(engine).get_columns(table)}


def listed(registry: RegistryReader) -> list[dict[str, Any]]:
    return [each.model_dump(mode="json") for each in registry.list(include_destroyed=True)]


def test_a_registry_made_from_nothing_is_what_the_models_say(engine: Engine) -> None:
    bring_up_to_date(engine)
    assert differences_from_models(engine) == []
    assert revision_that_alembic_sees(engine) == HEAD


def test_a_registry_from_before_migrations_becomes_what_the_models_say(old: Engine) -> None:
    bring_up_to_date(old)
    assert differences_from_models(old) == []
    assert revision_that_alembic_sees(old) == HEAD


def test_what_was_in_it_before_migrations_is_still_there(
    old: Engine, open_registry: Open, deployments: list[dict[str, Any]]
) -> None:
    registry = open_registry(Registry)
    assert isinstance(registry, Registry)
    assert listed(registry) == deployments
    assert [event.data for event in registry.events("rag-000001")] == [{"added": 1}] * 2
    assert registry.pipeline("rag-000001").nodes[0].id == "b"
    registry.record("rag-000001", "check_health", "well")
    assert registry.events("rag-000001")[-1].message == "well"


def test_a_registry_from_before_migrations_counts_as_the_first_revision(old: Engine) -> None:
    require_current(old, MIGRATIONS[:1])
    assert revision_that_alembic_sees(old) is None, "a reader writes nothing"


def test_every_machine_that_may_be_there_is_counted_once_charges_know_theirs(
    old: Engine, open_registry: Open
) -> None:
    """One that would not end when it was replaced had its charge stopped by earlier versions."""
    bring_up_to_date(old, MIGRATIONS[:6])
    run_sql(old, (DATA / "charges_without_machines.sql").read_text("utf-8"))
    found = open_registry(Registry).require("rag-000001")
    counted = [(each.attempt, each.offer, f"{each.since:%H:%M}") for each in found.charges]
    assert counted == [("rag.2", "L4", "02:00"), ("rag.1", "A10", "02:30")]
    assert found.hourly_usd == 0.9
    assert found.spent_usd == pytest.approx(0.4 * 2.5)


def test_a_half_made_registry_from_before_migrations_is_completed(old: Engine) -> None:
    run_sql(old, "DROP TABLE parts")
    bring_up_to_date(old)
    assert differences_from_models(old) == []


def test_a_table_that_others_refer_to_is_changed_and_no_row_is_lost(
    old: Engine, deployments: list[dict[str, Any]]
) -> None:
    bring_up_to_date(old, followed_by(rebuild_deployments))
    assert revision_that_alembic_sees(old) == "next"
    with old.connect() as connection:
        colours = connection.scalars(sa.text("SELECT colour FROM deployments")).all()
        events = connection.scalar(sa.text("SELECT count(*) FROM events"))
    assert (colours, events) == (["grey"] * len(deployments), 5)
    with pytest.raises(sa.exc.IntegrityError), old.begin() as connection:
        connection.execute(sa.text("DELETE FROM deployments"))


def test_a_migration_that_fails_leaves_all_as_it_was(old: Engine) -> None:
    before = columns(old, "deployments")
    with pytest.raises(RuntimeError, match="no further"):
        bring_up_to_date(old, followed_by(fail_midway))
    assert columns(old, "deployments") == before
    assert revision_that_alembic_sees(old) is None
    bring_up_to_date(old, followed_by(rebuild_deployments))


@pytest.mark.parametrize("database", ["empty", "from before migrations"])
def test_of_many_that_open_it_at_once_one_migrates(
    database: str, new_engine: Callable[[], Engine], request: pytest.FixtureRequest
) -> None:
    if database != "empty":
        request.getfixturevalue("old")
    workers = 8
    together = threading.Barrier(workers)

    def open_it(engine: Engine) -> None:
        together.wait()
        bring_up_to_date(engine, followed_by(make_table))

    engines = [new_engine() for _ in range(workers)]
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(open_it, engines))
    assert revision_that_alembic_sees(engines[0]) == "next"


def test_opening_a_registry_that_is_up_to_date_only_looks(engine: Engine) -> None:
    bring_up_to_date(engine)
    said: list[str] = []
    sa.event.listen(engine, "before_cursor_execute", lambda *args: said.append(args[2].split()[0]))
    bring_up_to_date(engine)
    assert set(said) <= {"SELECT", "PRAGMA"}
    assert said.count("SELECT") <= 2


@pytest.mark.parametrize("open_it", [bring_up_to_date, require_current])
def test_a_registry_of_a_newer_version_is_refused_with_what_to_do(
    engine: Engine, open_it: Callable[[Engine], None]
) -> None:
    bring_up_to_date(engine, followed_by(make_table))
    with pytest.raises(RegistryAhead, match=f"revision next; .* none after {HEAD}") as caught:
        open_it(engine)
    assert "mlops sync push" in caught.value.fix
    assert revision_that_alembic_sees(engine) == "next"


@pytest.mark.parametrize(("migrated_before", "found"), [(True, HEAD), (False, "0001")])
def test_a_reader_refuses_a_registry_that_waits_for_a_migration(
    migrated_before: bool, found: str, old: Engine
) -> None:
    if migrated_before:
        bring_up_to_date(old)
    with pytest.raises(RegistryBehind, match=f"revision {found}.* needs next") as caught:
        require_current(old, followed_by(make_table))
    assert "migrate_registry" in caught.value.fix
    assert not sa.inspect(old).has_table("made_once")


def test_a_reader_makes_the_registry_where_there_is_none(
    engine: Engine, open_registry: Open
) -> None:
    assert listed(open_registry(RegistryReader)) == []
    assert revision_that_alembic_sees(engine) == HEAD


def test_another_program_s_table_is_not_taken_for_ours(engine: Engine) -> None:
    run_sql(engine, "CREATE TABLE runs (id INTEGER PRIMARY KEY, kind VARCHAR)")
    with pytest.raises(NotARegistry, match=r"'runs' .* lacks root_job, deployment_id"):
        bring_up_to_date(engine)
    assert sa.inspect(engine).get_table_names() == ["runs"]


def test_a_database_without_a_registry_has_no_revision(engine: Engine) -> None:
    with engine.connect() as connection:
        assert revision_of(connection) is None


def test_each_migration_follows_the_one_before() -> None:
    assert MIGRATIONS[0].down_revision is None
    assert all(later.down_revision == one.revision for one, later in pairwise(MIGRATIONS))
    assert len({each.revision for each in MIGRATIONS}) == len(MIGRATIONS)
