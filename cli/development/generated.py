"""What follows from the folders of windmill/scripts/targets, written as files.

A worker sees only what was pushed, and only static imports are: it cannot list folders.
"""

import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDERS = Path("windmill/scripts/targets")
NAMES = Path("windmill/scripts/model/base/target.py")
FLOWS = Path("windmill/flows")
# Whose machine it is: the embedded engine's host, the person's own, rented by the hour.
# People are offered them in this order.
OWNERS = ("platform", "user", "provider")
AUTO = "auto"
_LIST_OF_TARGETS = re.compile(rf"\[[a-z0-9_, ]+, {AUTO}\]")


@dataclass(frozen=True)
class Folder:
    """`facts.toml` of a target, and whether it has a host of its own."""

    name: str
    owner: str
    machine: str
    has_host: bool
    settings: Mapping[str, Any]
    key: Mapping[str, str]

    @property
    def class_name(self) -> str:
        return "".join(word.capitalize() for word in self.name.split("_"))


def folders(root: Path) -> list[Folder]:
    found = [_read(file) for file in (root / FOLDERS).glob("*/facts.toml")]
    return sorted(found, key=lambda each: (OWNERS.index(each.owner), each.name))


def generated(root: Path) -> dict[Path, str]:
    """Every file that is generated or has a generated part, by its path below the checkout."""
    targets = folders(root)
    return {
        NAMES: _names(targets),
        FOLDERS / "registry.py": _registry(targets),
        FOLDERS / "hosts.py": _hosts(targets),
        **_flows(root, targets),
    }


def _read(file: Path) -> Folder:
    facts = tomllib.loads(file.read_text("utf-8"))
    has_host = file.with_name("host.py").is_file()
    told = (facts.get("settings", {}), facts.get("key", {}))
    return Folder(file.parent.name, facts["owner"], facts["machine"], has_host, *told)


def _names(targets: Iterable[Folder]) -> str:
    members = [f'    {each.name} = "{each.name}"' for each in targets]
    own = [f'    Target.{t.name}: "{t.machine}",' for t in targets if t.owner != "provider"]
    rented = [f"        Target.{t.name}," for t in targets if t.owner == "provider"]
    return _lines(
        '"""Where a pipeline may run. Generated from windmill/scripts/targets:',
        '`mlops dev generate`."""',
        "",
        "from collections.abc import Mapping",
        "from enum import StrEnum",
        "",
        "from .short_form import ShortForm",
        "",
        "",
        "class Target(StrEnum):",
        *members,
        f'    {AUTO} = "{AUTO}"  # no target of its own: the cheapest that fits',
        "",
        "",
        "# Nothing more is paid for what one has; its owner knows whether it is large enough.",
        "OWN = {",
        *own,
        "}",
        "# Only deployments may create what is rented, for only they are never forgotten.",
        "RENTED = frozenset[str](",
        "    {",
        *rented,
        "    }",
        ")",
        "# What one of them must be told beside what the pipeline asks for.",
        "SETTINGS: Mapping[str, ShortForm] = {",
        *(line for each in targets if each.settings for line in _settings(each)),
        "}",
        "# How the key of a provider is written that gives two parts; of others it is any text.",
        "KEY_FORMS: Mapping[str, Mapping[str, str]] = {",
        *(line for each in targets if each.key for line in _key(each)),
        "}",
    )


def _key(target: Folder) -> list[str]:
    lines = [f'        "{name}": {_value(value)},' for name, value in target.key.items()]
    return [f"    Target.{target.name}: {{", *lines, "    },"]


def _settings(target: Folder) -> list[str]:
    """As ruff formats them, so that what is generated passes `make lint` as it is."""
    lines = [f"    Target.{target.name}: {{"]
    for name, declared in target.settings.items():
        lines.append(f'        "{name}": {{')
        lines += [f'            "{key}": {_value(value)},' for key, value in declared.items()]
        lines.append("        },")
    return [*lines, "    },"]


def _value(value: Any) -> str:
    return repr(value) if isinstance(value, bool) else json.dumps(value)


def _registry(targets: Iterable[Folder]) -> str:
    imports = [f"from .{t.name}.target import {t.class_name}" for t in targets]
    return _lines(
        '"""Every target. Generated from the folders here: `mlops dev generate`."""',
        "",
        "from collections.abc import Mapping",
        "",
        "from ..model.base.target import Target",
        *sorted([*imports, "from .protocol import DeploymentTarget"]),
        "",
        "TARGETS: Mapping[Target, DeploymentTarget] = {",
        *(f"    Target.{each.name}: {each.class_name}()," for each in targets),
        "}",
    )


def _hosts(targets: Sequence[Folder]) -> str:
    imports = [f"from .{t.name}.host import {t.class_name}Host" for t in targets if t.has_host]
    shared = ["from .host_protocol import TargetHost"]
    if not all(each.has_host for each in targets):
        shared.append("from .planned_host import PlannedHost")
    return _lines(
        '"""Every target\'s host. Generated from the folders here: `mlops dev generate`."""',
        "",
        "from collections.abc import Mapping",
        "",
        "from ..model.base.target import Target",
        *sorted([*imports, *shared]),
        "",
        "HOSTS: Mapping[Target, TargetHost] = {",
        *(f"    Target.{each.name}: {_host(each)}," for each in targets),
        "}",
    )


def _host(target: Folder) -> str:
    return f"{target.class_name}Host()" if target.has_host else f'PlannedHost("{target.name}")'


def _flows(root: Path, targets: Iterable[Folder]) -> dict[Path, str]:
    """Forms are written by hand; a list in them that ends in `auto` is the list of targets."""
    names = ", ".join([*(each.name for each in targets), AUTO])
    texts = {f.relative_to(root): f.read_text("utf-8") for f in (root / FLOWS).rglob("flow.yaml")}
    return {
        file: _LIST_OF_TARGETS.sub(f"[{names}]", text)
        for file, text in texts.items()
        if _LIST_OF_TARGETS.search(text)
    }


def _lines(*lines: str) -> str:
    return "\n".join(lines) + "\n"
