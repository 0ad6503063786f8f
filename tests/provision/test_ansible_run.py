"""Real ansible-runner and Ansible on this host."""

import contextlib
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from windmill.scripts.provision.ansible import PlaybookResult, TaskEvent, run_playbook
from windmill.scripts.provision.errors import AnsibleFailed, ReservedKey

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).parents[2]
HERE = {"all": {"hosts": {"localhost": {"ansible_connection": "local"}}}}
NASTY = "{{ lookup('pipe', 'id') }} {% for %} ${x} \"'\\ é\n%{if}"


def play(*tasks: dict[str, Any]) -> str:
    return json.dumps(
        [{"name": "Play", "hosts": "all", "gather_facts": False, "tasks": list(tasks)}]
    )


def run(
    workdir: Path, *tasks: dict[str, Any], **given: Any
) -> tuple[PlaybookResult, list[TaskEvent]]:
    events: list[TaskEvent] = []
    arguments: dict[str, Any] = {
        "files": {"play.yml": play(*tasks)},
        "inventory": HERE,
        "extravars": {},
        "secrets": {},
        "workdir": workdir,
        "on_event": events.append,
    }
    return run_playbook("play.yml", **arguments | given), events


def test_tasks_are_reported_as_they_start_and_end(tmp_path: Path) -> None:
    target = tmp_path / "made"
    result, events = run(
        tmp_path / "work",
        {
            "name": "Make a folder",
            "ansible.builtin.file": {"path": str(target), "state": "directory"},
        },
        {"name": "Skip this", "ansible.builtin.debug": {"msg": "x"}, "when": False},
    )
    assert target.is_dir()
    assert result == PlaybookResult(ok=1, changed=1, failed=0, skipped=1)
    assert [(event.task, event.state) for event in events] == [
        ("Make a folder", "started"),
        ("Make a folder", "changed"),
        ("Skip this", "started"),
        ("Skip this", "skipped"),
    ]
    assert {event.host for event in events} == {"localhost"}


def test_data_is_never_a_template(tmp_path: Path) -> None:
    copied = tmp_path / "copied"
    data = {"text": NASTY, "deep": [{"{{ 1 + 1 }}": NASTY}], "number": 7, "nothing": None}
    run(
        tmp_path / "work",
        {
            "name": "Write {{ data.text }}",
            "ansible.builtin.copy": {
                "content": "{{ data | to_json }}",
                "dest": str(copied),
                "mode": "0600",
            },
        },
        extravars={"data": data},
    )
    assert json.loads(copied.read_text()) == data


def test_values_of_hosts_are_data_too(tmp_path: Path) -> None:
    copied = tmp_path / "copied"
    host = {"ansible_connection": "local", "label": NASTY}
    run(
        tmp_path / "work",
        {
            "name": "Write",
            "ansible.builtin.copy": {"content": "{{ label }}", "dest": str(copied), "mode": "0600"},
        },
        inventory={"all": {"hosts": {"localhost": host}}},
    )
    assert copied.read_text() == NASTY


def test_data_cannot_use_the_keys_of_ansible(tmp_path: Path) -> None:
    with pytest.raises(ReservedKey, match="__ansible_vault"):
        run(tmp_path, extravars={"data": [{"__ansible_vault": "x"}]})


@pytest.mark.parametrize(
    ("task", "message"),
    [
        ({"ansible.builtin.fail": {"msg": "no disk"}}, "no disk"),
        ({"ansible.builtin.command": {"argv": ["sh", "-c", "echo why >&2; exit 3"]}}, "why"),
        ({"ansible.builtin.fail": {"msg": "on {{ item }}"}, "loop": ["a"]}, "on a"),
    ],
    ids=["module", "command", "loop"],
)
def test_a_failed_task_is_named_with_its_reason(
    tmp_path: Path, task: dict[str, Any], message: str
) -> None:
    seen: list[TaskEvent] = []
    with pytest.raises(AnsibleFailed, match=message) as failed:
        run(tmp_path, {"name": "Break", **task}, on_event=seen.append)
    assert failed.value.task == "Break"
    assert (seen[-1].task, seen[-1].state) == ("Break", "failed")


def test_a_failure_that_the_play_ignores_is_no_failure(tmp_path: Path) -> None:
    ignored = {"name": "Try", "ansible.builtin.fail": {"msg": "x"}, "ignore_errors": True}
    result, events = run(tmp_path, ignored)
    assert result.failed == 0
    assert events[-1].state == "ok"


def test_a_playbook_that_cannot_be_read_is_explained(tmp_path: Path) -> None:
    with pytest.raises(AnsibleFailed, match=r"play\.yml") as failed:
        run(tmp_path, files={"play.yml": "- hosts: all\n  tasks: [{no_such_module_at_all: {}}]\n"})
    assert "no_such_module_at_all" in failed.value.message


def test_secrets_reach_the_play_and_nothing_that_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLATFORM_TOKEN", "canary-of-the-worker")
    seen = tmp_path / "seen"
    secret = "{{ lookup('env', 'SECRET') }}"
    events: list[TaskEvent] = []
    keep = {
        "name": "Keep",
        "ansible.builtin.copy": {"content": secret, "dest": str(seen), "mode": "0600"},
        "no_log": True,
    }
    tell = {"name": "Tell", "ansible.builtin.fail": {"msg": f"the key is {secret}"}}
    with pytest.raises(AnsibleFailed, match=r"the key is \*\*\*"):
        run(
            tmp_path / "work",
            keep,
            tell,
            secrets={"SECRET": "canary-of-the-play"},
            on_event=events.append,
        )
    assert seen.read_text() == "canary-of-the-play"
    assert "canary" not in repr(events)
    files = [path for path in (tmp_path / "work").rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if b"canary" in path.read_bytes()]


def test_the_workers_own_environment_stays_out_of_the_play(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLATFORM_TOKEN", "canary")
    monkeypatch.setenv("ANSIBLE_STRATEGY", "no_such_strategy")
    monkeypatch.setenv("UV_OFFLINE", "1")
    seen = tmp_path / "seen"
    run(
        tmp_path / "work",
        {
            "name": "Look",
            "ansible.builtin.copy": {
                "content": "{{ lookup('env', 'PLATFORM_TOKEN', 'UV_OFFLINE') }}",
                "dest": str(seen),
                "mode": "0600",
            },
        },
    )
    assert seen.read_text() == ",1"


def test_ansible_writes_in_its_own_folder_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    run(
        tmp_path / "work",
        {"name": "Write", "ansible.builtin.copy": {"content": "x", "dest": str(tmp_path / "x")}},
    )
    assert list((tmp_path / "home").iterdir()) == []
    assert (tmp_path / "work").stat().st_mode & 0o077 == 0


def test_an_error_of_who_listens_ends_the_play(tmp_path: Path) -> None:
    later = tmp_path / "later"

    def cancelled(event: TaskEvent) -> None:
        raise InterruptedError("cancelled")

    with pytest.raises(InterruptedError, match="cancelled"):
        run(
            tmp_path / "work",
            {"name": "Wait", "ansible.builtin.command": {"argv": ["sleep", "30"]}},
            {"name": "Go on", "ansible.builtin.copy": {"content": "x", "dest": str(later)}},
            on_event=cancelled,
        )
    assert not later.exists()


def test_a_file_of_an_earlier_run_is_gone(tmp_path: Path) -> None:
    nothing = {"name": "Nothing", "ansible.builtin.debug": {"msg": "x"}}
    run(tmp_path, files={"play.yml": play(nothing), "host_vars/localhost.yml": "x: 1\n"})
    run(tmp_path, nothing)
    assert not (tmp_path / "project" / "host_vars" / "localhost.yml").exists()


def test_the_play_ends_with_the_worker_that_runs_it(tmp_path: Path) -> None:
    step = f"""
import pathlib, sys
sys.path.insert(0, {str(PROJECT)!r})
from windmill.scripts.provision.ansible import run_playbook
run_playbook(
    "play.yml", files={{"play.yml": sys.argv[1]}}, inventory={HERE!r}, extravars={{}}, secrets={{}},
    workdir=pathlib.Path({str(tmp_path)!r}),
    on_event=lambda event: event.task == "Wait" and print("waiting", flush=True),
)
"""
    idle = [sys.executable, "-c", "import time; time.sleep(600)", str(tmp_path)]
    wait = play({"name": "Wait", "ansible.builtin.command": {"argv": idle}})
    command = [sys.executable, "-c", step, wait]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as worker:
        assert worker.stdout
        worker.stdout.readline()
        while not any(b"time.sleep" in line for line in naming(tmp_path) if b"argv" not in line):
            time.sleep(0.05)
        worker.kill()
    deadline = time.monotonic() + 20
    while left := naming(tmp_path):
        assert time.monotonic() < deadline, left
        time.sleep(0.05)


def naming(folder: Path) -> list[bytes]:
    """Command lines of the processes that name it."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            found.append(file.read_bytes())
    return [line for line in found if str(folder).encode() in line]
