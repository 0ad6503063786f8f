"""Back to a revision that was there before: its settled drawing, deployed once more."""

from collections.abc import Sequence

from gateway.errors import NoSuchRevision
from gateway.runs.deploys import Run, refuse_references
from windmill.scripts.model.base.windmill_paths import DEPLOY
from windmill.scripts.model.drawing.deployment import Deployment, Revision


def rollback(deployment: Deployment, revisions: Sequence[Revision], to: int | None) -> Run:
    """Raises NoSuchRevision, InvalidRequest."""
    wanted = to or before(deployment, revisions)
    found = next((each for each in revisions if each.number == wanted), None)
    if found is None or deployment.target is None:
        raise NoSuchRevision(
            name=deployment.name, what=f"revision {to}" if to else "revision before this one"
        )
    args = {
        "pipeline": found.pipeline.model_dump(mode="json", exclude_none=True),
        "inputs": {},
        "declared_inputs": {},
        "target": deployment.target.value,
        "name": None,
    }
    refuse_references(args)
    return Run(DEPLOY, args, deployment.name, deployment.name, (deployment.name,))


def before(deployment: Deployment, revisions: Sequence[Revision]) -> int:
    """Where an update failed, what still runs; else what ran before; 0 where there was nothing."""
    if deployment.live_revision and deployment.live_revision != deployment.revision:
        return deployment.live_revision
    earlier = (each.number for each in revisions if each.number < deployment.revision)
    return max(earlier, default=0)
