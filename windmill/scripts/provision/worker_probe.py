"""What a worker has of what the steps need. Looks; changes and keeps nothing."""

# Run, not imported.
# extra_requirements:
# ansible-core

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Literal

from sqlalchemy.exc import SQLAlchemyError

from ..model.base.errors import MlopsError
from ..store.embedded import is_embedded
from ..store.opened import open_registry
from ..store.schema import revision_of
from .errors import ProvisionError
from .terraform import launcher

State = Literal["ok", "warning", "failed"]
PYTHON = (3, 11)  # what the locks are for
DISK_GB = 3
SECONDS = 60
LOCAL = "local"
LET_THROUGH = "In the compose file of that worker: WHITELIST_ENVS: {names}, beside the variables."
# What steps read, and what is lost without it.
VARIABLES = {
    "MLOPS_MONITORING_TARGETS": "deployments are not registered with Prometheus",
    "MLOPS_CACHE": "packages of deployments are kept in the worker's home",
    "ALLOW_ADDRESSES": "HTTP steps reach the public internet only",
    "SSL_CERT_FILE": "only certificates of the system are trusted",
}


@dataclass(frozen=True)
class Check:
    what: str
    state: State
    found: str
    fix: str = ""


def probe(environment: Mapping[str, str] = os.environ) -> list[dict[str, str]]:
    """Every check as `{what, state, found, fix}`, whatever fails."""
    checks: tuple[Callable[[Mapping[str, str]], Iterator[Check]], ...]
    checks = (python, terraform, ansible, registry, variables, disk, local)
    return [asdict(found) for check in checks for found in check(environment)]


def python(_: Mapping[str, str]) -> Iterator[Check]:
    found = ".".join(map(str, sys.version_info[:3]))
    fix = f"Let the worker install Python {PYTHON[0]}.{PYTHON[1]}: the locks ask for it."
    right = sys.version_info[:2] == PYTHON
    yield Check("python", "ok" if right else "warning", found, "" if right else fix)


def terraform(environment: Mapping[str, str]) -> Iterator[Check]:
    try:
        command = launcher(environment.get("MLOPS_TERRAFORM", ""))
        version = json.loads(_said([*command, "version", "-json"]))["terraform_version"]
    except (ProvisionError, OSError, subprocess.SubprocessError, ValueError, KeyError) as error:
        fix = "Install Terraform where the worker finds it, or unset MLOPS_TERRAFORM."
        yield Check("terraform", "failed", str(error), fix)
    else:
        yield Check("terraform", "ok", version)


def ansible(_: Mapping[str, str]) -> Iterator[Check]:
    try:
        said = _said([sys.executable, "-m", "ansible", "playbook", "--version"])
    except (OSError, subprocess.SubprocessError) as error:
        fix = "Ansible needs a UTF-8 locale (LANG=C.UTF-8) and a temporary folder to write to."
        yield Check("ansible", "failed", str(error), fix)
    else:
        yield Check("ansible", "ok", said.partition("\n")[0])


def _said(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise OSError(lines[-1] if lines else f"{command[0]} ended with {done.returncode}")
    return done.stdout


def registry(_: Mapping[str, str]) -> Iterator[Check]:
    try:
        with open_registry().engine.connect() as connection:
            yield Check("registry", "ok", f"{connection.engine.name}, {revision_of(connection)}")
    except MlopsError as error:
        names = LET_THROUGH.format(names="MLOPS_DATABASE_URL")
        yield Check("registry", "failed", str(error).partition("\n")[0], f"{error.fix} {names}")
    except SQLAlchemyError as error:
        fix = "Let the worker reach that database, or correct MLOPS_DATABASE_URL."
        # The last line: those before may hold the URL, and in it a password.
        reason = str(getattr(error, "orig", None) or type(error).__name__).splitlines()[-1]
        yield Check("registry", "failed", f"the database was not reached: {reason}", fix)


def variables(environment: Mapping[str, str]) -> Iterator[Check]:
    for name, without in VARIABLES.items():
        if environment.get(name):
            yield Check(name, "ok", "let through")
        else:
            yield Check(name, "warning", f"not set: {without}", LET_THROUGH.format(names=name))


def disk(_: Mapping[str, str]) -> Iterator[Check]:
    free = shutil.disk_usage(tempfile.gettempdir()).free / 1e9
    enough = free >= DISK_GB
    fix = "" if enough else f"Jobs need {DISK_GB} GB in {tempfile.gettempdir()}."
    yield Check("disk", "ok" if enough else "failed", f"{free:.0f} GB free", fix)


def local(environment: Mapping[str, str]) -> Iterator[Check]:
    """Target `local`: nothing where deployments are never on this worker's own machine."""
    root = environment.get("MLOPS_LOCAL_ROOT")
    if is_embedded():
        yield Check(LOCAL, "ok", "the host of the embedded engine")
    elif root and os.access(root, os.W_OK):
        yield Check(LOCAL, "ok", f"deployments live in {root}")
    elif root:
        fix = f"Mount a volume at {root} that the worker's user may write to."
        yield Check(LOCAL, "failed", f"{root} cannot be written to", fix)
