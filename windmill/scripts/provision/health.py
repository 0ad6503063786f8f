"""Is every process of a deployment up? All are asked at once, and the slowest decides."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

import httpx

from ..model.base.errors import CannotStart, NotHealthy
from ..model.drawing.reading import ReadingReport
from .reach import DIRECT, MOST_BYTES, Reach

POLL_SECONDS = 0.1
LOG_LINES = 5
KEPT_LINES = 100
MOST_REASON = 2000
MOST_LINE = 300
ASK_SECONDS = 5
MOST_OF_A_NAME = 100


@dataclass(frozen=True)
class Probe:
    service: str
    url: str
    log: PurePath
    key: str = field(default="", repr=False)
    # Its own, where it takes longer than others to come up.
    patience_seconds: float = 0

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"} if self.key else {}


def wait_until_healthy(
    probes: Sequence[Probe],
    patience_seconds: float,
    say: Callable[[str], None],
    reach: Reach = DIRECT,
    tell_log: Callable[[Sequence[str]], object] = len,
) -> dict[str, float]:
    """Seconds until each first answered.

    Raises NotHealthy naming a service that has said nothing new for `patience_seconds`: one that
    still reads a thousand documents is not ill, one that repeats itself is. Raises CannotStart
    where one says that waiting will not help. First the end of its log is told: the log itself may
    go with the deployment.
    """
    waits = [_Wait(probe, time.monotonic()) for probe in probes]
    open_ = waits
    with reach.client(ASK_SECONDS) as client:
        while open_:
            for wait in open_:
                try:
                    wait.look(client, time.monotonic(), say)
                    wait.lose_patience(time.monotonic(), patience_seconds, reach)
                except (CannotStart, NotHealthy):
                    tell_log(reach.tail(wait.probe.log, KEPT_LINES))
                    raise
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
        ailment = ask(client, self.probe)
        if ailment is None:
            self.healthy_after = round(now - self.started, 1)
            say(f"{self.probe.service} is healthy after {self.healthy_after} s")
            return
        service, reason = self.probe.service, ailment.reason
        if ailment.final:
            where = f"node {ailment.node}" if ailment.node else ""
            raise CannotStart(service=service, reason=reason, where=where)
        if reason not in self.reasons:
            self.reasons.append(reason)
            self.last_news = now
            say(f"{service}: {reason}")

    def lose_patience(self, now: float, patience_seconds: float, reach: Reach) -> None:
        patience = max(patience_seconds, self.probe.patience_seconds)
        if self.healthy_after is None and now - self.last_news > patience:
            raise NotHealthy(
                service=self.probe.service,
                seconds=now - self.started,
                reason=_with_log(self.reasons[-1], reach.tail(self.probe.log, LOG_LINES)),
            )


@dataclass(frozen=True)
class Ailment:
    reason: str
    final: bool = False  # waiting will not help
    node: str = ""  # of the drawing, which failed


def ask(client: httpx.Client, probe: Probe) -> Ailment | None:
    """None when healthy. Of several copies behind one address each must answer."""
    try:
        answer = client.get(probe.url, headers=probe.headers)
    except httpx.HTTPError as error:
        said = str(error)  # who is not trusted is told why; all else comes and goes
        why = said if "certificate" in said else type(error).__name__
        return Ailment(f"does not answer yet ({why})")
    told = _told(answer)
    if answer.is_success:
        return _missing_copies(told)
    reason = str(told.get("reason") or f"answers {answer.status_code}")[:MOST_REASON]
    node = str(told.get("failed_node") or "")[:MOST_OF_A_NAME]
    return Ailment(reason, final=told.get("failed") is True, node=node)


def _missing_copies(told: Mapping[str, Any]) -> Ailment | None:
    match told.get("copies"):
        case {"wanted": int(wanted), "answering": int(answering)} if answering < wanted:
            return Ailment(f"{answering} of {wanted} copies answer")
    return None


def left_out(probe: Probe, reach: Reach = DIRECT) -> list[str]:
    """What the pipeline says that it could not read, a line each; none where it says nothing."""
    with reach.client(ASK_SECONDS) as client:
        try:
            lines = _told(client.get(probe.url, headers=probe.headers)).get("skipped_documents")
        except httpx.HTTPError:
            return []
    return [str(line) for line in lines] if isinstance(lines, list) else []


def reading_of(probe: Probe, reach: Reach = DIRECT) -> ReadingReport | None:
    """What it tells of its sources; None where it tells nothing that can be understood."""
    url = httpx.URL(probe.url).join("reading")
    with reach.client(ASK_SECONDS) as client:
        try:
            with client.stream("GET", url, headers=probe.headers) as answer:
                return _report(answer) if answer.is_success else None
        except (httpx.HTTPError, ValueError):
            return None


def _report(answer: httpx.Response) -> ReadingReport:
    """Raises ValueError for what is no report, or a larger one than any pipeline's."""
    text = bytearray()
    for piece in answer.iter_bytes():
        text += piece
        if len(text) > MOST_BYTES:
            raise ValueError("too large")
    return ReadingReport.model_validate_json(bytes(text))


def _told(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        told = answer.json()
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _with_log(reason: str, lines: Sequence[str]) -> str:
    if not lines:
        return reason
    return "\n".join([f"{reason}; its log ends:", *(f"  {line[:MOST_LINE]}" for line in lines)])
