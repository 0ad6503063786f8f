"""A way to what only listens on the loopback of its own host, or inside its cluster.

It is the person's own ssh or kubectl that goes there, with what they may; a host must show the key
that the platform pinned.
"""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from cli.errors import CannotRun, NoTunnel

if TYPE_CHECKING:  # pydantic is heavy, and --help has no need of it
    from windmill.scripts.model.drawing.place import HostPlace

LOOPBACK = "127.0.0.1"
ALIAS = "mlops-host"
READY_WITHIN_SECONDS = 30
POLL_SECONDS = 0.05
SERVICE = "service/api"
KUBECTL_FIX = "Use a kubeconfig of yours that leads there: mlops tunnel {name} --identity FILE"


def place_of(status: Mapping[str, Any]) -> "HostPlace | None":
    from windmill.scripts.model.drawing.place import HostPlace

    return HostPlace.model_validate(status["place"]) if status.get("place") else None


def private_place(status: Mapping[str, Any]) -> "HostPlace | None":
    """Of a deployment that nobody reaches without a tunnel."""
    place = place_of(status)
    return place if place and place.is_private else None


def place_lines(status: Mapping[str, Any]) -> Iterator[str]:
    """What whoever looks after it must know of its host."""
    place = place_of(status)
    if place is None:
        return
    if place.is_private:
        where = (
            f"{place.identity}, namespace {place.namespace}" if place.namespace else place.identity
        )
        yield f"  on {where}, by a tunnel: mlops tunnel {status['name']}"
    yield f"  {place.after_reboot}"


def free_port(wanted: int = 0) -> int:
    """The one that is wanted, if it is free here."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, wanted))
        except OSError:
            return free_port()
        return int(probe.getsockname()[1])


def port_of(place: "HostPlace", url: str) -> int:
    """Of the place's own loopback, past what leads there by a name."""
    address = urlsplit(url)
    return place.behind if address.scheme == "https" else address.port or 80


@contextmanager
def tunnel(
    name: str, place: "HostPlace", ports: Mapping[int, int], identity: str = ""
) -> Iterator[subprocess.Popen[bytes]]:
    """`ports`: of the host, by those of this machine. Raises NoTunnel, CannotRun."""
    program = "kubectl" if place.namespace else "ssh"
    if not shutil.which(program):
        raise CannotRun(program=program, reason="it is not installed")
    with tempfile.TemporaryDirectory(prefix="mlops-tunnel-") as folder:
        known = Path(folder) / "known_hosts"
        known.write_text(f"{ALIAS} {place.host_key}\n", "utf-8")
        told = Path(folder) / "told"
        with told.open("wb") as file:
            command = (
                _of_cluster(place, ports, identity)
                if place.namespace
                else _command(place, ports, known, identity)
            )
            ssh = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=file, stderr=file)
        try:
            _wait_until_open(name, place, ssh, next(iter(ports)), told)
            yield ssh
        finally:
            ssh.terminate()
            ssh.wait()


def _command(place: "HostPlace", ports: Mapping[int, int], known: Path, identity: str) -> list[str]:
    forwards = [word for here, there in ports.items() for word in ("-L", _forward(here, there))]
    options = {
        "HostKeyAlias": ALIAS,
        "UserKnownHostsFile": str(known),
        "GlobalKnownHostsFile": os.devnull,
        "StrictHostKeyChecking": "yes",
        "UpdateHostKeys": "no",
        "BatchMode": "yes",
        "ConnectTimeout": "10",
        "ExitOnForwardFailure": "yes",
        "ServerAliveInterval": "15",
        "LogLevel": "ERROR",
    }
    told = [word for key, value in options.items() for word in ("-o", f"{key}={value}")]
    key = identity or (place.key if os.access(place.key, os.R_OK) else "")
    with_key = ["-i", key] if key else []
    who = ["-p", str(place.port), "-l", place.user, "--", place.host]
    return ["ssh", "-N", *with_key, *told, *forwards, *who]


def _of_cluster(place: "HostPlace", ports: Mapping[int, int], identity: str) -> list[str]:
    """The platform's own kubeconfig where it is a file that this person may read."""
    own = place.key if os.access(place.key, os.R_OK) else ""
    way = [f"--kubeconfig={identity or own}"] if identity or own else []
    context = [f"--context={place.user}"] if own and not identity else []
    forwards = [f"{here}:{there}" for here, there in ports.items()]
    options = [f"--namespace={place.namespace}", f"--address={LOOPBACK}"]
    return ["kubectl", *way, *context, "port-forward", *options, SERVICE, *forwards]


def _forward(here: int, there: int) -> str:
    return f"{LOOPBACK}:{here}:{LOOPBACK}:{there}"


def _wait_until_open(
    name: str, place: "HostPlace", ssh: subprocess.Popen[bytes], port: int, told: Path
) -> None:
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while not _is_open(port):
        if ssh.poll() is not None or time.monotonic() > deadline:
            said = told.read_text("utf-8", "replace").strip().splitlines()
            reason = said[-1] if said else "it does not answer"
            fix = KUBECTL_FIX.format(name=name) if place.namespace else ""
            raise NoTunnel(name=name, place=place.identity, reason=reason, fix=fix)
        time.sleep(POLL_SECONDS)


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0
