"""What the clock deploys: n8n's own trigger fires, each second for as long as this looks."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.harness import Platform
from tests.n8n.conftest import BY_CLOCK, until
from tests.n8n.server import N8nServer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.xdist_group("n8n")]
NAME = "MLOps: deploy schedule"
TRIGGER = "n8n-nodes-base.scheduleTrigger"
EACH_SECOND = {"interval": [{"field": "cronExpression", "expression": "* * * * * *"}]}
ENTRY = "f/mlops/catalog/pipelines/rag-chatbot"


@pytest.fixture
def each_second(connected: Platform, n8n: N8nServer) -> Iterator[str]:
    """The workflow as it was pushed, with another clock."""
    row = n8n.workflow(NAME)
    (trigger,) = (node for node in row["nodes"] if node["type"] == TRIGGER)
    trigger["parameters"]["rule"] = EACH_SECOND
    edited = {key: row[key] for key in ("name", "nodes", "connections")}
    with n8n.api as http:
        where = f"/workflows/{row['id']}"
        assert http.put(where, json={**edited, "settings": {}}).is_success
        assert http.post(f"{where}/activate").is_success
        yield row["id"]
        assert http.post(f"{where}/deactivate").is_success
    connected.run("sync", "push", "--force")


def started(platform: Platform) -> list[dict[str, Any]]:
    with platform.windmill() as windmill:
        listed = windmill.get("/jobs/list", params={"script_path_exact": ENTRY}).json()
        jobs = [windmill.get(f"/jobs_u/get/{each['id']}").json() for each in listed]
    return [job["args"] for job in jobs if job["args"].get("name") == BY_CLOCK["name"]]


def test_when_its_time_comes_what_is_written_is_deployed(
    connected: Platform, n8n: N8nServer, each_second: str
) -> None:
    first = until(lambda: started(connected))[0]
    assert (first["target"], first["documents"]) == ("local", "/no/such/folder")
    ran = until(lambda: executions(n8n, each_second))
    assert {each["mode"] for each in ran} == {"trigger"}


def executions(n8n: N8nServer, id: str) -> list[dict[str, Any]]:
    """That have ended; it is listed a little after what it started."""
    with n8n.api as http:
        found: list[dict[str, Any]] = http.get("/executions", params={"workflowId": id}).json()[
            "data"
        ]
    return found
