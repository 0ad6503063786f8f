"""The one machine that target `local` means: deployments live on its disk and its ports."""

import os
import uuid
from pathlib import Path

from ...model.base.errors import TargetRefused
from ...model.base.target import Target
from ...model.drawing.deployment import Deployment
from ...provision.errors import OnAnotherMachine

ELSEWHERE = (
    "it means the host of the embedded engine, or of the one worker that an operator made its "
    "machine, and this worker is neither."
)
FIX = (
    "`mlops up` starts the embedded engine; on another Windmill MLOPS_LOCAL_ROOT and "
    "MLOPS_LOCAL_TAG make a worker that machine (docs/how-to/connect-windmill.md)."
)


def is_the_machine() -> bool:
    return bool(os.environ.get("MLOPS_LOCAL_ROOT"))


def require_the_machine(deployment: Deployment | None = None) -> None:
    """Raises TargetRefused on a worker that is anybody's host, and OnAnotherMachine where the
    deployment is on a machine that is not this one."""
    if not is_the_machine():
        raise TargetRefused(target=Target.local.value, reason=ELSEWHERE, fix=FIX)
    if deployment and deployment.machine not in ("", machine_id()):
        raise OnAnotherMachine(deployment.name, deployment.machine, machine_id(), machine_file())


def machine_file() -> Path:
    return Path(os.environ["MLOPS_LOCAL_ROOT"]) / "machine"


def machine_id() -> str:
    """Kept where the deployments are: the name of a container changes when it is made again."""
    file = machine_file()
    if not file.exists():
        _keep(file, uuid.uuid4().hex)
    return file.read_text("utf-8").strip()


def _keep(file: Path, text: str) -> None:
    """Whole or not at all, and never in another's place."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{text}")
    draft.write_text(text, "utf-8")
    try:
        os.link(draft, file)
    except FileExistsError:  # another job was first
        pass
    finally:
        draft.unlink()
