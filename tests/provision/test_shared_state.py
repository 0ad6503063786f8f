"""Terraform's states in a real Postgres: one a deployment, and who holds one is told."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine

from tests.tools.needs import need
from tests.tools.postgres import running_postgres
from windmill.scripts.provision import terraform as runner
from windmill.scripts.provision.errors import StateLocked
from windmill.scripts.provision.states.shared_state import shared_state
from windmill.scripts.provision.terraform import Terraform

pytestmark = pytest.mark.slow

PASSWORD = "canary-of-the-database"
ID, OTHER = "chat-0a1b2c", "chat-3d4e5f"


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with running_postgres(need("postgres")) as server:
        url = f"postgresql+psycopg://postgres:{PASSWORD}@/postgres?host={server.folder}"
        engine = create_engine(url)
        yield engine
        engine.dispose()


def root(told: str = "one", **more: Any) -> dict[str, Any]:
    return {
        "terraform": {"required_version": ">= 1.6"},
        "resource": {"terraform_data": {"it": {"input": told, **more}}},
        "output": {"told": {"value": "${terraform_data.it.output}"}},
    }


def of(engine: Engine, folder: Path, id: str, run: str = "job") -> Terraform:
    return Terraform(folder, binary="library", shared=shared_state(engine, id, run))


def deploy(terraform: Terraform, **told: Any) -> None:
    terraform.write(root(**told), {})
    terraform.init()
    terraform.apply(terraform.plan())


def test_a_state_outlives_the_worker_s_folder_and_is_its_deployment_s_own(
    engine: Engine, tmp_path: Path
) -> None:
    deploy(of(engine, tmp_path / "a", ID), told="one")
    deploy(of(engine, tmp_path / "b", OTHER), told="other")
    elsewhere = of(engine, tmp_path / "c", ID)
    elsewhere.write(root(told="one"), {})
    elsewhere.init()
    assert (elsewhere.plan().changes, elsewhere.outputs()) == (False, {"told": "one"})
    for file in (each for each in tmp_path.rglob("*") if each.is_file()):
        assert PASSWORD.encode() not in file.read_bytes(), file
    elsewhere.destroy()
    shared = shared_state(engine, ID)
    assert shared
    assert shared.read() == ""
    assert of(engine, tmp_path / "b", OTHER).outputs() == {"told": "other"}


def test_a_state_that_was_a_file_is_taken_over(engine: Engine, tmp_path: Path) -> None:
    id = "moved-0a1b2c"
    deploy(Terraform(tmp_path, binary="library"))
    shared = of(engine, tmp_path, id)
    shared.write(root(), {})
    shared.init()
    assert not shared.plan().changes
    assert not (tmp_path / "terraform.tfstate").exists()


def test_of_two_runs_at_once_the_second_is_told_who_holds_the_state(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(runner.WAITING, "lock_timeout", "0s")
    began, go_on = tmp_path / "began", tmp_path / "go-on"
    wait = f"touch {began}; while [ ! -e {go_on} ]; do sleep 0.1; done"
    slow = {"provisioner": {"local-exec": {"command": wait}}}
    first = of(engine, tmp_path / "a", "busy-0a1b2c", run="job-1")
    working = threading.Thread(target=deploy, args=(first,), kwargs=slow)
    working.start()
    try:
        while not began.exists():
            working.join(0.1)
            assert working.is_alive()
        second = of(engine, tmp_path / "b", "busy-0a1b2c", run="job-2")
        second.write(root(), {})
        second.init()
        with pytest.raises(StateLocked, match=r"held by run job-1 on .*, since 20"):
            second.plan()
    finally:
        go_on.touch()
        working.join()
    assert of(engine, tmp_path / "a", "busy-0a1b2c").outputs() == {"told": "one"}


def test_where_the_registry_is_a_file_so_is_the_state() -> None:
    assert shared_state(create_engine("sqlite://"), ID) is None
