"""Is every process of a deployment up? All are asked at once, and the slowest decides."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from ..model.base.errors import NotHealthy

POLL_SECONDS = 0.1
LOG_LINES = 5


@dataclass(frozen=True)
class Probe:
    service: str
    url: str
    log: Path
    key: str = field(default="", repr=False)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"} if self.key else {}


def wait_until_healthy(
    probes: Sequence[Probe], patience_seconds: float, say: Callable[[str], None]
) -> dict[str, float]:
    """Seconds until each first answered.

    Raises NotHealthy naming a service that has said nothing new for `patience_seconds`: one that
    still reads a thousand documents is not ill, one that repeats itself is.
    """
    waits = [_Wait(probe, time.monotonic()) for probe in probes]
    open_ = waits
    with httpx.Client(timeout=5, trust_env=False) as client:
        while open_:
            for wait in open_:
                wait.look(client, time.monotonic(), say)
                wait.lose_patience(time.monotonic(), patience_seconds)
            if open_ := [wait for wait in open_ if wait.healthy_after is None]:
                time.sleep(POLL_SECONDS)
    return {wait.probe.service: wait.healthy_after or 0.0 for wait in waits}


@dataclass
class _Wait:
    probe: Probe
    started: float
    last_news: float = 0.0
    reasons: list[str] = field(default_factory=list)
    healthy_after: float | None = None

    def look(self, client: httpx.Client, now: float, say: Callable[[str], None]) -> None:
        reason = ask(client, self.probe)
        if reason is None:
            self.healthy_after = round(now - self.started, 1)
            say(f"{self.probe.service} is healthy after {self.healthy_after} s")
        elif reason not in self.reasons:
            self.reasons.append(reason)
            self.last_news = now
            say(f"{self.probe.service}: {reason}")

    def lose_patience(self, now: float, patience_seconds: float) -> None:
        if self.healthy_after is None and now - self.last_news > patience_seconds:
            raise NotHealthy(
                service=self.probe.service,
                seconds=now - self.started,
                reason=_with_log(self.reasons[-1], self.probe.log),
                log=self.probe.log,
            )


def ask(client: httpx.Client, probe: Probe) -> str | None:
    """None when healthy, else why not."""
    try:
        answer = client.get(probe.url, headers=probe.headers)
    except httpx.HTTPError as error:
        return f"does not answer yet ({type(error).__name__})"
    if answer.is_success:
        return None
    try:
        return str(answer.json().get("reason") or f"answers {answer.status_code}")
    except (ValueError, AttributeError):
        return f"answers {answer.status_code}"


def _with_log(reason: str, log: Path) -> str:
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES:]
    except OSError:
        return reason
    return "\n".join([f"{reason}; its log ends:", *(f"  {line}" for line in lines)])
