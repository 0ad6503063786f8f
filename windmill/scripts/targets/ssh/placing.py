"""Where on which host a deployment goes: the host is asked, and its key remembered."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ...model.base.errors import InvalidInput, Problem, TargetRefused
from ...model.base.short_form import with_defaults
from ...model.base.target import SETTINGS, Target
from ...model.drawing.deployment import Deployment
from ...model.drawing.place import AtBoot, HostPlace
from ...model.schemas.values import check_values
from ...provision.ssh.checkup import Found, look, unfitness
from ...provision.ssh.errors import HostUnfit
from ..addresses import SERVICES
from ..protocol import Placement
from .by_name import led_to, name_problems, require_edge, require_own_name
from .connection import connected

KNOWN = SETTINGS[Target.ssh]
OWN_FIELDS = ("host", "port", "user", "key", "server_name", "certificate", "docker")


def place_of(
    settings: Mapping[str, Any], deployment: Deployment, others: Sequence[Deployment]
) -> Placement:
    """Raises InvalidInput, HostUnreachable, LoginRefused, HostKeyChanged, HostUnfit, KeyRefused."""
    wanted = _settled(settings, deployment.place)
    place = _as_known(wanted, deployment, others)
    before = deployment.place
    _require_same_kind(place, deployment)
    require_own_name(place, deployment.id, others)
    kept = deployment.ports if before and before.identity == place.identity else {}
    with connected(place, deployment.id, wanted.get("host_key", "")) as session:
        needed = [name for name in SERVICES if name not in kept]
        found = look(session, len(needed), _taken(place, others), place.listens)
        if reasons := unfitness(found, len(needed), place.listens, place.docker):
            fix = "Mend that, or name another host."
            raise HostUnfit(host=place.host, reason="; ".join(reasons) + ".", fix=fix)
        require_edge(session, place, found.python)
        place = _with_folders(place, found, deployment.id, session.host_key)
    print(f"{place.identity} runs {found.system}; its host key is pinned")
    print(place.after_reboot)
    ports = {**dict(zip(needed, found.ports, strict=True)), **kept}
    return Placement(ports, led_to(place, before, ports["api"]))


def _settled(settings: Mapping[str, Any], before: HostPlace | None) -> dict[str, Any]:
    """What is left out stays as it was."""
    known = before.model_dump(include={*OWN_FIELDS}) if before else {}
    known = {name: value for name, value in known.items() if value != ""}
    if before:
        known["listen"] = before.listens
    given = {**known, **{name: value for name, value in settings.items() if value is not None}}
    problems = [
        Problem(f"{field} {message}", f"target_settings.{field}", fix, code="E-CAT-005")
        for field, message, fix in check_values(KNOWN, given)
    ]
    wanted = with_defaults(KNOWN, given)
    if problems := problems or [*name_problems(wanted)]:
        raise InvalidInput(problems)
    return wanted


def _as_known(
    wanted: Mapping[str, Any], deployment: Deployment, others: Sequence[Deployment]
) -> HostPlace:
    """With the host key that it showed this deployment before, or any other."""
    place = HostPlace(listens=wanted["listen"], **{name: wanted[name] for name in OWN_FIELDS})
    for known in (deployment.place, *(other.place for other in others)):
        if known and (known.host, known.port) == (place.host, place.port):
            return place.model_copy(update={"host_key": known.host_key})
    return place


def _require_same_kind(place: HostPlace, deployment: Deployment) -> None:
    before = deployment.place
    if before and deployment.ports and before.docker != place.docker:
        kinds = {True: "in containers", False: "as processes"}
        reason = f"{deployment.name} runs there {kinds[before.docker]}."
        fix = f"`mlops destroy {deployment.name}` first, or deploy under another --name."
        raise TargetRefused(target=Target.ssh.value, reason=reason, fix=fix)


def _taken(place: HostPlace, others: Sequence[Deployment]) -> Collection[int]:
    """Also by deployments there that happen not to run."""
    there = [each for each in others if each.place and each.place.host == place.host]
    return {port for each in there for port in each.ports.values()}


def _with_folders(place: HostPlace, found: Found, deployment_id: str, host_key: str) -> HostPlace:
    folders = {
        "root": f"{found.home}/.local/share/mlops/{deployment_id}",
        "cache": f"{found.home}/.cache/mlops",
    }
    known = {
        "host_key": host_key,
        "python": found.python,
        "at_boot": AtBoot.docker if place.docker else found.at_boot,
    }
    return place.model_copy(update={**folders, **known})
