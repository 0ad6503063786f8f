"""What a request's sources hold, read by a worker: only workers reach them, through their gate."""

import json

from gateway.clients.windmill import Windmill
from gateway.clients.windmill_jobs import Job
from gateway.errors import PreviewRefused, PreviewUnknown
from gateway.runs.asking.answers import answer
from gateway.runs.asking.plans import arguments_of
from gateway.runs.deploys import Run
from windmill.scripts.model.base.windmill_paths import PREVIEW_SOURCES
from windmill.scripts.model.show.source_preview import SourcePreview

PATIENCE_SECONDS = 170.0


async def preview(windmill: Windmill, run: Run, node: str | None) -> SourcePreview:
    """The job is erased once read. Raises NothingToPreview, PreviewRefused, PreviewUnknown."""
    args = await arguments_of(windmill, run)
    asked = {"request": json.dumps(args), "node": node}
    try:
        job = await answer(windmill, PREVIEW_SOURCES, asked, PATIENCE_SECONDS)
    except TimeoutError as error:
        raise PreviewUnknown(name=run.name, reason=str(error)) from None
    await windmill.erase_job(job.id)
    if job.failed or not isinstance(job.result, dict):
        raise _failure(run.name, job)
    return SourcePreview.model_validate(job.result)


def _failure(name: str, job: Job) -> PreviewRefused | PreviewUnknown:
    """What the platform says itself bears a code; anything else is a worker that failed."""
    reason = job.reason
    if not reason.code:
        return PreviewUnknown(name=name, reason=reason.message or "no reason is known")
    return PreviewRefused(name=name, reason=reason.message, advice=reason.fix)
