"""Registries in both kinds of database."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.tools.needs import need
from tests.tools.postgres import Postgres, running_postgres
from windmill.scripts.store.connection import connect

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with running_postgres(need("postgres")) as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Of a database that is empty."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/registry.db"
    server: Postgres = request.getfixturevalue("postgres")
    return server.new_schema()


@pytest.fixture
def new_engine(database_url: str) -> Iterator[Callable[[], Engine]]:
    """Each call is as another process: with connections of its own."""
    engines: list[Engine] = []

    def connected() -> Engine:
        engines.append(connect(database_url))
        return engines[-1]

    yield connected
    for each in engines:
        each.dispose()


@pytest.fixture
def engine(new_engine: Callable[[], Engine]) -> Engine:
    return new_engine()


def run_sql(engine: Engine, text: str) -> None:
    connection = engine.raw_connection()
    driver = connection.driver_connection
    assert driver is not None
    if engine.name == "sqlite":
        driver.executescript(text)
    else:
        driver.execute(text)
    connection.commit()
    connection.close()


@pytest.fixture
def old(engine: Engine) -> Engine:
    """Made and filled by the last version that had no migrations."""
    run_sql(engine, (DATA / f"before_migrations.{engine.name}.sql").read_text("utf-8"))
    return engine
