"""Ansible playbooks through ansible-runner, their tasks reported as they happen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

State = Literal["started", "ok", "changed", "failed", "skipped"]


@dataclass(frozen=True)
class TaskEvent:
    task: str
    host: str
    state: State
    message: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class PlaybookResult:
    ok: int
    changed: int
    failed: int
    skipped: int


def run_playbook(
    playbook: str,
    *,
    files: Mapping[str, str],
    inventory: dict[str, Any],
    extravars: dict[str, Any],
    secrets: Mapping[str, str],
    workdir: Path,
    on_event: Callable[[TaskEvent], None],
) -> PlaybookResult:
    raise NotImplementedError
