"""python -m tests.tools.needs: get what the tests need besides Python packages, once a machine."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path

import pytest

from sync.build.bundle import APPS, build, bundle_folder, windmill_cli
from sync.build.node import node_home
from sync.errors import ToolFailed
from tests.docker_engine.base_image import base_archive
from tests.docker_engine.programs import docker_engine
from tests.tools.chromium import chromium
from tests.tools.debian import debian_program
from tests.tools.debian import unpacked as unpacked_package
from tests.tools.environments import environment_python
from tests.tools.kubectl import kubectl
from tests.tools.n8n import n8n
from tests.tools.oidc_provider import oidc_provider
from tests.tools.openbao import openbao
from tests.tools.postgres import postgres
from tests.tools.runpod_client import runpod_client
from tests.tools.wheels import unpacked


def builder() -> Path:
    """The builder's bundle: made once, before tests of different workers make it at once."""
    app = APPS / "ml_pipeline_builder.raw_app"
    build(app)
    return bundle_folder(app)


TOOLS: dict[str, Callable[[], Path]] = {
    "n8n": n8n,
    "chromium": chromium,
    "litellm": lambda: environment_python("litellm"),
    "model-server": lambda: environment_python("model-server"),
    "model-weights": lambda: environment_python("model-weights"),
    "builder": builder,
    "windmill-cli": windmill_cli,
    "node": lambda: node_home() / "bin" / "node",
    "oidc-provider": oidc_provider,
    "runpod-client": runpod_client,
    "exoscale": lambda: environment_python("exoscale"),
    "cloud-init": lambda: unpacked_package("cloud-init") / "usr/lib/python3/dist-packages",
    "kubectl": kubectl,
    "kubernetes-validate": lambda: unpacked("kubernetes-validate"),
    "openbao": openbao,
    "compose-schema": lambda: unpacked("compose-schema"),
    "postgres": postgres,
    "langchain": lambda: environment_python("langchain"),
    "llama-index": lambda: environment_python("llama-index"),
    "standardwebhooks": lambda: unpacked("standardwebhooks"),
    "vastai": lambda: environment_python("vastai"),
    "docker-registry": lambda: debian_program("docker-registry", "docker-registry"),
    "psql": lambda: debian_program("postgresql-client-15", "psql", "usr/lib/postgresql/15/bin"),
    "docker-engine": docker_engine,
    "debian-image": base_archive,
    "prometheus": lambda: debian_program("prometheus", "prometheus"),
    "promtool": lambda: debian_program("prometheus", "promtool"),
    "caddy": lambda: debian_program("caddy", "caddy"),
    "nginx": lambda: debian_program("nginx", "nginx", "usr/sbin"),
    "amtool": lambda: debian_program("prometheus-alertmanager", "amtool"),
}
MISSING = "missing on this machine: "
TELL_EVERY_SECONDS = 15
# A tool that could not be had is not tried again by every test that needs it.
_reasons: dict[str, str] = {}


class NotToBeHad(Exception):
    """Neither on this machine nor in a registry."""


def get(tool: str) -> Path:
    """Raises NotToBeHad with the reason."""
    try:
        found = TOOLS[tool]()
    except (OSError, subprocess.SubprocessError, ToolFailed) as error:
        raise NotToBeHad(_in_words(error)) from error
    if not found.exists():
        raise NotToBeHad(f"{found} is not there")
    return found


def need(tool: str) -> Path:
    """Where there is none the test is skipped and says so; in CI nothing may be missing."""
    try:
        if tool not in _reasons:
            return get(tool)
    except NotToBeHad as error:
        _reasons[tool] = str(error)
    told = f"{MISSING}{tool} ({_reasons[tool]})"
    if in_ci():
        pytest.fail(told, pytrace=False)
    pytest.skip(told)


def in_ci() -> bool:
    return os.environ.get("CI", "").lower() in {"true", "1"}


def _in_words(error: Exception) -> str:
    said = getattr(error, "stderr", None) or str(error)
    text = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:200] if lines else type(error).__name__


def main() -> int:
    """0 when all is there; what is not is named, and is an error only in CI."""
    began = time.monotonic()
    with ThreadPoolExecutor(len(TOOLS)) as pool:
        waiting = {pool.submit(get, tool): tool for tool in TOOLS}
        missing = _tell_until_done(waiting, began)
    if missing:
        print(f"Tests that need {', '.join(missing)} cannot run here.", flush=True)
    return 1 if missing and in_ci() else 0


def _tell_until_done(waiting: dict[Future[Path], str], began: float) -> list[str]:
    missing = []
    left = set(waiting)
    while left:
        done, left = wait(left, TELL_EVERY_SECONDS, return_when="FIRST_COMPLETED")
        for future in done:
            if error := future.exception():
                missing.append(waiting[future])
            _tell(waiting[future], began, f"cannot be had: {error}" if error else "is here")
        if not done:
            _tell(", ".join(sorted(waiting[future] for future in left)), began, "on the way")
    return missing


def _tell(what: str, began: float, how: str) -> None:
    print(f"  {time.monotonic() - began:4.0f} s  {what} {how}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
