"""Meta-pipelines, as typed in a pipe: deployed, approved, listed and destroyed as one."""

import uuid

from tests.cli.conftest import Mlops
from tests.gateway.stack import Stack
from windmill.scripts.model.drawing.deployment import State


def test_deploy_tells_each_step_by_its_path_and_the_outputs(platform: Mlops) -> None:
    told = platform("deploy", "house", "--target", "local", "--name", "villa")
    assert (told.code, told.err) == (0, "")
    done = [line for line in told.out.splitlines() if line.startswith("done ")]
    assert any("  eu › each › 0 › Configure host  " in line for line in done)
    assert "  count: 7" in told.out
    assert told.out.splitlines()[-1] == "Next: mlops status villa, or mlops destroy villa"


def test_a_deep_failure_names_its_whole_path(platform: Mlops) -> None:
    told = platform("deploy", "house", "--target", "local", "--set", "fail=no space on device")
    assert told.code == 1
    assert "eu › each › 0 › Configure host: no space on device" in told.err
    status = platform("status", told.err.split("mlops logs ")[1].split()[0])
    assert "error: eu › each › 0 › Configure host: no space on device" in status.out


def test_an_approval_is_asked_in_words_and_given(platform: Mlops) -> None:
    id = platform("deploy", "guarded", "--no-wait", "--json").json["id"]
    while "waits for an approval" not in (shown := platform("status", id).out):
        pass
    assert "publish:approval waits for an approval: Shall it go out?" in shown
    assert f"mlops approve {id}" in shown
    assert platform("approve", id).out == f"guarded goes on: mlops status {id}\n"
    while (state := platform("status", id, "--json").json["state"]) != "live":
        assert state != "failed"
    told = platform("approve", id, "--refuse")
    assert (told.code, f"{id!r} is not waiting for an approval" in told.err) == (1, True)


def test_who_approves_sees_what_goes_on_then(platform: Mlops) -> None:
    id = platform("deploy", "asked-first", "--target", "local", "--no-wait", "--json").json["id"]
    while "waits for an approval" not in (shown := platform("status", id).out):
        pass
    assert "    + pipelines/tiny as asked-first-tiny-1\n" in shown
    refused = platform("approve", id, "--refuse")
    assert refused.err.splitlines()[:2] == [
        "Approve this step?",
        "  + pipelines/tiny as asked-first-tiny-0",
    ]


def test_ls_and_destroy_take_the_parts_together(platform: Mlops, stack: Stack) -> None:
    name = f"desk-{uuid.uuid4().hex[:6]}"
    arguments = ("--target", "local", "--name", name, "--no-wait", "--json")
    run = platform("deploy", "house", *arguments).json["id"]
    for part in ("chat", "llm"):
        stack.register(run, f"{name}-{part}", State.live, f"{run}{part}", name)
    lines = platform("ls").out.splitlines()
    at = next(index for index, line in enumerate(lines) if line.startswith(f"{name} "))
    assert lines[at].endswith("meta-pipeline")
    assert [line.split()[0] for line in lines[at + 1 : at + 3]] == [f"{name}-chat", f"{name}-llm"]
    assert all(line.startswith("  ") for line in lines[at + 1 : at + 3])
    told = platform("destroy", run, "--yes", "--json")
    assert (told.code, told.err) == (0, "")
    assert told.json["destroyed"] is True
