"""Is every process of a deployment up? All are asked at once, and the slowest decides."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from ..model.deployment import Deployment
from ..model.errors import NotHealthy
from .local_host import host_folder
from .urls import base_url

POLL_SECONDS = 0.2
LOG_LINES = 5


@dataclass(frozen=True)
class Probe:
    service: str
    url: str
    log: Path


def probes_of(deployment: Deployment, services: Sequence[str]) -> list[Probe]:
    logs = host_folder(deployment.id) / "logs"
    paths = {"model-server": "/health", "litellm": "/health/readiness", "api": "/health"}
    return [
        Probe(
            name,
            base_url(deployment.ports[name.replace("-", "_")]) + paths[name],
            logs / f"{name}.log",
        )
        for name in ("model-server", "litellm", "api")
        if name == "api" or name in services
    ]


def wait_until_healthy(
    probes: Sequence[Probe], timeout_seconds: float, say: Callable[[str], None]
) -> dict[str, float]:
    """Seconds until each first answered. Raises NotHealthy naming the first that never did."""
    started = time.monotonic()
    answered: dict[str, float] = {}
    reasons: dict[str, str] = {}
    with httpx.Client(timeout=5, trust_env=False) as client:
        while len(answered) < len(probes):
            for probe in (p for p in probes if p.service not in answered):
                reason = ask(client, probe)
                elapsed = time.monotonic() - started
                if reason is None:
                    answered[probe.service] = round(elapsed, 1)
                    say(f"{probe.service} is healthy after {elapsed:.1f} s")
                elif reason != reasons.get(probe.service):
                    reasons[probe.service] = reason
                    say(f"{probe.service}: {reason}")
            if time.monotonic() - started > timeout_seconds:
                _give_up(probes, answered, reasons, timeout_seconds)
            time.sleep(POLL_SECONDS)
    return answered


def ask(client: httpx.Client, probe: Probe) -> str | None:
    """None when healthy, else why not."""
    try:
        answer = client.get(probe.url)
    except httpx.HTTPError as error:
        return f"does not answer yet ({type(error).__name__})"
    if answer.is_success:
        return None
    try:
        return str(answer.json().get("reason") or f"answers {answer.status_code}")
    except (ValueError, AttributeError):
        return f"answers {answer.status_code}"


def _give_up(
    probes: Sequence[Probe], answered: dict[str, float], reasons: dict[str, str], seconds: float
) -> None:
    for probe in probes:
        if probe.service not in answered:
            raise NotHealthy(
                service=probe.service,
                seconds=seconds,
                reason=_with_log(reasons[probe.service], probe.log),
                log=probe.log,
            )


def _with_log(reason: str, log: Path) -> str:
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES:]
    except OSError:
        return reason
    return "\n".join([f"{reason}; its log ends:", *(f"    {line}" for line in lines)])
