"""What somebody deploys cannot be read in the registry's database without its key."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

from tests.tools.postgres import Postgres
from windmill.scripts.model.base.errors import (
    RegistryCellUnreadable,
    RegistryKeyMissing,
    RegistryKeyShort,
)
from windmill.scripts.model.base.target import Target
from windmill.scripts.model.drawing.deployment import State
from windmill.scripts.model.drawing.pipeline import Node, Pipeline
from windmill.scripts.store.cells import SEALED_COLUMNS
from windmill.scripts.store.erasing import everything
from windmill.scripts.store.messages.outbox import put
from windmill.scripts.store.registry import Registry
from windmill.scripts.store.sealing import seal_all

CANARY = "a-canary-nobody-may-find"
OLD, NEW = "an-old-key-of-more-than-32-characters", "a-new-key-of-more-than-32-characters"
Open = Callable[..., Registry]


@pytest.fixture
def opened(database_url: str) -> Iterator[Open]:
    made: list[Registry] = []

    def with_keys(*keys: str) -> Registry:
        made.append(Registry(database_url, keys=keys))
        return made[-1]

    yield with_keys
    for each in made:
        each.engine.dispose()


def fill(registry: Registry, name: str = "rag") -> str:
    """Puts the canary into every field that is sealed, and gives the deployment's id."""
    node = Node(id="docs", component="documents", config={"path": CANARY})
    begun = registry.begin(Pipeline(name=name, nodes=(node,)), f"j-{name}", "r", lambda _: False)
    registry.assign_target(begun.id, Target.local, {"api": 4000})
    registry.keep_root_config(begun.id, {"module": CANARY})
    registry.publish(begun.id, {"api": f"http://{CANARY}"})
    registry.record(begun.id, "health", CANARY, "warning", {"said": CANARY})
    registry.finish(begun.id, State.degraded, CANARY)
    put(registry, begun.id, f"{name}: degraded", CANARY)
    return begun.id


def read(registry: Registry, id_: str) -> str:
    """Everything of it that was sealed."""
    found = registry.require(id_)
    event = registry.events(id_)[0]
    told = [found.urls, found.error, event.message, event.data, registry.root_config(id_)]
    told += [row["text"] for row in everything(registry, id_)["outbox"]]
    drawings = [registry.pipeline(id_), registry.revisions(id_)[0].pipeline]
    return json.dumps([*told, *(each.model_dump(mode="json") for each in drawings)])


def kept(engine: Engine, request: pytest.FixtureRequest) -> bytes:
    """The bytes of SQLite's files; of Postgres what `pg_dump` writes."""
    if engine.name == "sqlite":
        file = Path(str(engine.url.database))
        return b"".join(each.read_bytes() for each in file.parent.glob(f"{file.name}*"))
    server: Postgres = request.getfixturevalue("postgres")
    return dumped(server, str(engine.url.query["options"]).rpartition("=")[2])


def dumped(server: Postgres, schema: str) -> bytes:
    program = server.program.with_name("pg_dump")
    where = ["--host", str(server.folder), "--username", "postgres", "--schema", schema]
    return subprocess.run(
        [str(program), *where, "postgres"], check=True, capture_output=True, timeout=60
    ).stdout


def test_neither_files_nor_dump_tell_what_is_deployed_and_the_key_does(
    opened: Open, request: pytest.FixtureRequest
) -> None:
    registry = opened(NEW)
    id_ = fill(registry)
    assert CANARY.encode() not in kept(registry.engine, request)
    assert read(opened(NEW), id_).count(CANARY) == 8


def test_what_was_plain_is_sealed_and_leaves_the_files(
    opened: Open, request: pytest.FixtureRequest
) -> None:
    id_ = fill(opened())
    assert CANARY.encode() in kept(opened().engine, request)
    registry = opened(NEW)
    assert read(registry, id_).count(CANARY) == 8, "plain rows are read"
    assert seal_all(registry.engine, [NEW]) == 5
    assert CANARY.encode() not in kept(registry.engine, request)
    assert read(registry, id_).count(CANARY) == 8
    assert seal_all(registry.engine, [NEW]) == 0


def test_a_rotation_that_was_cut_off_is_finished_by_the_next(opened: Open) -> None:
    ids = [fill(opened(OLD), name) for name in ("a", "b")]
    registry = opened(NEW, OLD)

    def cut_off(done: int, total: int) -> None:
        assert total == 10
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        seal_all(registry.engine, [NEW, OLD], cut_off)
    assert all(CANARY in read(registry, each) for each in ids)
    assert seal_all(registry.engine, [NEW, OLD]) == 7
    assert all(CANARY in read(opened(NEW), each) for each in ids)


def test_without_its_key_it_says_so_and_nothing_is_lost(opened: Open) -> None:
    id_ = fill(opened(OLD))
    for wrong in (opened(), opened(NEW)):
        with pytest.raises(RegistryKeyMissing, match="deployments/urls/rag-") as caught:
            wrong.list()
        assert "REGISTRY_SECRET_KEY_OLD" in caught.value.fix
    with pytest.raises(RegistryKeyMissing):
        seal_all(opened(NEW).engine, [NEW])
    assert CANARY in read(opened(OLD), id_)


def test_a_short_key_is_refused(opened: Open) -> None:
    with pytest.raises(RegistryKeyShort):
        opened("short")


SWAPS = [(table.__tablename__, column) for table, columns in SEALED_COLUMNS.items()
         for column in columns if column != "place"]  # fmt: skip


@pytest.mark.parametrize(("table", "column"), SWAPS)
def test_a_cell_of_another_row_is_refused(table: str, column: str, opened: Open) -> None:
    registry = opened(NEW)
    ids = [fill(registry, name) for name in ("a", "b")]
    key = "id" if table == "deployments" else "deployment_id"
    swap = f"UPDATE {table} SET {column} = (SELECT {column} FROM {table} WHERE {key} = :other)"
    with registry.engine.begin() as connection:
        given = {"own": ids[0], "other": ids[1]}
        connection.execute(sa.text(f"{swap} WHERE {key} = :own"), given)
    with pytest.raises(RegistryCellUnreadable, match=f"{table}/{column}/"):
        read(registry, ids[0])
    assert CANARY in read(registry, ids[1])


def test_a_cell_of_another_column_is_refused(opened: Open) -> None:
    registry = opened(NEW)
    id_ = fill(registry)
    with registry.engine.begin() as connection:
        connection.execute(sa.text("UPDATE events SET data = to_json(message)"
                           if registry.engine.name == "postgresql" else
                           "UPDATE events SET data = json_quote(message)"))  # fmt: skip
    with pytest.raises(RegistryCellUnreadable, match="events/data/"):
        registry.events(id_)


def test_a_plain_text_that_looks_sealed_is_read_again(opened: Open) -> None:
    registry = opened()
    id_ = fill(registry)
    registry.record(id_, "health", "sealed:0:x")
    assert registry.events(id_)[-1].message == " sealed:0:x"
