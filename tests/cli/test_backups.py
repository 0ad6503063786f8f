"""What a platform keeps, as one file: taken while it is written to, put back where nothing is."""

import sqlite3
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.errors import BackupUnusable, DumpFailed, HomeInUse
from cli.platform.backing_up import back_up, restore
from cli.platform.home import Home
from tests.e2e.harness import Platform
from tests.tools.needs import need
from tests.tools.postgres import Postgres, running_postgres

KEPT, VALUE = "f/mlops/kept", "in the engine's seal"
KEY = "NOTHING-BUT-A-KEY-OF-N8N"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """As `mlops up` leaves one, with a writer that has not finished."""
    home = Home(tmp_path / "home", tmp_path / "cache")
    home.make()
    home.secrets()
    with sqlite3.connect(home.registry_file) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE deployments (name)")
        database.execute("INSERT INTO deployments VALUES ('kept')")
    database.close()
    state = home.deployments / "d1" / "terraform.tfstate"
    state.parent.mkdir()
    state.write_text('{"serial": 7}')
    (home.logs / "gateway.log").write_text("long")
    return home


def other(tmp_path: Path) -> Home:
    return Home(tmp_path / "other" / "home", tmp_path / "cache")


def kept(home: Home, tmp_path: Path) -> Path:
    file = tmp_path / "backup.tar.gz"
    back_up(home, file, (), (), ())
    return file


def names(home: Home) -> list[str]:
    with sqlite3.connect(home.registry_file) as database:
        rows = database.execute("SELECT name FROM deployments").fetchall()
    database.close()
    return [name for (name,) in rows]


def test_what_was_committed_is_there_again_and_what_was_not_is_not(
    home: Home, tmp_path: Path
) -> None:
    writer = sqlite3.connect(home.registry_file, isolation_level=None)
    writer.execute("INSERT INTO deployments VALUES ('only in the log beside it')")
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("INSERT INTO deployments VALUES ('never committed')")
    file = kept(home, tmp_path)
    writer.close()
    found = other(tmp_path)
    found.path.parent.mkdir()
    restore(found, file, (), None)
    assert names(found) == ["kept", "only in the log beside it"]
    assert found.secrets() == home.secrets()
    assert (found.deployments / "d1/terraform.tfstate").read_text() == '{"serial": 7}'
    assert found.secrets_file.stat().st_mode & 0o077 == 0


def test_the_file_is_nobody_else_s_to_read_and_has_no_logs(home: Home, tmp_path: Path) -> None:
    file = kept(home, tmp_path)
    assert file.stat().st_mode & 0o077 == 0
    with tarfile.open(file) as archive:
        assert not [name for name in archive.getnames() if name.endswith(".log")]


def test_a_home_that_has_a_platform_is_left_as_it_is(home: Home, tmp_path: Path) -> None:
    file = kept(home, tmp_path)
    before = home.registry_file.read_bytes()
    with pytest.raises(HomeInUse):
        restore(home, file, (), None)
    assert home.registry_file.read_bytes() == before


@pytest.mark.parametrize("damage", ["cut", "another file", "a byte of a file"])
def test_a_damaged_backup_changes_nothing(home: Home, tmp_path: Path, damage: str) -> None:
    file = kept(home, tmp_path)
    if damage == "cut":
        file.write_bytes(file.read_bytes()[:-200])
    elif damage == "another file":
        file.write_bytes(b"no archive at all")
    else:
        with tarfile.open(file) as archive:
            archive.extractall(tmp_path / "opened", filter="data")
        (tmp_path / "opened/home/deployments/d1/terraform.tfstate").write_text('{"serial": 8}')
        with tarfile.open(file, "w:gz") as archive:
            archive.add(tmp_path / "opened", arcname=".")
    found = other(tmp_path)
    found.path.parent.mkdir()
    with pytest.raises(BackupUnusable):
        restore(found, file, (), None)
    assert not found.registry_file.exists()


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with running_postgres(need("postgres")) as server:
        yield server


def beside(server: Postgres) -> list[str]:
    """What runs Postgres' programs where it is, as `docker compose exec` does."""
    return ["env", f"PGHOST={server.folder}", f"PATH={server.program.parent}"]


def empty_database(server: Postgres, name: str) -> None:
    with server.connect() as connection:
        connection.execute(f"CREATE ROLE {name} LOGIN")
        connection.execute(f"CREATE DATABASE {name} OWNER {name}")


def sql(server: Postgres, name: str, order: str) -> list[tuple[object, ...]]:
    import psycopg

    address = f"host={server.folder} user={name} dbname={name}"
    with psycopg.connect(address, autocommit=True) as connection:
        cursor = connection.execute(order)
        return cursor.fetchall() if cursor.description else []


@pytest.mark.slow
def test_databases_of_a_stack_and_n8n_s_key_come_back_together(
    postgres: Postgres, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text(f"N8N_ENCRYPTION_KEY={KEY}\n")
    for name in ("windmill", "n8n"):
        empty_database(postgres, name)
        sql(postgres, name, f"CREATE TABLE things AS SELECT '{name} of then' AS what")
    home, file = other(tmp_path), tmp_path / "stack.tar.gz"
    made = back_up(home, file, ("n8n", "windmill"), beside(postgres), [tmp_path / ".env"])
    assert made.databases == ["n8n", "windmill"]
    sql(postgres, "n8n", "DROP TABLE things")
    sql(postgres, "windmill", "UPDATE things SET what = 'changed since'")
    home.path.parent.mkdir()
    restore(home, file, beside(postgres), tmp_path / "restored")
    for name in ("windmill", "n8n"):
        assert sql(postgres, name, "SELECT what FROM things") == [(f"{name} of then",)]
    assert KEY in (tmp_path / "restored/.env").read_text()


@pytest.mark.slow
def test_a_database_that_is_not_there_is_named_and_no_file_is_left(
    postgres: Postgres, tmp_path: Path
) -> None:
    with pytest.raises(DumpFailed, match="missing"):
        back_up(other(tmp_path), tmp_path / "s.tar.gz", ("missing",), beside(postgres), ())
    assert list(tmp_path.glob("*s.tar.gz*")) == []


@pytest.mark.slow
def test_an_empty_platform_goes_on_where_the_other_was(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("b")
    first, second = (Platform(folder / name) for name in ("first", "second"))
    first.home.mkdir()
    second.home.mkdir()
    try:
        first.run("up")
        with first.windmill() as windmill:
            secret = {"path": KEPT, "value": VALUE, "is_secret": True, "description": ""}
            assert windmill.post("/variables/create", json=secret).is_success
        first.run("backup", str(folder / "b.tar.gz"))
    finally:
        first.run("down", fine=(0, 1, 2))
    try:
        second.run("restore", str(folder / "b.tar.gz"))
        second.run("up")
        assert second.secrets == first.secrets
        with second.windmill() as windmill:
            assert windmill.get(f"/variables/get_value/{KEPT}").json() == VALUE
        assert second.json("sync", "plan")["actions"] == []
    finally:
        second.run("down", "--destroy", fine=(0, 1, 2))
