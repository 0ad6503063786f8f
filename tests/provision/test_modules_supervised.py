"""The module that keeps a deployment's processes, with a real supervisord."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

STRINGS: dict[str, str] = json.loads((Path(__file__).parent / "strings.json").read_text())
IDLE = [sys.executable, "-c", "import time; time.sleep(600)"]
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(600)
"""
WITNESS = """
import json, os, sys, time
told = json.dumps({"arguments": sys.argv[2:], "environment": dict(os.environ)})
open(sys.argv[1] + ".new", "w").write(told)
os.rename(sys.argv[1] + ".new", sys.argv[1])
time.sleep(600)
"""
Run = Callable[..., bool]


@pytest.fixture
def run(supervised: ModuleType, supervisor_python: str, root: Path) -> Run:
    def given(secrets: dict[str, Any] | None = None, **programs: Any) -> bool:
        described = {name: {"command": command} for name, command in programs.items()}
        return bool(supervised.run(root, supervisor_python, described, secrets or {}))

    return given


@pytest.fixture
def running(supervised: ModuleType, root: Path) -> Callable[[], dict[str, int]]:
    """Pids of the programs that run, by name."""

    def ask() -> dict[str, int]:
        known = supervised.Server(supervised.socket_path(root)).ask("getAllProcessInfo")
        return {program["name"]: program["pid"] for program in known if program["pid"]}

    return ask


@contextmanager
def process(code: str = IDLE[2], *arguments: str, **environment: str) -> Iterator[int]:
    command = [sys.executable, "-c", f"print('ready', flush=True)\n{code}", *arguments]
    with subprocess.Popen(command, env=os.environ | environment, stdout=subprocess.PIPE) as started:
        assert started.stdout
        started.stdout.readline()
        yield started.pid
        started.kill()


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_commands_and_environment_arrive_as_given(
    run: Run, supervised: ModuleType, supervisor_python: str, root: Path
) -> None:
    told = root / "told"
    strings = list(STRINGS.values())
    environment = {f"TEXT_{number}": text for number, text in enumerate(strings)}
    program = {
        "command": [sys.executable, "-c", WITNESS, str(told), *strings],
        "environment": environment,
    }
    supervised.run(root, supervisor_python, {"api": program}, {"api": {"KEY": "canary"}})
    assert supervised.wait_until(told.exists, 10)
    seen = json.loads(told.read_text())
    assert seen["arguments"] == strings
    for name, text in {**environment, "KEY": "canary"}.items():
        assert seen["environment"][name] == text
    assert "SECRET_OF_THE_WORKER" not in seen["environment"]


def test_secrets_lie_in_one_file_of_the_owner_alone(
    run: Run, root: Path, running: Callable[[], dict[str, int]]
) -> None:
    run(api=IDLE, litellm=IDLE, secrets={"litellm": {"KEY": "canary"}})
    files = [path for path in root.rglob("*") if path.is_file()]
    holding = [path.name for path in files if b"canary" in path.read_bytes()]
    assert holding == ["litellm.json"]
    assert all(path.stat().st_mode & 0o077 == 0 for path in [root, *files])
    assert b"canary" not in Path(f"/proc/{running()['litellm']}/cmdline").read_bytes()
    assert b"canary" not in Path(f"/proc/{running()['api']}/environ").read_bytes()


def test_the_same_again_changes_nothing(run: Run, running: Callable[[], dict[str, int]]) -> None:
    assert run(api=IDLE, litellm=IDLE)
    before = running()
    assert set(before) == {"api", "litellm"}
    assert not run(api=IDLE, litellm=IDLE)
    assert running() == before


def test_what_changed_restarts_and_nothing_else(
    run: Run, running: Callable[[], dict[str, int]]
) -> None:
    run(api=IDLE, litellm=IDLE)
    before = running()
    assert run(api=[*IDLE, "changed"], litellm=IDLE)
    assert running()["litellm"] == before["litellm"]
    assert running()["api"] != before["api"]
    changed = running()
    assert run(api=[*IDLE, "changed"], litellm=IDLE, secrets={"litellm": {"KEY": "new"}})
    assert running()["api"] == changed["api"]
    assert running()["litellm"] != before["litellm"]


def test_a_program_that_is_no_longer_wanted_ends(
    run: Run, running: Callable[[], dict[str, int]]
) -> None:
    run(api=IDLE, litellm=IDLE)
    ended = running()["litellm"]
    assert run(api=IDLE)
    assert set(running()) == {"api"}
    assert not is_alive(ended)


def test_a_killed_program_comes_back(
    run: Run, supervised: ModuleType, running: Callable[[], dict[str, int]]
) -> None:
    run(api=IDLE)
    before = running()["api"]
    os.kill(before, signal.SIGKILL)
    assert supervised.wait_until(lambda: running().get("api", before) != before, 15)


def test_a_stopped_program_is_started_again(
    run: Run, supervised: ModuleType, root: Path, running: Callable[[], dict[str, int]]
) -> None:
    run(api=IDLE)
    supervised.Server(supervised.socket_path(root)).ask("stopProcess", "api")
    assert not running()
    assert run(api=IDLE)
    assert set(running()) == {"api"}


def test_after_a_killed_supervisord_nothing_is_left_and_all_starts_again(
    run: Run, supervised: ModuleType, root: Path, running: Callable[[], dict[str, int]]
) -> None:
    run(api=IDLE)
    orphan = running()["api"]
    os.kill(int((root / "supervisor" / "supervisord.pid").read_text()), signal.SIGKILL)
    assert supervised.wait_until(lambda: not is_alive(orphan), 10)
    assert run(api=IDLE)
    assert running()["api"] != orphan


def test_ending_stops_all_that_belongs_to_the_deployment(
    run: Run, supervised: ModuleType, root: Path, running: Callable[[], dict[str, int]]
) -> None:
    run(api=IDLE)
    pids = list(running().values())
    marked = process(STUBBORN, MLOPS_DEPLOYMENT_ROOT=str(root))
    named = process(IDLE[2], f"--config={root}/litellm/config.yaml")
    with marked as first, named as second:
        assert supervised.end(root, [])
        assert not [pid for pid in [*pids, first, second] if is_alive(pid)]
    assert not supervised.end(root, [])
    assert not supervised.socket_path(root).exists()


@pytest.mark.slow
def test_a_neighbour_is_spared(supervised: ModuleType, root: Path) -> None:
    neighbour = process(
        IDLE[2], f"{root}0/api", f"/mnt{root}/api", MLOPS_DEPLOYMENT_ROOT=f"{root}0"
    )
    child = process(IDLE[2], f"{root}.old/api", MLOPS_DEPLOYMENT_ROOT=f"{root}-2")
    with neighbour as first, child as second:
        supervised.end(root, [])
        assert is_alive(first)
        assert is_alive(second)


@pytest.mark.slow
def test_who_asks_for_the_end_is_spared(supervised: ModuleType, root: Path) -> None:
    code = f"""
import importlib.util, os, pathlib, sys
spec = importlib.util.spec_from_file_location("m", {supervised.__file__!r})
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
module.end(pathlib.Path(sys.argv[1]), [])
print("alive")
"""
    asked = subprocess.run(
        [sys.executable, "-c", code, str(root)], capture_output=True, text=True, check=False
    )
    assert asked.stdout == "alive\n", asked.stderr


def test_a_port_that_stays_in_use_is_reported(
    run: Run, supervised: ModuleType, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(api=IDLE)
    monkeypatch.setattr(
        supervised, "wait_until", lambda met, seconds, wait=supervised.wait_until: wait(met, 1)
    )
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(supervised.Trouble, match=f"{port}.* still in use"):
            supervised.end(root, [port])
        assert not supervised.end(root, [port]), "nothing of ours ran: the port is another's"


def test_a_deep_folder_gets_its_socket_elsewhere(
    supervised: ModuleType, supervisor_python: str, tmp_path: Path
) -> None:
    deep = tmp_path / ("a folder with blanks ; # 's " * 4) / ("x" * 60)
    try:
        assert supervised.run(deep, supervisor_python, {"api": {"command": IDLE}}, {})
        assert not supervised.run(deep, supervisor_python, {"api": {"command": IDLE}}, {})
        assert not supervised.socket_path(deep).is_relative_to(deep)
    finally:
        assert supervised.end(deep, [])
    assert not supervised.socket_path(deep).exists()


@pytest.mark.parametrize(
    "folder", ["/", "/srv", "relative/folder", "/srv/..", '/srv/a"b', "/srv/100%", "/srv/a\nb"]
)
def test_a_folder_that_could_hold_more_than_a_deployment_is_refused(
    supervised: ModuleType, folder: str
) -> None:
    with pytest.raises(supervised.Trouble):
        supervised.checked(folder)


def test_a_name_cannot_write_configuration(
    supervised: ModuleType, supervisor_python: str, root: Path
) -> None:
    with pytest.raises(supervised.Trouble, match="no name for a program"):
        supervised.run(root, supervisor_python, {"a]\n[x": {"command": IDLE}}, {})


@pytest.mark.slow
def test_a_supervisord_that_does_not_start_is_explained(supervised: ModuleType, root: Path) -> None:
    with pytest.raises(supervised.Trouble, match=r"did not start: .*No module named"):
        supervised.run(root, sys.executable, {"api": {"command": IDLE}}, {})
