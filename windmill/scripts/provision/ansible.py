"""Ansible playbooks through ansible-runner, their tasks reported as they happen."""

import json
import os
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import ansible
from ansible_runner import Runner, RunnerConfig

from .errors import AnsibleFailed, HostLost, ReservedKey, excerpt
from .files import private_folder, write_private, write_tree

State = Literal["started", "ok", "changed", "failed", "skipped"]

STATISTICS = ("ok", "changed", "failures", "dark", "skipped")
# ansible-runner writes the whole environment to a file: a worker's own secrets must not be in it.
KEPT = {
    "CURL_CA_BUNDLE", "HOME", "LOGNAME", "PATH", "REQUESTS_CA_BUNDLE", "SSH_AUTH_SOCK",
    "SSL_CERT_DIR", "SSL_CERT_FILE", "TMPDIR", "TZ", "USER", "XDG_CACHE_HOME",
    "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY",
}  # fmt: skip
KEPT_PREFIXES = ("PIP_", "UV_")
SETTINGS = {
    "ANSIBLE_GATHERING": "explicit",
    "ANSIBLE_HOST_KEY_CHECKING": "True",
    "ANSIBLE_INVENTORY_ENABLED": "yaml",
    "ANSIBLE_NOCOLOR": "True",
    "ANSIBLE_PIPELINING": "True",
    "LC_ALL": "C.UTF-8",
}
# Takes the secrets from a file that is gone before Ansible starts; ends with the worker, and then
# ends all of Ansible: a module that went on alone could start what is being destroyed.
LAUNCHER = """
import ctypes, json, os, pathlib, signal, subprocess, sys

def descendants(pid):
    for children in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            yield int(child)
            yield from descendants(child)

def end(*_):
    for pid in [*descendants(os.getpid()), os.getpid()]:
        os.kill(pid, signal.SIGKILL)

signal.signal(signal.SIGTERM, end)
ctypes.CDLL(None).prctl(1, signal.SIGTERM)
handed_over = pathlib.Path(sys.argv[1])
environment = os.environ | json.loads(handed_over.read_text())
handed_over.unlink()
ansible = [sys.executable, "-P", "-m", "ansible", "playbook", *sys.argv[2:]]
sys.exit(subprocess.call(ansible, env=environment))
"""


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
    """Runs one of `files`. All in `inventory` and `extravars` is data: braces arrive as braces.

    `secrets` become environment variables of Ansible itself, for `lookup('env', …)`.
    """
    workdir = private_folder(workdir.absolute())
    write_tree(workdir / "project", files)
    write_private(workdir / "inventory.json", json.dumps(literal(_local(inventory, workdir))))
    write_private(workdir / "extravars.json", json.dumps(literal(extravars)))
    write_private(workdir / "ansible.cfg", "")
    progress = _Progress(on_event, tuple(secrets.values()))
    with _handed_over(workdir, secrets):
        runner = Runner(
            _configuration(workdir, playbook),
            event_handler=progress.receive,
            cancel_callback=lambda: bool(progress.trouble),
        )
        runner.run()
        return progress.result(runner, playbook)


def literal(value: Any) -> Any:
    """The value in JSON that Ansible never reads as a template."""
    if isinstance(value, str):
        return {"__ansible_unsafe": value}
    if isinstance(value, Mapping):
        if reserved := next((key for key in value if str(key).startswith("__ansible")), None):
            raise ReservedKey(reserved)
        return {key: literal(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [literal(item) for item in value]
    return value


@dataclass
class _Progress:
    """Turns ansible-runner's events into ours and remembers why the play failed."""

    on_event: Callable[[TaskEvent], None]
    secrets: tuple[str, ...]
    failure: TaskEvent | None = None
    lost: bool = False
    totals: dict[str, int] = field(default_factory=dict)
    trouble: list[BaseException] = field(default_factory=list)

    def receive(self, event: dict[str, Any]) -> None:
        data = event.get("event_data", {})
        if event["event"] == "playbook_on_stats":
            self.totals = {name: sum(data[name].values()) for name in STATISTICS}
        elif state := _state(event["event"], data):
            self.lost |= event["event"] == "runner_on_unreachable"
            self._tell(data, state)

    def result(self, runner: Runner, playbook: str) -> PlaybookResult:
        if self.trouble:
            raise self.trouble[0]
        if self.failure:
            failed = HostLost if self.lost else AnsibleFailed
            raise failed(self.failure.task, self.failure.message)
        if runner.rc:
            with runner.stdout as said:
                raise AnsibleFailed(playbook, self._printable(said.read()) or f"exit {runner.rc}")
        count = self.totals
        return PlaybookResult(
            ok=count["ok"],
            changed=count["changed"],
            failed=count["failures"] + count["dark"],
            skipped=count["skipped"],
        )

    def _tell(self, data: dict[str, Any], state: State) -> None:
        seconds = float(data.get("duration", 0))
        message = self._printable(_message(data.get("res", {}))) if state == "failed" else ""
        event = TaskEvent(data["task"], data.get("host", ""), state, message, seconds)
        if state == "failed" and not self.failure:
            self.failure = event
        try:
            self.on_event(event)
        except BaseException as error:  # noqa: BLE001 - raised again once Ansible has stopped
            self.trouble.append(error)

    def _printable(self, text: str) -> str:
        for secret in self.secrets:
            text = text.replace(secret, "***") if secret else text
        return excerpt(text)


def _state(kind: str, data: dict[str, Any]) -> State | None:
    if kind == "runner_on_ok":
        return "changed" if data.get("res", {}).get("changed") else "ok"
    if kind == "runner_on_failed":
        return "ok" if data.get("ignore_errors") else "failed"
    states: dict[str, State] = {
        "runner_on_start": "started",
        "runner_on_skipped": "skipped",
        "runner_on_unreachable": "failed",
    }
    return states.get(kind)


def _message(result: dict[str, Any]) -> str:
    failed = (item for item in result.get("results", ()) if item.get("failed"))
    result = next(failed, result)
    said = [result.get(name) for name in ("msg", "stderr", "module_stderr", "reason")]
    return "\n".join(str(text).strip() for text in said if text) or str(result.get("censored", ""))


@contextmanager
def _handed_over(workdir: Path, secrets: Mapping[str, str]) -> Iterator[None]:
    """Neither the secrets nor ansible-runner's own record of the run outlive it."""
    write_private(workdir / "handed-over", json.dumps(dict(secrets)))
    try:
        yield
    finally:
        (workdir / "handed-over").unlink(missing_ok=True)
        shutil.rmtree(workdir / "artifacts", ignore_errors=True)


def _configuration(workdir: Path, playbook: str) -> RunnerConfig:
    config = RunnerConfig(
        private_data_dir=str(workdir),
        binary=sys.executable,
        cmdline=shlex.join(_arguments(workdir, playbook)),
        ident="run",
        quiet=True,
    )
    config.prepare()
    config.env = _environment(config.env, workdir)
    config.pexpect_timeout = 0.5  # how soon it notices that it is to stop
    return config


def _arguments(workdir: Path, playbook: str) -> list[str]:
    launch = ["-P", "-c", LAUNCHER, str(workdir / "handed-over")]
    given = ["-i", str(workdir / "inventory.json"), "-e", f"@{workdir / 'extravars.json'}"]
    return [*launch, *given, "--", playbook]


def _local(inventory: dict[str, Any], workdir: Path) -> dict[str, Any]:
    """For this very host: the Python that runs Ansible, and a folder of ours for its files."""
    ours = {
        "ansible_python_interpreter": sys.executable,
        "ansible_remote_tmp": str(workdir / "tmp"),
    }
    groups = {}
    for name, group in inventory.items():
        hosts = {
            host: (ours | facts) if (facts or {}).get("ansible_connection") == "local" else facts
            for host, facts in group.get("hosts", {}).items()
        }
        groups[name] = group | {"hosts": hosts}
    return groups


def _environment(prepared: Mapping[str, str], workdir: Path) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name.upper() in KEPT or name.startswith(KEPT_PREFIXES)
    }
    by_runner = {name: value for name, value in prepared.items() if os.environ.get(name) != value}
    packages = [str(Path(ansible.__file__).parents[1]), *filter(os.path.isdir, sys.path)]
    ours = {
        "ANSIBLE_CONFIG": str(workdir / "ansible.cfg"),
        "ANSIBLE_HOME": str(workdir / "home"),
        "ANSIBLE_LOCAL_TEMP": str(workdir / "tmp"),
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(packages)),
    }
    return kept | by_runner | SETTINGS | ours
