"""A registry of another revision is told of in words, and read again once it fits."""

from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine, create_engine, text

from gateway.clients.registry import Deployments
from gateway.errors import RegistryOutOfStep, RegistryUnreachable
from tests.gateway.conftest import Connect
from windmill.scripts.store.migrations.chain import MIGRATIONS
from windmill.scripts.store.registry import Registry


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path}/registry.db"
    Registry(url).engine.dispose()
    return url


def run(url: str, statement: str) -> None:
    engine: Engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def stamp(url: str, revision: str) -> None:
    run(url, f"UPDATE alembic_version SET version_num = '{revision}'")


async def test_callers_are_told_that_the_registry_is_newer_and_what_to_do(
    url: str, connect: Connect
) -> None:
    stamp(url, "9999")
    async with connect(database_url=url) as http:
        answer = await http.get("/pipelines")
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (503, "registry_out_of_step")
    assert "revision 9999" in error["message"]
    assert "mlops sync push" in error["fix"]


async def test_the_gateway_is_up_while_the_registry_waits_for_a_step_to_migrate_it(
    url: str, connect: Connect
) -> None:
    stamp(url, "9999")
    async with connect(database_url=url) as http:
        answer: httpx.Response = await http.get("/health")
    health = answer.json()
    assert (answer.status_code, health["status"]) == (200, "registry out of step")
    assert "revision 9999" in health["registry"]["reason"]


async def test_it_is_read_as_soon_as_it_fits_and_told_of_as_soon_as_it_does_not(url: str) -> None:
    deployments = Deployments(url)
    stamp(url, "9999")
    with pytest.raises(RegistryOutOfStep):
        await deployments.all()
    stamp(url, MIGRATIONS[-1].revision)
    assert await deployments.all() == []
    stamp(url, "9999")
    run(url, "ALTER TABLE deployments DROP COLUMN error")
    with pytest.raises(RegistryUnreachable):
        await deployments.all()
    with pytest.raises(RegistryOutOfStep):
        await deployments.all()
    deployments.close()
