"""Which addresses of a deployment Prometheus scrapes: one file each, read by its file_sd."""

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..model.drawing.deployment import Deployment

# LiteLLM answers /metrics with a redirect; the slash saves it.
BESIDE = {"litellm": "/metrics/", "model_server": "/metrics"}


def targets_folder() -> Path | None:
    """None where nobody watches: a platform without Prometheus deploys all the same."""
    folder = os.environ.get("MLOPS_MONITORING_TARGETS")
    return Path(folder) if folder else None


def targets_of(deployment: Deployment) -> list[dict[str, Any]]:
    """None of one that is reached by a tunnel only: its addresses are those of its host's own."""
    if deployment.is_private:
        return []
    return [_target(deployment, service, url) for service, url in _addresses(deployment.urls)]


def _addresses(urls: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """By service. Not every server has metrics, so the API's own are told."""
    if "metrics" in urls:
        yield "api", urls["metrics"]
    for service, path in BESIDE.items():
        if service in urls:
            yield service, urls[service] + path


def _target(deployment: Deployment, service: str, url: str) -> dict[str, Any]:
    address = urlsplit(url)
    return {
        "targets": [address.netloc],
        "labels": {
            "__scheme__": address.scheme,
            "__metrics_path__": address.path,
            "deployment": deployment.id,
            "pipeline": deployment.name,
            "service": service,
            "target": str(deployment.target or ""),
        },
    }


def register_targets(deployment: Deployment) -> int:
    """How many addresses are scraped from now on."""
    folder = targets_folder()
    if folder is None:
        return 0
    targets = targets_of(deployment)
    folder.mkdir(parents=True, exist_ok=True)
    _replace(_file(folder, deployment.id), json.dumps(targets, indent=2))
    return len(targets)


def forget_targets(deployment_id: str) -> None:
    folder = targets_folder()
    if folder is not None:
        _file(folder, deployment_id).unlink(missing_ok=True)


def _file(folder: Path, deployment_id: str) -> Path:
    return folder / f"{deployment_id}.json"


def _replace(path: Path, text: str) -> None:
    """Prometheus may read at any moment: it finds the old file or the new one."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        os.fchmod(file.fileno(), 0o644)  # Prometheus runs as a user of its own
    Path(name).replace(path)
