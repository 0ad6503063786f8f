"""A name by which all call a deployment: Caddy on its host has the certificate and leads to it."""

import ssl
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import httpx

from ...model.base.errors import Problem, TargetRefused
from ...model.base.target import Target
from ...model.drawing.deployment import Deployment
from ...model.drawing.place import INTERNAL, LOOPBACK, HostPlace
from ...provision.errors import ProvisionError
from ...provision.reach import whole_lines
from ...provision.ssh.edge import edge_of
from ...provision.ssh.errors import HostUnfit
from ...provision.ssh.session import Session

CADDY = "caddy"
HTTPS = 443
AUTHORITY = "/etc/caddy/mlops.d/{id}.pem"
# Caddy would make a certificate of its own for these, which nobody was told of.
UNCERTIFIED = ("local", "localhost", "internal", "arpa")


def named_url(place: HostPlace) -> str:
    return f"https://{place.server_name}" if place.server_name else ""


def name_problems(wanted: Mapping[str, Any]) -> Iterator[Problem]:
    name = wanted["server_name"]
    if name and wanted["listen"] != LOOPBACK:
        message = "listen is the address of what answers without a name"
        fix = "Leave listen out: Caddy listens in its place."
        yield Problem(message, "target_settings.listen", fix, code="E-CAT-005")
    if wanted["certificate"] == "acme" and name.rpartition(".")[2] in UNCERTIFIED:
        message = f"server_name {name!r} is no public name: nobody certifies it"
        fix = "--set certificate=internal, or a folder of the host that holds a certificate."
        yield Problem(message, "target_settings.server_name", fix, code="E-CAT-005")


def require_own_name(place: HostPlace, own: str, others: Sequence[Deployment]) -> None:
    """Raises TargetRefused."""
    for other in others if place.server_name else ():
        there = other.place
        if other.id != own and there and there.server_name == place.server_name:
            reason = f"{other.name} answers by the name {place.server_name}."
            fix = f"Choose another server_name, or `mlops destroy {other.name}` first."
            raise TargetRefused(target=Target.ssh.value, reason=reason, fix=fix)


def require_edge(session: Session, place: HostPlace, python: str) -> None:
    """Raises HostUnfit."""
    if place.server_name and (reasons := edge_of(session, python).lacks(place.user)):
        fix = "Mend that, or leave server_name out."
        raise HostUnfit(host=place.host, reason="; ".join(reasons) + ".", fix=fix)


def led_to(place: HostPlace, before: HostPlace | None, port: int) -> HostPlace:
    """What Caddy was told once it is told again, be it that there is no name any more."""
    fronted = bool(place.server_name) or bool(before and before.fronted)
    behind = port if place.server_name else 0
    return place.model_copy(update={"behind": behind, "fronted": fronted})


def told_to_caddy(place: HostPlace) -> dict[str, Any] | None:
    """None where Caddy was never told anything."""
    if not place.fronted:
        return None
    needs_sudo = place.user != "root"
    return {"name": place.server_name, "certificate": place.certificate, "become": needs_sudo}


def by_name(session: Session, deployment: Deployment) -> dict[str, httpx.BaseTransport]:
    """Through the connection: where the name leads from here says nothing of the host."""
    place = deployment.place
    if place is None or not place.server_name:
        return {}
    socket, trust = str(session.forward(HTTPS)), _trust(session, place, deployment.id)
    return {named_url(place): httpx.HTTPTransport(uds=socket, verify=trust)}


def _trust(session: Session, place: HostPlace, id: str) -> ssl.SSLContext:
    """What this machine trusts; its own authority the host itself tells, once it has one."""
    if place.certificate != INTERNAL:
        return ssl.create_default_context()
    try:
        told = session.run(["cat", AUTHORITY.format(id=id)])
        return ssl.create_default_context(cadata=told)
    except ProvisionError:
        return ssl.create_default_context()


def caddy_log(session: Session, place: HostPlace, count: int) -> Sequence[str]:
    sudo = [] if place.user == "root" else ["sudo", "-n"]
    journal = ["journalctl", "--unit=caddy", "--output=cat", f"--lines={count}", "--no-pager"]
    try:
        return whole_lines(session.run([*sudo, *journal]).encode(), count)
    except ProvisionError:
        return []
