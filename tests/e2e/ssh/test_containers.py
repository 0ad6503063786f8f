"""`docker: true`: the programs in containers of the host's own Docker engine, closed in."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.platform.home import ROOT
from tests.docker_engine.engine import Engine
from tests.docker_engine.ssh_hosts import SshHost, docker_host
from tests.e2e.harness import EXAMPLES, Platform
from tests.e2e.ssh.settings import QUESTION, on

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1200),
    pytest.mark.xdist_group("docker"),
]
DOCKERFILE = ROOT / "ansible/roles/supervised/files/Dockerfile"
PROGRAMS = {"api", "litellm", "model-server"}


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    # Not below /tmp, which containers have for themselves.
    with tempfile.TemporaryDirectory(prefix="mlops-home-", dir="/var/tmp") as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def host(docker_engine: Engine, key: Path, home: Path) -> Iterator[SshHost]:
    docker_engine.python_image()
    build_what_all_begin_with(docker_engine)
    with docker_host(docker_engine, key, home) as host:
        yield host


def build_what_all_begin_with(engine: Engine) -> None:
    """Built at once, each of the programs' images would have such layers of its own."""
    begin = DOCKERFILE.read_text("utf-8").partition("COPY")[0]
    engine.build("programs", {"Dockerfile": begin})


@pytest.fixture(scope="module")
def entry(host: SshHost) -> list[str]:
    settings = ("docker=true", f"documents={EXAMPLES}")
    return ["deploy", "rag-chatbot", "--name=boxed", *on(host, *settings, user="root")]


@pytest.fixture(scope="module")
def live(platform: Platform, docker_engine: Engine, entry: list[str]) -> Any:
    made = platform.json(*entry)
    keep_installed(docker_engine, made["deployment_id"])
    return made


def keep_installed(engine: Engine, id: str) -> None:
    shown = ("--format={{.Repository}}:{{.Tag}}", f"--filter=label=mlops.deployment={id}")
    for image in engine.docker("image", "ls", *shown).split():
        program = image.partition(":")[0].removeprefix(f"mlops-{id}-")
        engine.keep_what_was_installed(image, program)


def ours(engine: Engine, id: str) -> dict[str, set[str]]:
    label = f"--filter=label=mlops.deployment={id}"
    return {
        "containers": set(engine.docker("ps", "--all", "--quiet", "--no-trunc", label).split()),
        "images": set(engine.docker("image", "ls", "--quiet", label).split()),
        "volumes": set(engine.docker("volume", "ls", "--quiet", label).split()),
    }


def test_it_answers_from_containers(platform: Platform, live: dict[str, Any]) -> None:
    answer = platform.json("chat", "boxed", QUESTION)
    assert "may stay idle for two days" in answer["sources"][0]["passage"]
    assert "its Docker engine starts it again" in platform.run("status", "boxed").stdout
    assert platform.json("logs", "boxed", "--runtime", "--process", "litellm")["lines"]


def test_each_container_is_closed_in(docker_engine: Engine, live: dict[str, Any]) -> None:
    containers = ours(docker_engine, live["deployment_id"])["containers"]
    told = json.loads(docker_engine.docker("inspect", *containers))
    assert {each["Name"].split(f"{live['deployment_id']}-")[1] for each in told} == PROGRAMS
    for each in told:
        limits = each["HostConfig"]
        assert limits["ReadonlyRootfs"]
        assert limits["CapDrop"] == ["ALL"]
        assert limits["SecurityOpt"] == ["no-new-privileges"]
        assert limits["RestartPolicy"]["Name"] == "unless-stopped"
        assert limits["LogConfig"]["Config"] == {"max-file": "3", "max-size": "5m"}
        assert each["Config"]["User"] == "10001:10001"


def test_the_same_again_changes_nothing(
    platform: Platform, docker_engine: Engine, entry: list[str], live: dict[str, Any]
) -> None:
    before = ours(docker_engine, live["deployment_id"])
    assert "nothing changed" in platform.run(*entry).stdout
    assert ours(docker_engine, live["deployment_id"]) == before


def test_processes_do_not_take_the_place_of_containers(
    platform: Platform, entry: list[str], live: dict[str, Any]
) -> None:
    as_processes = [word.replace("docker=true", "docker=false") for word in entry]
    told = platform.run(*as_processes, fine=(1,))
    assert "boxed runs there in containers" in told.stdout + told.stderr


def test_other_users_of_the_host_cannot_read_the_documents(
    home: Path, live: dict[str, Any]
) -> None:
    folder = home / ".local" / "share" / "mlops" / live["deployment_id"]
    assert list((folder / "documents").rglob("*.pdf"))
    assert folder.stat().st_mode & 0o077 == 0


def test_destroying_leaves_nothing_of_it(
    platform: Platform, docker_engine: Engine, home: Path, live: dict[str, Any]
) -> None:
    platform.run("destroy", "boxed", "--yes")
    assert not any(ours(docker_engine, live["deployment_id"]).values())
    assert live["deployment_id"] not in docker_engine.docker("image", "ls", "--all")
    assert not list((home / ".local" / "share" / "mlops").iterdir())
