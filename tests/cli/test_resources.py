"""`mlops resources` and `mlops wait-for-resources`."""

import json
import signal

import pytest

from tests.cli.conftest import Mlops, mlops_process

NEVER_FREE = {"CPU_THRESHOLD": "0", "MAX_WAIT_TIME": "0.2"}


def test_resources_tell_how_busy_the_machine_is_and_the_limits(mlops: Mlops) -> None:
    found = mlops("resources", "--json").json
    assert found["limits"] == {"cpu_percent": 90.0, "load_average": 6.0, "wait_seconds": 5.0}
    assert 0 < found["memory_used_gb"] < found["memory_total_gb"]
    assert found["cpus"] >= 1


@pytest.mark.parametrize(("threshold", "verdict"), [("0", "busy"), ("1000", "free")])
def test_resources_say_whether_heavy_steps_would_wait(
    mlops: Mlops, monkeypatch: pytest.MonkeyPatch, threshold: str, verdict: str
) -> None:
    monkeypatch.setenv("CPU_THRESHOLD", threshold)
    monkeypatch.setenv("LOAD_AVG_THRESHOLD", "100000")
    assert mlops("resources").out.startswith(verdict)


def test_resources_watch_until_interrupted(mlops: Mlops, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [{"cpus": 1}, {"cpus": 2}, {"cpus": 3}]

    def look(_environment: object) -> dict[str, int]:
        if not found:
            raise KeyboardInterrupt
        return found.pop(0)

    monkeypatch.setattr("cli.actions.load.look", look)
    monkeypatch.setattr("cli.commands.platform.resources.EVERY_SECONDS", 0)
    watched = mlops("resources", "--watch", "--json")
    assert watched.code == 130
    assert [json.loads(line)["cpus"] for line in watched.out.splitlines()] == [1, 2, 3]


@pytest.mark.slow
def test_the_command_runs_with_its_own_arguments_output_and_exit_code() -> None:
    script = "import sys; print(sys.argv[1:]); sys.exit(7)"
    done = mlops_process("wait-for-resources", "--", "python3", "-c", script, "--json", "a b", "$X")
    assert done.code == 7
    assert done.out == "['--json', 'a b', '$X']\n"


@pytest.mark.slow
def test_the_command_runs_although_the_machine_stays_busy_and_that_is_said() -> None:
    done = mlops_process("wait-for-resources", "--json", "--", "echo", "done", **NEVER_FREE)
    assert (done.code, done.out) == (0, "done\n")
    assert "still busy after" in done.err
    told = json.loads(done.err.splitlines()[-1])
    assert told["settled"] is False
    assert told["seconds"] >= 0.2


@pytest.mark.slow
def test_a_signal_ends_the_command_itself() -> None:
    done = mlops_process("wait-for-resources", "--", "sh", "-c", "kill -TERM $$")
    assert done.code == -signal.SIGTERM


def test_what_cannot_be_run_is_named(mlops: Mlops) -> None:
    refused = mlops("wait-for-resources", "--", "no-such-program")
    assert refused.code == 1
    assert "no-such-program" in refused.err


def test_a_setting_that_means_nothing_is_named_with_what_it_may_be(
    mlops: Mlops, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAX_WAIT_TIME", "long")
    refused = mlops("wait-for-resources", "--", "true")
    assert refused.code == 1
    assert "MAX_WAIT_TIME" in refused.err
    assert "a number" in refused.err
