"""Hashes of packages. A Windmill lock cannot carry them: its worker hands uv a line a package.

uv refuses `six==1.17.0 --hash=…` as an argument, so a lock that had them would not install there.
"""

import re
from collections.abc import Mapping

Hashes = Mapping[str, str]  # `--hash=…` options by `name==version`

_PIN = re.compile(r"(?P<name>[A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==(?P<version>[^\s;]+)")
_HASH = re.compile(r"--hash=\S+")


def read_hashes(text: str) -> Hashes:
    """Of a requirements file as `uv pip compile --generate-hashes` writes it."""
    found = ((_pin(line), " ".join(_HASH.findall(line))) for line in _joined(text).splitlines())
    return {pin: options for pin, options in found if pin and options}


def hashed(requirements: str, hashes: Hashes) -> str:
    """With the hashes of each pin that `hashes` knows; what brings its own keeps them."""
    lines = _joined(requirements).splitlines()
    return "\n".join(
        line if _HASH.search(line) else f"{line} {hashes.get(_pin(line), '')}".rstrip()
        for line in lines
    )


def _joined(text: str) -> str:
    return re.sub(r"\\\n\s*", " ", text)


def _pin(line: str) -> str:
    found = _PIN.match(line)
    return f"{_normalized(found['name'])}=={found['version']}" if found else ""


def _normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
