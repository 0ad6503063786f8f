"""Real ansible-runner and Ansible on this host."""

import json
from pathlib import Path
from typing import Any

from windmill.scripts.provision.ansible import PlaybookResult, TaskEvent, run_playbook

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
