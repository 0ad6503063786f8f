"""A script's own lock: the part of requirements/scripts.lock that its imports reach."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

PYTHON_VERSION = "3.11"
_DISTRIBUTIONS = {"yaml": "pyyaml", "ansible": "ansible-core"}
_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(?P<version>[^\s;\\]+)(?P<rest>.*)")
_VIA = re.compile(r"^\s+#\s+(?:via\s+)?(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?$")


@dataclass(frozen=True)
class Lock:
    """Pins by distribution, and what each one requires."""

    pins: Mapping[str, str]
    requires: Mapping[str, frozenset[str]]

    def closure(self, distributions: Iterable[str]) -> frozenset[str]:
        reached: set[str] = set()
        waiting = list(distributions)
        while waiting:
            name = waiting.pop()
            if name not in reached:
                reached.add(name)
                waiting.extend(self.requires.get(name, ()))
        return frozenset(reached)

    def text(self, distributions: Iterable[str]) -> str:
        """Without hashes: a Windmill worker hands each line to uv, which takes none there."""
        pins = sorted(self.pins[name] for name in self.closure(distributions))
        return "\n".join([f"# py: {PYTHON_VERSION}", *pins]) + "\n"


def read_lock(text: str) -> Lock:
    """Reads what `uv pip compile` writes; its `# via` comments are the dependency graph."""
    pins: dict[str, str] = {}
    requires: dict[str, set[str]] = {}
    current = ""
    for line in text.splitlines():
        if pin := _PIN.match(line):
            current = normalized(pin["name"])
            marker = pin["rest"].rstrip("\\").strip()
            pins[current] = f"{current}=={pin['version']}" + (f" {marker}" if marker else "")
        elif current and (via := _VIA.match(line)) and via["name"] != "via":
            requires.setdefault(normalized(via["name"]), set()).add(current)
    return Lock(pins, {name: frozenset(needs) for name, needs in requires.items()})


def distribution_of(import_root: str) -> str:
    return _DISTRIBUTIONS.get(import_root, normalized(import_root))


def requirement_name(requirement: str) -> str:
    """The distribution a requirement line asks for; its version is the lock's affair."""
    return normalized(re.split(r"[\s\[<>=!~;@]", requirement, maxsplit=1)[0])


def normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
