"""A machine that one logs in to as a host: the playbooks run there through one connection."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import Any

from ...model.drawing.deployment import Deployment
from ...model.drawing.place import LOOPBACK, HostPlace
from ...provision.ansible import PlaybookResult
from ...provision.errors import HostLost
from ...provision.host_configuration import Host, HostConfiguration, OnTask, configure, unconfigure
from ...provision.reading.file_gate import FileGate
from ...provision.ssh.errors import HostUnreachable
from ...provision.ssh.session import NAME, Session
from ...provision.workdir import ansible_folder
from .by_name import told_to_caddy
from .connection import connected
from .documents import packed
from .target import require_place


class SshHost:
    def prepare(self, wanted: HostConfiguration, on_task: OnTask) -> PlaybookResult:
        deployment = wanted.deployment
        place = require_place(deployment)
        workdir = ansible_folder(deployment.id)
        pipeline, archives = packed(wanted.pipeline, place.root, workdir.parent / "documents")
        files = FileGate(roots=(Path(place.root) / "documents",))
        with connected(place, deployment.id) as session:
            session.run(["mkdir", "-p", "-m", "700", place.cache, place.root])
            host = replace(_host(session, place, workdir), documents=archives)
            with _where_told(place):
                return configure(host, replace(wanted, pipeline=pipeline, files=files), on_task)

    def clear(self, deployment: Deployment, playbooks: Mapping[str, str]) -> None:
        place = deployment.place
        if place is None or not place.root:  # it never came to its host
            return
        with connected(place, deployment.id) as session:
            host = _host(session, place, ansible_folder(deployment.id))
            with _where_told(place):
                unconfigure(host, deployment, playbooks, print)


@contextmanager
def _where_told(place: HostPlace) -> Iterator[None]:
    """Ansible knows the host by an alias alone."""
    try:
        yield
    except HostLost as error:
        reason = f"the connection was lost at task {error.task!r}"
        raise HostUnreachable(host=place.host, port=place.port, reason=reason) from error


def _host(session: Session, place: HostPlace, workdir: Path) -> Host:
    return Host(
        inventory={"all": {"hosts": {NAME: _facts(session, place)}}},
        address=LOOPBACK,
        api_address=place.listens,
        root=Path(place.root),
        workdir=workdir,
        cache=Path(place.cache),
        at_boot=place.at_boot.value,
        containers=place.docker,
        edge=told_to_caddy(place),
        brought_uv=f"{place.cache}/uv-{version('uv')}",
    )


def _facts(session: Session, place: HostPlace) -> dict[str, Any]:
    return {
        "ansible_connection": "ssh",
        "ansible_ssh_args": "",
        "ansible_ssh_common_args": f"-F {session.config}",
        "ansible_python_interpreter": place.python,
        "ansible_remote_tmp": str(PurePosixPath(place.cache, "tmp")),
    }
