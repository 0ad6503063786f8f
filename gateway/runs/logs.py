"""What a run said: its steps' output and its deployments' events, in order, readable in pieces."""

import asyncio
import base64
import json
from collections.abc import Sequence
from datetime import UTC, datetime

from gateway.clients.registry import Deployments
from gateway.clients.windmill import Windmill
from gateway.errors import InvalidRequest
from gateway.runs.lookup import Made, TrackedRun
from gateway.runs.responses import LogLine
from gateway.runs.step_log import own_text
from gateway.runs.steps import Step
from windmill.scripts.model.base.errors import Problem
from windmill.scripts.model.drawing.deployment import Event

BEGINNING = datetime.min.replace(tzinfo=UTC)
# Of a job's id: enough to tell those of one run apart, and a cursor must fit in an address.
KEY_LENGTH = 10
READ = -1
Cursor = dict[str, int]


async def read(
    windmill: Windmill, deployments: Deployments, tracked: TrackedRun, after: str
) -> tuple[list[LogLine], str]:
    """The lines since the cursor `after`, and the next cursor."""
    cursor = _decode(after)
    lines = [
        *await _of_steps(windmill, tracked, cursor),
        *await _of_deployments(deployments, tracked, cursor),
    ]
    return sorted(lines, key=lambda line: line.at or BEGINNING), _encode(cursor)


async def _of_steps(windmill: Windmill, tracked: TrackedRun, cursor: Cursor) -> list[LogLine]:
    said = [(_key(step), step) for step in tracked.progress.steps if step.job_id]
    open_ = [(key, step) for key, step in said if cursor.get(key, 0) != READ]
    texts = await asyncio.gather(*(windmill.logs(step.job_id or "") for _, step in open_))
    lines: list[LogLine] = []
    for (key, step), text in zip(open_, texts, strict=True):
        own = own_text(text, step.ended)
        lines += _new_lines(step, own[cursor.get(key, 0) :])
        cursor[key] = READ if step.ended else len(own)
    return lines


def _key(step: Step) -> str:
    return (step.job_id or "").replace("-", "")[-KEY_LENGTH:]


async def _of_deployments(
    deployments: Deployments, tracked: TrackedRun, cursor: Cursor
) -> list[LogLine]:
    lines: list[LogLine] = []
    for place, id_ in _told_of(tracked):
        events = await deployments.events(id_, cursor.get(id_, 0))
        lines += [_line(event, place) for event in events]
        if events:
            cursor[id_] = max(event.id for event in events)
    return lines


def _told_of(tracked: TrackedRun) -> Sequence[tuple[str, str]]:
    """Where in the run, and the deployment's id."""
    if tracked.deployment:
        return [("", tracked.deployment.id)]
    return [(_place(tracked, made), made.deployment.id) for made in tracked.made]


def _place(tracked: TrackedRun, made: Made) -> str:
    return tracked.progress.flows.get(made.job_id, "")


def _new_lines(step: Step, text: str) -> list[LogLine]:
    return [
        LogLine(at=step.started_at, step=step.id, message=line)
        for line in text.splitlines()
        if line.strip()
    ]


def _line(event: Event, place: str) -> LogLine:
    step = f"{place}/{event.step}" if place else event.step
    return LogLine(at=event.at, step=step, level=event.level, message=event.message)


def _encode(cursor: Cursor) -> str:
    return base64.urlsafe_b64encode(json.dumps(cursor, separators=(",", ":")).encode()).decode()


def _decode(text: str) -> Cursor:
    if not text:
        return {}
    try:
        cursor = json.loads(base64.urlsafe_b64decode(text))
        return {str(key): int(value) for key, value in cursor.items()}
    except (ValueError, AttributeError, TypeError, OverflowError, RecursionError) as error:
        problem = Problem("is not a cursor", "after", "Send the `next` of the answer before.")
        raise InvalidRequest([problem]) from error
