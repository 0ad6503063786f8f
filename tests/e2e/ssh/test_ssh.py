"""The same pipeline on a machine that one logs in to: a real sshd, as a rented machine would be."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.docker_engine.engine import Engine
from tests.docker_engine.ssh_hosts import USER, WITH_CRON, SshHost, ssh_host
from tests.e2e.harness import EXAMPLES, Platform
from tests.e2e.ssh.settings import FOLDER, QUESTION, on, wait_until_healthy

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1200),
    pytest.mark.xdist_group("docker"),
]


@pytest.fixture(scope="module")
def host(docker_engine: Engine, key: Path) -> Iterator[SshHost]:
    with ssh_host(docker_engine, key, *WITH_CRON) as host:
        yield host


@pytest.fixture(scope="module")
def live(platform: Platform, host: SshHost) -> Any:
    return platform.json("deploy", "rag-chatbot", *on(host, f"documents={EXAMPLES}"))


def test_it_answers_from_the_host_through_a_tunnel(
    platform: Platform, live: dict[str, Any]
) -> None:
    answer = platform.json("chat", "rag-chatbot", QUESTION)
    best = answer["sources"][0]
    assert "may stay idle for two days" in best["passage"]
    assert (best["document"], best["page"]) == ("gpu-handbook.pdf", 3)
    assert f"{USER}@" in platform.run("status", "rag-chatbot").stdout


def test_its_processes_are_on_the_host_and_none_is_here(
    platform: Platform, host: SshHost, live: dict[str, Any]
) -> None:
    there = "\n".join(host.processes())
    for part in ("-m serving", "start_proxy.py", "model_server.py", "supervisor.supervisord"):
        assert part in there
    assert not platform.processes_of(live["deployment_id"])


@pytest.mark.parametrize("process", ["api", "litellm", "model-server"])
def test_what_its_processes_wrote_there_is_shown_here(
    platform: Platform, host: SshHost, live: dict[str, Any], process: str
) -> None:
    asked = ("logs", "rag-chatbot", "--runtime", "--process", process)
    lines = platform.json(*asked, "--lines", "1000")["lines"]
    log = f"{FOLDER}/{live['deployment_id']}/logs/{process}.log"
    there = host.run("cat", log).splitlines()
    assert lines[0].split() == there[0].split()
    assert len(platform.json(*asked, "--lines", "1")["lines"]) == 1


def test_the_same_again_changes_nothing(platform: Platform, host: SshHost, live: Any) -> None:
    before = pids(host)
    told = platform.run("deploy", "rag-chatbot", *on(host, f"documents={EXAMPLES}")).stdout
    assert "nothing changed" in told
    assert pids(host) == before


def pids(host: SshHost) -> str:
    return host.run("sh", "-c", f"pgrep -u {USER} -f {FOLDER} | sort")


def test_secrets_are_files_of_the_user_alone_and_in_no_command_line(
    platform: Platform, host: SshHost, key: Path, live: dict[str, Any]
) -> None:
    readable = host.run("find", FOLDER, "-perm", "/077", "-not", "-type", "l", "-path", "*super*")
    assert readable == ""
    with platform.windmill() as windmill:
        master = windmill.get("/variables/get_value/f/mlops/secret_key").json()
        jobs = windmill.get("/jobs/list", params={"per_page": 200}).text
    private = key.read_text().splitlines()[1]
    assert master not in host.run("grep", "-rhs", ".", FOLDER)
    for text in (jobs, platform.run("logs", live["deployment_id"]).stdout):
        assert master not in text
        assert private not in text
    assert not re.search("sk-[0-9a-f]{16}", "\n".join(host.processes()))
    left = [file for file in platform.home.rglob("*") if file.is_file()]
    assert not [file for file in left if private.encode() in file.read_bytes()]


def test_it_answers_again_after_a_reboot_of_the_host_without_us(
    platform: Platform, host: SshHost, live: dict[str, Any]
) -> None:
    assert "cron starts it again" in platform.run("status", "rag-chatbot").stdout
    host.reboot()
    wait_until_healthy(host, live)
    answer = platform.json("chat", "rag-chatbot", QUESTION)
    assert "may stay idle for two days" in answer["sources"][0]["passage"]


def test_destroying_leaves_no_process_port_or_file_there(
    platform: Platform, host: SshHost, live: dict[str, Any]
) -> None:
    platform.run("destroy", "rag-chatbot", "--yes")
    assert host.processes() == []
    assert host.run("ls", "-A", FOLDER) == ""
    assert host.run("sh", "-c", f"crontab -u {USER} -l 2>&1 || true") == f"no crontab for {USER}"
    assert live["deployment_id"] not in platform.run("ls").stdout
    ports = {httpx.URL(url).port for url in live["urls"].values()}
    listening = [line for line in host.run("cat", "/proc/net/tcp").splitlines() if " 0A " in line]
    assert not [line for line in listening if int(line.split()[1].split(":")[1], 16) in ports]


def test_a_host_that_starts_nothing_is_warned_of_and_what_a_dead_one_had_can_be_forgotten(
    platform: Platform, docker_engine: Engine, key: Path
) -> None:
    with ssh_host(docker_engine, key) as mortal:
        made = platform.json("deploy", "embeddings-api", *on(mortal))
        warned = platform.run("status", "embeddings-api").stdout
        assert "stays down until it is deployed again" in warned
        assert f"loginctl enable-linger {USER}" in warned
        mortal.container.kill()
        told = platform.run("destroy", "embeddings-api", "--yes", fine=(1,))
        assert "cannot be reached by SSH" in told.stdout + told.stderr
        assert platform.json("status", made["deployment_id"], fine=(0, 1))["state"] != "destroyed"
    again = platform.run("deploy", "embeddings-api", *on(mortal), fine=(1,))
    assert "cannot be reached by SSH" in again.stdout + again.stderr
    platform.run("destroy", "embeddings-api", "--yes", "--forget")
    assert made["deployment_id"] not in platform.run("ls").stdout
    events = platform.run("logs", made["deployment_id"]).stdout
    assert f"what it had on {USER}@{mortal.address}:22 was left" in events
