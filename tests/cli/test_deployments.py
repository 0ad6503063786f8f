"""Deploying, watching and destroying, as typed in a pipe."""

import json
import os
import signal
import subprocess
import sys
import uuid
from itertools import pairwise
from pathlib import Path

import pytest

from gateway.errors import UnknownRun
from tests.cli.conftest import KEY, Mlops
from tests.gateway.stack import Stack
from tests.gateway.test_rollback import two_revisions
from windmill.scripts.model.drawing.deployment import State
from windmill.scripts.model.drawing.reading import LeftOut, ReadingReport, SourceReading

pytestmark = pytest.mark.slow

DEPLOY = ("deploy", "rag-chatbot", "--target", "local", "--set", "documents=/data")
CATALOG = Path(__file__).parents[2] / "catalog" / "pipelines" / "rag-chatbot.yaml"

SCAN = LeftOut(kind="file", where="scan.pdf", reason="has no text")
READ = ReadingReport(
    sources=[
        SourceReading(
            node="docs", kind="file", given=2, read=1, left_out={"file": 1}, listed=[SCAN]
        )
    ]
)


def new_name() -> str:
    return f"rag-{uuid.uuid4().hex[:6]}"


def test_deploy_tells_each_step_and_what_to_type_next(platform: Mlops) -> None:
    told = platform(*DEPLOY)
    assert (told.code, told.err) == (0, "")
    lines = told.out.splitlines()
    ended = [line.split()[1] for line in lines if line.startswith("done ")]
    assert ended == ["Validate", "Choose", "Configure", "Notify"]
    assert any(line.startswith("rag-chatbot is live in ") for line in lines)
    # The stand-in of the flow registers no drawing: what would answer a chat is not known.
    assert lines[-1] == "Next: its page, with its key: mlops key rag-chatbot --link"
    assert "\x1b" not in told.out


def test_deploy_with_json_prints_one_document(platform: Mlops) -> None:
    status = platform(*DEPLOY, "--json").json
    assert (status["state"], status["name"]) == ("live", "rag-chatbot")
    assert status["total_seconds"] > 0
    assert len(status["steps"]) == 4


def test_a_failure_names_the_step_the_reason_and_the_logs(platform: Mlops) -> None:
    told = platform(*DEPLOY, "--set", "fail=no space on device")
    assert told.code == 1
    assert "error: rag-chatbot was not deployed: Configure host: no space on device" in told.err
    assert "What had been created was removed." in told.err
    assert "Traceback" not in told.out + told.err
    id = told.err.split("mlops logs ")[1].split()[0]
    assert "error: Configure host: no space on device" in platform("status", id).out
    logs = platform("logs", id)
    assert "configure | two lines" in logs.out
    assert "failure | cleaning up" in logs.out


def test_no_wait_gives_the_tracking_id(platform: Mlops) -> None:
    accepted = platform(*DEPLOY, "--no-wait", "--json").json
    assert platform("status", accepted["id"], "--json").json["name"] == "rag-chatbot"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["rag-chatbt", "--target", "local"], "Did you mean 'pipelines/rag-chatbot'?"),
        (["rag-chatbot", "--target", "local"], "Add --set documents=…"),
        (["rag-chatbot", "--set", "documents=/d"], "Add --target local"),
        (["rag-chatbot", "--target", "moon"], "'moon' is not one of"),
        ([*DEPLOY[1:], "--set", "topk=3"], "Did you mean 'top_k'?"),
        ([*DEPLOY[1:], "--set", "top_k=many"], "expected integer"),
        ([*DEPLOY[1:], "--name", "My RAG"], "not a valid name"),
        (["missing.yaml", "--target", "local"], "missing.yaml cannot be read: No such file"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_wrong_is_said_before_anything_starts(
    platform: Mlops, stack: Stack, arguments: list[str], says: str
) -> None:
    before = stack.started()
    told = platform("deploy", *arguments)
    assert (told.code, told.out) == (1, "")
    assert says in told.err
    assert says in json.dumps(platform("deploy", *arguments, "--json").json, ensure_ascii=False)
    assert stack.started() == before


def test_a_file_of_ones_own_is_deployed_as_it_is_drawn(
    platform: Mlops, stack: Stack, tmp_path: Path
) -> None:
    file = tmp_path / "law.yaml"
    file.write_text(CATALOG.read_text().replace("name: rag-chatbot", "name: law", 1))
    arguments = ("--target", "local", "--set", f"documents={tmp_path}", "--name", "law-desk")
    accepted = platform("deploy", str(file), *arguments, "--no-wait", "--json").json
    with stack.windmill() as windmill:
        args = windmill.get(f"/jobs_u/get/{accepted['id']}").json()["args"]
    assert args["pipeline"]["name"] == "law-desk"
    assert args["inputs"] == {"documents": str(tmp_path)}
    assert args["declared_inputs"]["top_k"]["maximum"] == 20


def test_a_mistake_in_a_file_is_shown_where_it_stands(platform: Mlops, tmp_path: Path) -> None:
    file = tmp_path / "rag-chatbot.yaml"
    text = CATALOG.read_text().replace("component: text-splitter", "component: text-spliter")
    file.write_text(text)
    line = 1 + text[: text.index("text-spliter")].count("\n")
    told = platform("deploy", str(file), "--target", "local", "--set", "documents=/d")
    assert told.code == 1
    assert f"{file}:{line}:" in told.err
    assert "Did you mean 'text-splitter'?" in told.err
    error = platform("deploy", str(file), "--target", "local", "--json").json["error"]
    assert error["problems"][0]["line"] == line


def test_interrupting_leaves_the_run_and_tells_how_to_go_on(
    gateway_url: str, home: Path, tmp_path: Path
) -> None:
    hold = tmp_path / "go-on"
    process = subprocess.Popen(
        [sys.executable, "-m", "cli.main", *DEPLOY, "--set", f"hold={hold}"],
        env={**os.environ, "MLOPS_GATEWAY_URL": gateway_url, "MLOPS_API_KEY": KEY},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    for line in process.stdout:
        if "running" in line:
            break
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    hold.touch()
    assert process.returncode == 130
    assert "rag-chatbot goes on being deployed" in err
    assert "mlops destroy" in err
    assert "Traceback" not in err


def test_ls_shows_what_stands(platform: Mlops, stack: Stack) -> None:
    name = new_name()
    stack.register(str(uuid.uuid4()), name, State.live)
    row = next(line for line in platform("ls").out.splitlines() if line.startswith(name))
    assert row.split()[1:4] == ["live", "local", "1"]
    assert row.endswith("http://127.0.0.1:9000")
    assert name in [item["name"] for item in platform("ls", "--json").json]


def test_status_tells_what_was_not_read(platform: Mlops, stack: Stack) -> None:
    deployment = stack.register(str(uuid.uuid4()), f"rag-{uuid.uuid4().hex[:6]}", State.live)
    stack.record(deployment.id, "health", "not read: scan.pdf", "warning")
    assert "  note: not read: scan.pdf\n" in platform("status", deployment.name).out


@pytest.mark.parametrize(
    ("more", "code", "state"), [((), 0, "live"), (("--set", "fail=x"), 1, "failed")]
)
def test_watching_ends_with_the_run_and_its_code_tells_how(
    platform: Mlops, more: tuple[str, ...], code: int, state: str
) -> None:
    id = platform(*DEPLOY, *more, "--no-wait", "--json").json["id"]
    told = platform("status", id, "--watch")
    assert (told.code, f"rag-chatbot  {state}" in told.out) == (code, True)


def test_watching_with_json_tells_each_change_once(platform: Mlops) -> None:
    id = platform(*DEPLOY, "--no-wait", "--json").json["id"]
    told = [
        json.loads(line) for line in platform("status", id, "--watch", "--json").out.splitlines()
    ]
    assert told[-1]["state"] == "live"
    assert all(before != after for before, after in pairwise(told))


def test_status_of_nobody_is_an_error_whose_fix_is_told_once(platform: Mlops) -> None:
    told = platform("status", "nobody")
    message, fix = "There is no deployment or run 'nobody'.", UnknownRun.fix
    assert (told.code, told.err) == (1, f"error: {message}\n  {fix}\n")
    error = platform("status", "nobody", "--json").json["error"]
    assert error == {"code": "not_found", "message": message, "fix": fix}


def test_logs_with_json_are_a_document_a_line(platform: Mlops) -> None:
    id = platform(*DEPLOY, "--json").json["id"]
    lines = [json.loads(line) for line in platform("logs", id, "--follow", "--json").out.split("\n")
             if line]  # fmt: skip
    assert "configuring" in [line["message"] for line in lines]


def test_what_a_process_wrote_is_shown_as_it_stands(platform: Mlops, stack: Stack) -> None:
    name = new_name()
    id = stack.register(str(uuid.uuid4()), name, State.live).id
    asked = ("logs", name, "--runtime", "--process", "litellm", "--lines", "3")
    assert platform(*asked).out == f"litellm of {id}, 3 lines\n"
    assert platform(*asked, "--json").json["process"] == "litellm"


def test_a_process_log_is_followed_until_one_stops(gateway_url: str, stack: Stack) -> None:
    name = new_name()
    id = stack.register(str(uuid.uuid4()), name, State.live).id
    process = subprocess.Popen(
        [sys.executable, "-m", "cli.main", "logs", name, "--runtime", "--follow"],
        env={**os.environ, "MLOPS_GATEWAY_URL": gateway_url, "MLOPS_API_KEY": KEY},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline() == f"api of {id}, 1000 lines\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (130, "")
    assert "Traceback" not in err


def test_destroy_asks_and_in_a_pipe_cannot(platform: Mlops, stack: Stack) -> None:
    name = new_name()
    stack.register(str(uuid.uuid4()), name, State.live)
    before = stack.started()
    told = platform("destroy", name)
    assert (told.code, stack.started()) == (1, before)
    assert "Add --yes." in told.err


def test_destroying_what_is_gone_is_fine(platform: Mlops, stack: Stack) -> None:
    deployment = stack.register(str(uuid.uuid4()), new_name(), State.destroyed)
    told = platform("destroy", deployment.id, "--yes")
    assert (told.code, told.out) == (0, f"{deployment.name} is destroyed already.\n")
    assert platform("destroy", deployment.id, "--yes", "--json").json["destroyed"] is True


def test_a_destroy_that_did_not_is_an_error(platform: Mlops, stack: Stack) -> None:
    # The stand-in flow ends well without touching the registry.
    deployment = stack.register(str(uuid.uuid4()), new_name(), State.live)
    told = platform("destroy", deployment.id, "--yes")
    assert told.code == 1
    assert "NOT destroyed" in told.out
    assert deployment.name in told.err


def test_chat_with_what_is_not_live_says_so(platform: Mlops, stack: Stack) -> None:
    deployment = stack.register(str(uuid.uuid4()), new_name(), State.failed)
    told = platform("chat", deployment.name, "why?")
    assert told.code == 1
    assert f"{deployment.name} did not answer: it is failed" in told.err


def test_a_report_that_was_never_kept_says_so(platform: Mlops, stack: Stack) -> None:
    deployment = stack.register(str(uuid.uuid4()), new_name(), State.failed)
    told = platform("report", deployment.name, "--json")
    assert (told.code, told.json["error"]["code"]) == (1, "no_reading")


@pytest.mark.parametrize("options", [(), ("--revision", "1")])
def test_the_report_of_what_is_destroyed_is_still_there(
    platform: Mlops, stack: Stack, options: tuple[str, ...]
) -> None:
    deployment = stack.register(str(uuid.uuid4()), new_name(), State.live)
    stack.keep_report(deployment.id, READ.of(1))
    stack.finish(deployment.id, State.destroyed)
    told = platform("report", deployment.name, *options)
    assert told.out == "docs: 1 of 2 read (file)\n  scan.pdf: has no text\n"
    refused = platform("report", deployment.name, "--revision", "2", "--json")
    assert (refused.code, refused.json["error"]["code"]) == (1, "no_reading")


def test_a_wrong_key_is_told(platform: Mlops, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLOPS_API_KEY", "wrong")
    told = platform("ls", "--json")
    assert (told.code, told.json["error"]["code"]) == (1, "unauthorized")


def test_a_gateway_that_is_gone_is_told(mlops: Mlops, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLOPS_GATEWAY_URL", "http://127.0.0.1:9")
    told = mlops("ls")
    assert told.code == 1
    assert "The gateway does not answer at http://127.0.0.1:9." in told.err


def test_a_reader_that_leaves_is_no_error(gateway_url: str, platform: Mlops) -> None:
    id = platform(*DEPLOY, "--json").json["id"]
    command = f"{sys.executable} -m cli.main logs {id} | head -n 1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_rollback_lists_what_there_is_and_starts_what_was_before(
    platform: Mlops, stack: Stack
) -> None:
    name = two_revisions(stack)
    listed = platform("rollback", name, "--list").out.splitlines()
    assert [line.split()[0] for line in listed] == ["REVISION", "2", "1"]
    assert listed[1].endswith("live")
    assert platform("rollback", name, "--no-wait", "--json").json["name"] == name
    plan = platform("scale", name, "3", "--plan")
    assert (plan.code, name in plan.out) == (2, True)
    assert platform("scale", name, "3", "--no-wait", "--json").json["name"] == name
    assert platform("scale", name, "0").code == 1
    told = platform("rollback", name, "--to", "7")
    assert (told.code, "there is no revision 7" in told.err) == (1, True)
