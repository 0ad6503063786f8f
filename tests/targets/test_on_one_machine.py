"""Target `local` on a Windmill whose workers share a database and nothing else: one of them is its
machine, by a tag of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from cli.actions.connecting import probe
from cli.clients.windmill import WindmillAddress, WindmillClient
from cli.platform.checkup import Finding
from cli.platform.home import Home
from sync.api import Windmill as Client
from sync.api import desired, plan, push
from tests.engine.conftest import EngineProcess, Windmill
from tests.tools.needs import need
from tests.tools.postgres import running_postgres
from windmill.scripts.model.base.derived_secrets import api_key

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
ROOT = Path(__file__).parents[2]
DATA = ROOT / "examples" / "data" / "tickets.csv"
CLASSIFIER = "f/mlops/catalog/pipelines/text-classifier"
TAG = "mlops-local"
PLATFORM_KEY = "k" * 48


@dataclass
class Workers:
    windmill: Windmill
    root: Path

    def push(self, tag: str) -> None:
        url, workspace, token = self.windmill.url, self.windmill.workspace, self.windmill.token
        with Client(url, workspace, token) as client:
            push(plan(desired(ROOT, tag=tag), client), client)

    def deploy(self, name: str) -> dict[str, Any]:
        args = {"data": str(DATA), "target": "local", "name": name}
        return self.ended(f"f/{CLASSIFIER}", args)

    def destroy(self, deployment_id: str) -> dict[str, Any]:
        return self.ended("f/f/mlops/destroy_deployment", {"deployment_id": deployment_id})

    def ended(self, what: str, args: dict[str, Any]) -> dict[str, Any]:
        job = self.windmill.post(f"/jobs/run/{what}", args)
        return self.windmill.until(job, lambda job: job["type"] == "CompletedJob", 200)

    def found(self) -> Finding:
        address = WindmillAddress(self.windmill.url, self.windmill.token, self.windmill.workspace)
        with WindmillClient(address) as client:
            (found,) = [each for each in probe(client) if each.what == "local"]
            return found


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workers]:
    folder = tmp_path_factory.mktemp("workers")
    (root := folder / "root").mkdir()
    (folder / "box").write_text(f"MLOPS_LOCAL_ROOT={root}\n")
    with running_postgres(need("postgres")) as server:
        (folder / "env").write_text(
            f"MLOPS_DATABASE_URL={server.new_schema()}\nTHROTTLE_DISABLE=true\n"
            f"MLOPS_DATA_ROOTS={DATA.parent}\n"
        )
        options = ["--env-file", str(folder / "env"), "--tagged", f"{TAG}={folder / 'box'}"]
        process = EngineProcess(
            folder / "engine", Home.from_environment().cache / "engine", options
        )
        started = process.start()
        assert started
        started.variable("f/mlops/secret_key", PLATFORM_KEY)
        yield Workers(started, root)
        process.stop()


def test_nothing_is_deployed_here_until_somebody_says_where_here_is(
    workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    workers.push(tag="")
    refused = workers.deploy("nowhere")
    assert not refused["success"]
    assert "Target 'local' cannot be used here" in str(refused["result"])
    assert list(workers.root.iterdir()) == []
    monkeypatch.delenv("MLOPS_LOCAL_TAG", raising=False)
    assert "no worker offers it" in workers.found().found


def test_it_is_offered_and_run_by_the_worker_of_the_tag_alone(
    workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    workers.push(tag=TAG)
    monkeypatch.setenv("MLOPS_LOCAL_TAG", TAG)
    found = workers.found()
    assert (found.state, found.found.partition(":")[0]) == (
        "ok", f"offered by the tag {TAG}, on embedded",
    )  # fmt: skip
    live = workers.deploy("here")
    assert live["success"], live["result"]
    deployment_id = live["result"]["deployment_id"]
    answer = httpx.post(
        f"{live['result']['endpoint_url']}/predict",
        json={"input": "My invoice is wrong"},
        headers={"Authorization": f"Bearer {api_key(PLATFORM_KEY, deployment_id)}"},
    )
    assert answer.is_success, answer.text
    assert (workers.root / deployment_id / "host").is_dir()

    machine = (workers.root / "machine").read_text()
    (workers.root / "machine").write_text("another")
    elsewhere = workers.destroy(deployment_id)
    assert f"is on machine {machine}" in str(elsewhere["result"])
    assert (workers.root / deployment_id).is_dir()

    (workers.root / "machine").write_text(machine)
    assert workers.destroy(deployment_id)["success"]
    assert not (workers.root / deployment_id).exists()
