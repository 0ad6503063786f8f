"""What a run said: its steps' output and the deployment's events, in order, readable in pieces."""

import asyncio
import base64
import binascii
import json
from datetime import UTC, datetime

from gateway.answers import LogLine
from gateway.errors import InvalidRequest
from gateway.registry import Deployments
from gateway.status import Subject
from gateway.steps import Step, steps_of
from gateway.windmill import Windmill
from windmill.scripts.model.deployment import Event
from windmill.scripts.model.errors import Problem

BEGINNING = datetime.min.replace(tzinfo=UTC)
Cursor = dict[str, int]


async def read(
    windmill: Windmill, deployments: Deployments, subject: Subject, after: str
) -> tuple[list[LogLine], str]:
    """The lines since the cursor `after`, and the next cursor."""
    cursor = _decode(after)
    steps = [s for s in await _steps(windmill, subject) if s.job_id]
    texts = await asyncio.gather(*(windmill.logs(step.job_id or "") for step in steps))
    lines = []
    for step, text in zip(steps, texts, strict=True):
        job = step.job_id or ""
        lines += _new_lines(step, text[cursor.get(job, 0) :])
        cursor[job] = len(text)
    events = await _events(deployments, subject, cursor.get("event", 0))
    lines += [_line(event) for event in events]
    cursor["event"] = max([cursor.get("event", 0), *(event.id for event in events)])
    return sorted(lines, key=lambda line: line.at or BEGINNING), _encode(cursor)


async def _steps(windmill: Windmill, subject: Subject) -> list[Step]:
    return await steps_of(windmill, subject.job) if subject.job else []


async def _events(deployments: Deployments, subject: Subject, after: int) -> list[Event]:
    return await deployments.events(subject.deployment.id, after) if subject.deployment else []


def _new_lines(step: Step, text: str) -> list[LogLine]:
    return [
        LogLine(at=step.started_at, step=step.id, message=line)
        for line in text.splitlines()
        if line.strip()
    ]


def _line(event: Event) -> LogLine:
    return LogLine(at=event.at, step=event.step, level=event.level, message=event.message)


def _encode(cursor: Cursor) -> str:
    return base64.urlsafe_b64encode(json.dumps(cursor, separators=(",", ":")).encode()).decode()


def _decode(text: str) -> Cursor:
    if not text:
        return {}
    try:
        cursor = json.loads(base64.urlsafe_b64decode(text))
        return {str(key): int(value) for key, value in cursor.items()}
    except (binascii.Error, ValueError, AttributeError, TypeError) as error:
        problem = Problem("is not a cursor", "after", "Send the `next` of the answer before.")
        raise InvalidRequest([problem]) from error
