"""The official Python client certifies the API: inside a job, and from outside."""

from importlib.metadata import version
from typing import Any

import pytest
import wmill


@pytest.fixture
def client(windmill: Any) -> Any:
    made = wmill.Windmill(base_url=windmill.url, token=windmill.token, workspace=windmill.workspace)
    with made.client:
        yield made


def test_variables_are_created_then_updated(client: Any, unique: str) -> None:
    path = f"u/admin/{unique}"
    client.set_variable(path, "one")
    client.set_variable(path, "two")
    assert client.get_variable(path) == "two"


def test_resources_resolve_references(client: Any, unique: str) -> None:
    client.set_variable(f"u/admin/{unique}_password", "hunter2", is_secret=True)
    client.set_resource({"host": "db"}, f"u/admin/{unique}_base", "any")
    value = {
        "password": f"$var:u/admin/{unique}_password",
        "base": f"$res:u/admin/{unique}_base",
        "n": [1],
    }
    client.set_resource(value, f"u/admin/{unique}", "any")
    resolved = {"password": "hunter2", "base": {"host": "db"}, "n": [1]}
    assert client.get_resource(f"u/admin/{unique}") == resolved
    assert client.get_resource(f"u/admin/{unique}", interpolated=False) == value
    assert unique in str(client.list_resources("any"))
    assert client.get_resource("u/admin/nothing_here", none_if_undefined=True) is None


def test_scripts_run_and_fail_as_the_client_expects(
    client: Any, windmill: Any, unique: str
) -> None:
    hash_ = windmill.script(f"f/client/{unique}", "def main(n: int):\n    return 10 // n\n")
    assert client.run_script_by_path(f"f/client/{unique}", {"n": 5}) == 2
    assert client.run_script_by_hash(hash_, {"n": 2}) == 5
    with pytest.raises(Exception, match="ZeroDivisionError"):
        client.run_script_by_path(f"f/client/{unique}", {"n": 0})


def test_flows_run_asynchronously(client: Any, windmill: Any, unique: str) -> None:
    windmill.flow(f"f/client/{unique}", {"modules": [{"id": "a", "value": {"type": "identity"}}]})
    job = client.run_flow_async(f"f/client/{unique}", {"n": 1})
    assert client.wait_job(job) == {"n": 1}
    assert client.get_job_status(job) == "COMPLETED"
    assert client.get_result(job) == {"n": 1}


def test_waiting_too_long_cancels(client: Any, windmill: Any, unique: str) -> None:
    windmill.script(f"f/client/{unique}", "import time\ndef main():\n    time.sleep(60)\n")
    job = client.run_script_by_path_async(f"f/client/{unique}")
    with pytest.raises(TimeoutError):
        client.wait_job(job, timeout=0.1, cleanup=False)
    ended = windmill.ended(job)
    assert ended["canceled"]
    assert ended["canceled_reason"] == "reached timeout"


def test_who_am_i_and_version(client: Any) -> None:
    assert client.whoami()["super_admin"] is True
    assert client.version.startswith("CE v1.")


INSIDE = """
import os
import wmill

def main(mine: str):
    wmill.set_progress(40)
    wmill.set_flow_user_state("seen", {"by": os.environ["WM_FLOW_STEP_ID"]})
    before = wmill.get_state()
    wmill.set_state({"runs": 1 + (before or {}).get("runs", 0)})
    return {
        "progress": wmill.get_progress(), "state": wmill.get_state(), "before": before,
        "user_state": wmill.get_flow_user_state("seen"), "urls": wmill.get_resume_urls("ann"),
        "root": wmill.get_root_job_id(), "me": wmill.whoami()["username"],
        "child": wmill.run_script_by_path(mine, {"n": 3}),
    }
"""


@pytest.fixture(scope="session")
def client_lock() -> str:
    """The client and all it needs, in the versions that are installed here."""
    names = ("wmill", "httpx", "httpcore", "h11", "anyio", "idna", "certifi", "typing-extensions")
    return "\n".join(f"{name}=={version(name)}" for name in names)


def test_the_client_works_inside_a_flow_step(windmill: Any, unique: str, client_lock: str) -> None:
    helper = f"f/client/{unique}_helper"
    windmill.script(helper, "def main(n: int):\n    return n + 1\n")
    windmill.script(f"f/client/{unique}", INSIDE, client_lock)
    transforms = {"mine": {"type": "static", "value": helper}}
    step = {"type": "script", "path": f"f/client/{unique}", "input_transforms": transforms}
    windmill.flow(f"f/client/{unique}_flow", {"modules": [{"id": "a", "value": step}]})

    first = windmill.ended(windmill.post(f"/jobs/run/f/f/client/{unique}_flow", {}))
    assert first["success"], first["result"]
    seen = first["result"]
    assert seen["root"] == first["id"]
    assert (seen["progress"], seen["user_state"], seen["child"], seen["me"]) == (
        40,
        {"by": "a"},
        4,
        "admin",
    )
    assert (seen["before"], seen["state"]) == (None, {"runs": 1})
    assert set(seen["urls"]) == {"approvalPage", "resume", "cancel"}
    assert first["flow_status"]["user_states"] == {"seen": {"by": "a"}}

    second = windmill.ended(windmill.post(f"/jobs/run/f/f/client/{unique}_flow", {}))
    assert second["result"]["state"] == {"runs": 2}


def test_cancel_running_ends_earlier_runs_of_the_script(
    windmill: Any, unique: str, client_lock: str
) -> None:
    code = """
import time, wmill
def main(hold: bool):
    if hold:
        print("holding", flush=True)
        time.sleep(60)
    return list(wmill.cancel_running())
"""
    windmill.script(f"f/client/{unique}", code, client_lock)
    held = windmill.start_script(f"f/client/{unique}", {"hold": True})
    windmill.until(held, lambda job: "holding" in (job["logs"] or ""))
    canceller = windmill.ended(windmill.start_script(f"f/client/{unique}", {"hold": False}))
    assert canceller["result"] == [held]
    assert windmill.ended(held)["canceled_reason"] == "killed by `cancel_running` method"
