"""A Docker engine of the tests' own, beside any other: its own folder, socket and bridge."""

import ipaddress
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path

from tests.docker_engine.base_image import base_archive
from tests.docker_engine.data_root import data_root
from tests.docker_engine.programs import call, docker_programs, environment

READY_WITHIN_SECONDS = 60
# Each engine takes one network of it; several test runs may have one at once.
NETWORKS = ipaddress.ip_network("172.28.0.0/14")
KEPT_HOURS = 14 * 24
BASE = "debian:base"
MADE_OF = "mlops.archive"
PYTHON = "python:3.11-slim-bookworm"
STAND_IN = """\
FROM debian:base
RUN ln -s python3 /usr/bin/python
# Registries may be reached through a proxy whose certificate only the system knows.
ENV PIP_CERT=/etc/ssl/certs/ca-certificates.crt
"""


@dataclass
class Container:
    engine: "Engine"
    id: str
    address: str

    def run(self, *command: str, seconds: float = 60) -> str:
        return self.engine.docker("exec", self.id, *command, seconds=seconds)

    def logs(self) -> str:
        return self.engine.docker("logs", self.id)

    def kill(self) -> None:
        """As a machine dies that loses its power."""
        self.engine.docker("kill", self.id)

    def start(self) -> None:
        self.engine.docker("start", self.id)

    def remove(self) -> None:
        self.engine.docker("rm", "--force", "--volumes", self.id)


@dataclass
class Engine:
    folder: Path
    bridge: str
    network: ipaddress.IPv4Network
    _images: set[str] = field(default_factory=set)

    @property
    def host(self) -> str:
        return f"unix://{self.folder / 'docker.sock'}"

    def docker(self, *arguments: str, seconds: float = 120) -> str:
        program = docker_programs() / "usr" / "bin" / "docker"
        return call(str(program), "--host", self.host, *arguments, seconds=seconds)

    def base_image(self) -> str:
        """Debian with Python and an SSH server."""
        archive = base_archive()
        label = f"{MADE_OF}={archive.parent.name}"
        if not self.docker("image", "ls", "--quiet", f"--filter=label={label}", BASE):
            self.docker("import", "--change", f"LABEL {label}", str(archive), BASE)
        return BASE

    def python_image(self) -> str:
        """Under the name that our Dockerfiles ask for: a stand-in, of Debian's own Python."""
        self.base_image()
        return self.build(PYTHON, {"Dockerfile": STAND_IN})

    def build(self, name: str, files: Mapping[str, str], *options: str) -> str:
        """From the files of a context, a Dockerfile among them."""
        if name not in self._images:
            with tempfile.TemporaryDirectory() as context:
                for path, text in files.items():
                    (Path(context) / path).parent.mkdir(parents=True, exist_ok=True)
                    (Path(context) / path).write_text(text)
                self.docker("build", "--tag", name, *options, context, seconds=600)
            self._images.add(name)
        return name

    def keep_what_was_installed(self, image: str, name: str) -> None:
        """The next run builds upon it, although the image itself will be gone by then."""
        layers = self.docker("history", "--no-trunc", "--format={{.ID}} {{.CreatedBy}}", image)
        installed = next(line for line in layers.splitlines() if "pip install" in line)
        self.docker("tag", installed.split()[0], f"installed:{name}")

    def run(self, image: str, *command: str, options: tuple[str, ...] = ()) -> Container:
        id = self.docker("run", "--detach", *options, image, *command)
        shown = "{{.NetworkSettings.IPAddress}}"
        return Container(self, id, self.docker("inspect", "--format", shown, id))


@contextmanager
def running_engine(images: str = "docker-data", first: int = 0) -> Iterator[Engine]:
    """`images`: which of the user's kept folders of images is its own. `first`: from which number
    on it takes a network, where no other engine may have had it or get it next."""
    folder = Path(tempfile.mkdtemp(prefix="docker-"))
    try:
        with bridge_network(first) as (name, network):
            engine = Engine(folder, name, network)
            with data_root(folder / "data", images) as (data, lock), _daemon(engine, data, lock):
                yield engine
                _clean_up(engine)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _clean_up(engine: Engine) -> None:
    """Layers of images that still have a name are what the next run finds."""
    if ids := engine.docker("ps", "--all", "--quiet").split():
        engine.docker("rm", "--force", "--volumes", *ids)
    engine.docker("image", "prune", "--all", "--force", f"--filter=until={KEPT_HOURS}h")
    engine.docker("system", "prune", "--force", "--volumes")


@contextmanager
def _daemon(engine: Engine, data: Path, lock: int) -> Iterator[None]:
    folder = engine.folder
    options = {
        "--host": engine.host,
        "--bridge": engine.bridge,
        "--data-root": str(data),
        "--exec-root": str(folder / "run"),
        "--pidfile": str(folder / "docker.pid"),
        # Another engine of this machine would take our rules for its own.
        "--iptables": "false",
        "--ip6tables": "false",
        "--ip-masq": "false",
    }
    arguments = [f"{name}={value}" for name, value in options.items()]
    with (folder / "log").open("wb") as log:
        daemon = subprocess.Popen(
            [str(docker_programs() / "usr" / "sbin" / "dockerd"), *arguments],
            env={**os.environ, **environment()},
            stdout=log,
            stderr=log,
            start_new_session=True,
            pass_fds=[lock],
        )
    try:
        _wait_until_ready(engine, daemon)
        yield
    finally:
        _end(daemon)


def _wait_until_ready(engine: Engine, daemon: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while True:
        with suppress(AssertionError):
            engine.docker("version")
            return
        if daemon.poll() is not None or time.monotonic() > deadline:
            raise OSError((engine.folder / "log").read_text()[-500:])
        time.sleep(0.1)


def _end(daemon: subprocess.Popen[bytes]) -> None:
    daemon.terminate()
    with suppress(subprocess.TimeoutExpired):
        daemon.wait(20)
    if daemon.poll() is None:
        os.killpg(daemon.pid, signal.SIGKILL)
        daemon.wait(20)


@contextmanager
def bridge_network(first: int = 0) -> Iterator[tuple[str, ipaddress.IPv4Network]]:
    """Whoever makes the bridge of a number first has its network."""
    name, network = _free_bridge(first)
    try:
        gateway = f"{next(network.hosts())}/{network.prefixlen}"
        call("ip", "address", "add", gateway, "dev", name)
        call("ip", "link", "set", name, "up")
        with _rules(name, network):
            yield name, network
    finally:
        call("ip", "link", "delete", name)


def _free_bridge(first: int) -> tuple[str, ipaddress.IPv4Network]:
    networks = islice(NETWORKS.subnets(new_prefix=24), first, None)
    for number, network in zip(count(first), networks, strict=False):
        name = f"mlops{number}"
        with suppress(AssertionError):
            call("ip", "link", "add", "name", name, "type", "bridge")
            return name, ipaddress.IPv4Network(network)
    raise OSError("no network is free for a bridge")


@contextmanager
def _rules(bridge: str, network: ipaddress.IPv4Network) -> Iterator[None]:
    """Containers reach what this machine reaches, whatever else the machine forbids."""
    Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
    rules = (
        ("nat", "POSTROUTING", "-s", str(network), "!", "-o", bridge, "-j", "MASQUERADE"),
        ("filter", "FORWARD", "-i", bridge, "-j", "ACCEPT"),
        ("filter", "FORWARD", "-o", bridge, "-j", "ACCEPT"),
    )
    done: list[tuple[str, ...]] = []
    try:
        for table, *rule in rules:
            call("iptables", "--wait", "-t", table, "-I", *rule)
            done.append((table, *rule))
        yield
    finally:
        for table, *rule in done:
            call("iptables", "--wait", "-t", table, "-D", *rule)
