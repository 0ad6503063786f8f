"""A new instance in one command, judged on the embedded engine: it answers as a Windmill does."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest

from cli.actions import connecting
from cli.actions.gateway_tokens import make_tokens
from cli.clients.windmill import WindmillAddress
from cli.platform.secret_files import EnvironmentFile
from sync.errors import WindmillError
from tests.cli.conftest import Mlops
from tests.engine.conftest import EngineProcess

pytestmark = pytest.mark.slow

Findings = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineProcess]:
    folder = tmp_path_factory.mktemp("setup")
    env = folder / "env"
    registry = f"DATABASE_URL=sqlite:///{folder}/registry.sqlite"
    env.write_text(f"MLOPS_EMBEDDED=1\nMLOPS_LOCAL_ROOT={folder}\n{registry}\n")
    process = EngineProcess(folder, folder / "cache", ["--env-file", str(env)])
    assert process.start()
    yield process
    process.stop()


@pytest.fixture
def named(engine: EngineProcess, mlops: Mlops, monkeypatch: pytest.MonkeyPatch) -> Mlops:
    assert engine.windmill
    monkeypatch.setenv("WINDMILL_API_URL", engine.windmill.url)
    monkeypatch.setenv("WINDMILL_API_KEY", engine.windmill.token)
    monkeypatch.delenv("N8N_API_URL", raising=False)
    return mlops


def by_what(findings: list[dict[str, str]]) -> Findings:
    return {finding["what"]: finding for finding in findings}


def test_a_dry_run_tells_what_would_be_written_and_writes_nothing(
    named: Mlops, engine: EngineProcess
) -> None:
    found = by_what(named("setup", "--dry-run", "--json").json)
    assert found["push"]["found"].endswith("to create, 0 to change")
    assert engine.windmill
    assert engine.windmill.get("/scripts/list") == []


@pytest.mark.slow
def test_setting_up_pushes_makes_the_key_and_asks_a_worker(
    named: Mlops, engine: EngineProcess
) -> None:
    done = named("setup", "--json")
    found = by_what(done.json)
    assert [what for what, each in found.items() if each["state"] == "failed"] == []
    assert found["python"]["found"].startswith("3.11")
    assert found["ansible"]["found"].startswith("ansible")
    assert found["terraform"]["found"][0].isdigit()
    assert found["registry"]["found"].startswith("sqlite")
    assert found["clock"]["state"] == "ok"
    assert found["ALLOW_ADDRESSES"]["state"] == "warning"
    assert "WHITELIST_ENVS: ALLOW_ADDRESSES" in found["ALLOW_ADDRESSES"]["fix"]
    assert engine.windmill
    key = engine.windmill.get("/variables/get_value/f/mlops/secret_key")

    again = named("setup")
    assert again.code == 0
    assert "0 created, 0 changed" in again.out
    assert engine.windmill.get("/variables/get_value/f/mlops/secret_key") == key

    doctor = by_what(named("doctor", "--json").json)
    assert doctor["worker"]["state"] == "ok"
    assert doctor["orphans, watch"]["found"] == (
        "tells what it finds, ends nothing; it has not run yet"
    )


def test_the_watch_for_orphans_runs_by_its_schedule_and_doctor_tells_of_it(
    named: Mlops, engine: EngineProcess
) -> None:
    windmill = engine.windmill
    assert windmill
    path = "f/mlops/reconcile_orphans"
    assert named("setup").code == 0
    body = windmill.get(f"/schedules/get/{path}")
    windmill.post(f"/schedules/update/{path}", {**body, "schedule": "* * * * * *"})
    while not (runs := windmill.get("/jobs/completed/list", schedule_path=path)):
        time.sleep(0.2)
    assert [run["success"] for run in runs] == [True] * len(runs)
    assert windmill.get(f"/resources/get_value/{path}/admin") == {"found": [], "told": []}
    (found,) = watch(named)
    assert (found["state"], "last run 20" in found["found"]) == ("ok", True)

    windmill.post(f"/schedules/setenabled/{path}", {"enabled": False})
    (found,) = watch(named)
    assert (found["state"], found["found"]) == ("warning", "the schedule is switched off")
    windmill.http.delete(f"/schedules/delete/{path}").raise_for_status()
    (found,) = watch(named)
    assert (found["state"], found["fix"]) == ("warning", "mlops sync push")


def watch(named: Mlops) -> list[dict[str, str]]:
    findings: list[dict[str, str]] = named("doctor", "--json").json
    return [each for each in findings if each["what"] == "orphans, watch"]


def test_the_gateway_s_tokens_are_made_once_and_may_what_its_roles_need(
    engine: EngineProcess, tmp_path: Path
) -> None:
    file = tmp_path / "gateway.env"
    file.write_text("MLOPS_PUBLIC_URL=https://mlops.example")
    address = WindmillAddress(*address_of(engine))
    keeper = EnvironmentFile(file)
    dry = list(make_tokens(address, keeper, dry_run=True))
    assert "would be made for viewer, builder, operator" in dry[0].found
    assert [each.state for each in make_tokens(address, keeper, dry_run=False)] == ["ok"]
    first = file.read_text()
    assert file.stat().st_mode & 0o077 == 0
    given = dict(line.split("=", 1) for line in first.splitlines())
    assert given["MLOPS_PUBLIC_URL"] == "https://mlops.example"
    assert next(iter(make_tokens(address, keeper, dry_run=False))).found.endswith("kept")
    assert file.read_text() == first
    for name, status in (("WINDMILL_VIEWER_KEY", 403), ("WINDMILL_OPERATOR_KEY", 404)):
        answer = httpx.delete(
            f"{address.url}/api/w/{address.workspace}/variables/delete/f/mlops/llm_keys/x",
            headers={"Authorization": f"Bearer {given[name]}"},
        )
        assert answer.status_code == status


def address_of(engine: EngineProcess) -> tuple[str, str, str]:
    assert engine.windmill
    return engine.windmill.url, engine.windmill.token, engine.windmill.workspace


def test_a_worker_that_cannot_reach_the_registry_is_told_with_what_mends_it(
    tmp_path: Path,
) -> None:
    from windmill.scripts.provision.worker_probe import registry

    (found,) = registry({})
    assert found.state == "failed"
    assert "WHITELIST_ENVS: MLOPS_DATABASE_URL" in found.fix


def test_a_database_that_is_not_there_is_told_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from windmill.scripts.provision.worker_probe import registry

    url = "postgresql+psycopg://me:canary@127.0.0.1:1/registry"
    monkeypatch.setenv("MLOPS_DATABASE_URL", url)
    (found,) = registry({})
    assert (found.state, "not reached" in found.found) == ("failed", True)
    assert "canary" not in found.found + found.fix


@pytest.mark.parametrize(
    ("change", "what", "told"),
    [
        ({"WINDMILL_API_KEY": "another"}, "token", "401"),
        ({"WINDMILL_API_KEY": ""}, "token", "none is given"),
        ({"WINDMILL_WORKSPACE": "elsewhere"}, "workspace", "elsewhere could not be made"),
        ({"WINDMILL_API_URL": "http://127.0.0.1:1"}, "windmill", "does not answer"),
    ],
    ids=["a wrong token", "no token", "a workspace too many", "nobody there"],
)
def test_what_fails_is_told_and_nothing_follows_it(
    named: Mlops, monkeypatch: pytest.MonkeyPatch, change: dict[str, str], what: str, told: str
) -> None:
    for name, value in change.items():
        monkeypatch.setenv(name, value)
    done = named("setup", "--json")
    assert done.code == 1
    last = done.json[-1]
    assert (last["what"], last["state"]) == (what, "failed")
    assert told in last["found"]
    assert last["fix"]


@contextmanager
def answering(answers: dict[str, Any]) -> Iterator[str]:
    """A server of a few fixed answers."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(answers[self.path]).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("version", "told"),
    [("CE v1.700.0", "Upgrade it to"), ("hello", "Check WINDMILL_API_URL")],
)
def test_what_is_too_old_or_no_windmill_is_refused(
    mlops: Mlops, monkeypatch: pytest.MonkeyPatch, version: str, told: str
) -> None:
    with answering({"/api/version": version}) as url:
        monkeypatch.setenv("WINDMILL_API_KEY", "x")
        (found,) = mlops("setup", url, "--json").json
    assert found["state"] == "failed"
    assert told in found["fix"]


@pytest.mark.parametrize("command", [["setup"], ["setup", "--dry-run"], ["doctor"]], ids=" ".join)
def test_a_windmill_that_anybody_can_sign_in_to_is_told(
    mlops: Mlops, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    answers = {"/api/version": "CE v1.999.0", "/api/auth/login": "token"}
    with answering(answers) as url:
        monkeypatch.setenv("WINDMILL_API_KEY", "x")
        monkeypatch.setenv("WINDMILL_API_URL", url)
        done = mlops(*command, "--json")
    found = by_what(done.json)["first login"]
    assert (done.code, found["state"]) == (1, "failed")
    assert "still has the password" in found["found"]
    assert "change it" in found["fix"]


def test_a_push_that_windmill_refuses_is_told_as_a_finding(
    named: Mlops, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_address: object) -> None:
        raise WindmillError("Windmill answered 500", "POST scripts/create", "Look at its log.")

    monkeypatch.setattr(connecting, "push_what_can_be", refused)
    done = named("setup", "--json")
    assert done.code == 1
    last = done.json[-1]
    assert (last["what"], last["state"], last["fix"]) == ("push", "failed", "Look at its log.")


def test_a_probe_that_nobody_takes_is_canceled(monkeypatch: pytest.MonkeyPatch) -> None:
    class Idle:
        canceled: str = ""

        def start(self, _path: str, _tag: str = "") -> str:
            return "job-1"

        def result_maybe(self, _job: str) -> dict[str, Any]:
            return {"completed": False}

        def cancel(self, job: str) -> None:
            self.canceled = job

    monkeypatch.setattr(connecting, "PROBE_SECONDS", 0.05)
    windmill: Any = Idle()
    (found,) = connecting.probe(windmill)
    assert (found.state, windmill.canceled) == ("failed", "job-1")


def test_a_clock_that_is_off_is_told() -> None:
    told = {"worker": "w", "time": 100.0, "checks": []}
    found = {each.what: each for each in connecting._of_worker(told, sent=200.0, received=201.0)}
    assert (found["clock"].state, "100 s away" in found["clock"].found) == ("warning", True)
