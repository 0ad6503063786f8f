"""Hosts die and workers are killed in the middle: nothing is lost, and nothing stays behind."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.docker_engine.engine import Engine
from tests.docker_engine.ssh_hosts import HOME, USER, WITH_CRON, SshHost, ssh_host
from tests.e2e.harness import Platform, broken_asset
from tests.e2e.ssh.settings import FOLDER, is_healthy, on

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.xdist_group("docker"),
]
QUICK = "embeddings-api"
DEPLOYING, DESTROYING = "supervised/tasks/main.yml", "destroy_ml_pipeline.yml"
HELD, GO = f"{HOME}/held", f"{HOME}/go"
HOLD = f"""- name: Stand still
{{0}}  ansible.builtin.shell: touch {HELD}; until test -e {GO}; do sleep 0.1; done
{{0}}  changed_when: false

{{0}}"""
# Before which task of its file the worker is killed; the first one is 0.
POINTS = [(DEPLOYING, 1), (DEPLOYING, 2), (DESTROYING, 1), (DESTROYING, 2)]


@pytest.fixture(scope="module")
def host(docker_engine: Engine, key: Path) -> Iterator[SshHost]:
    with ssh_host(docker_engine, key, *WITH_CRON) as host:
        yield host


@contextmanager
def standing_still(platform: Platform, file: str, point: int) -> Iterator[None]:
    """A run of the playbook waits before that task until the host is told to go on."""
    with platform.windmill() as windmill:
        tree = windmill.get("/resources/get_value/f/mlops/assets/ansible").json()
    text = next(text for name, text in tree.items() if name.endswith(file))
    tasks = [line for line in text.splitlines() if line.lstrip().startswith("- name: ")]
    task = [line for line in tasks if "pipeline off its host" not in line][point]
    indent = task[: len(task) - len(task.lstrip())]
    held = indent + HOLD.format(indent) + task.lstrip()
    with broken_asset(platform, "ansible", file, task, held):
        yield


def wait_for(condition: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def has(host: SshHost, file: str) -> bool:
    return host.run("sh", "-c", f"test -e {file} && echo yes || true") == "yes"


def state(platform: Platform, id: str) -> str:
    return str(platform.json("status", id, fine=(0, 1))["state"])


def kill_the_worker(platform: Platform, host: SshHost) -> None:
    os.kill(platform.parts["engine"]["pid"], signal.SIGKILL)
    host.run("touch", GO)
    platform.run("up")


@pytest.mark.parametrize(("file", "point"), POINTS)
def test_a_worker_killed_at_any_point_is_taken_over_and_nothing_stays(
    platform: Platform, host: SshHost, file: str, point: int
) -> None:
    host.run("rm", "-f", HELD, GO)
    with ExitStack() as stack:
        if file == DEPLOYING:
            stack.enter_context(standing_still(platform, file, point))
        live = platform.json("deploy", QUICK, *on(host), "--no-wait")
        if file == DESTROYING:
            wait_for(lambda: state(platform, live["id"]) == "live")
            stack.enter_context(standing_still(platform, file, point))
            with platform.gateway() as gateway:
                gateway.delete(f"/pipelines/{live['id']}").raise_for_status()
        wait_for(lambda: has(host, HELD))
        kill_the_worker(platform, host)
        if file == DEPLOYING:
            wait_for(lambda: state(platform, live["id"]) == "live")
            assert is_healthy(host, platform.json("status", QUICK)["urls"]["health"])
    if file == DEPLOYING:
        platform.run("destroy", QUICK, "--yes")
    wait_for(lambda: QUICK not in platform.run("ls").stdout)
    assert nothing_is_left(host)


def nothing_is_left(host: SshHost) -> bool:
    crontab = host.run("sh", "-c", f"crontab -u {USER} -l 2>/dev/null || true")
    return not (host.processes() or host.run("ls", "-A", FOLDER) or crontab)


def test_of_two_hosts_one_dies_and_the_other_goes_on(
    platform: Platform, docker_engine: Engine, host: SshHost, key: Path
) -> None:
    host.run("touch", GO)
    with ssh_host(docker_engine, key) as mortal, standing_still(platform, DEPLOYING, 2):
        begun = [
            platform.json("deploy", QUICK, *on(each), f"--name={name}", "--no-wait")
            for name, each in (("steady", host), ("mortal", mortal))
        ]
        wait_for(lambda: has(mortal, HELD))
        mortal.container.kill()
        wait_for(lambda: state(platform, begun[0]["id"]) == "live")
        wait_for(lambda: state(platform, begun[1]["id"]) in ("failed", "degraded"), 180)
    steady, dead = (platform.json("status", each["id"], fine=(0, 1)) for each in begun)
    assert is_healthy(host, steady["urls"]["health"])
    assert f"{mortal.address}" in str(dead["error"])
    assert dead["error"]["fix"]
    accept_the_one_made_anew(platform, docker_engine, key, mortal.address)
    assert is_healthy(host, steady["urls"]["health"])
    platform.run("destroy", "steady", "--yes")
    assert nothing_is_left(host)


def accept_the_one_made_anew(
    platform: Platform, docker_engine: Engine, key: Path, address: str
) -> None:
    again: Any = ("deploy", QUICK, "--name=mortal")
    with ssh_host(docker_engine, key) as anew:
        assert anew.address == address
        told = platform.run(*again, *on(anew), fine=(1,))
        words = (told.stdout + told.stderr).replace(",", " ").split()
        assert len({word for word in words if word.startswith("SHA256:")}) == 2
        accept = next(word for word in words if word.startswith("host_key="))
        platform.run(*again, *on(anew, accept))
        assert state(platform, "mortal") == "live"
        platform.run("destroy", "mortal", "--yes")
        assert nothing_is_left(anew)
