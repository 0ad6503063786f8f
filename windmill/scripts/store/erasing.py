"""All that the registry keeps of one deployment: told, or deleted for good."""

from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from ..model.base.errors import StillThere, UnknownDeployment
from ..model.drawing.deployment import State
from .reading import RegistryReader
from .tables import (
    AttemptRow,
    Base,
    ChargeRow,
    DeploymentRow,
    EventRow,
    OutboxRow,
    PartRow,
    RevisionRow,
    RunRow,
)
from .wiping import wipe

# Those that refer to it first.
OF_A_DEPLOYMENT: tuple[type[Any], ...] = (
    OutboxRow, EventRow, PartRow, ChargeRow, AttemptRow, RevisionRow, RunRow,
)  # fmt: skip


def everything(registry: RegistryReader, deployment_id: str) -> dict[str, list[dict[str, Any]]]:
    """Rows by table, opened. Raises UnknownDeployment, SealedCell."""
    with Session(registry.engine) as session:
        rows: dict[str, list[Base]] = {
            DeploymentRow.__tablename__: [registry.row(session, deployment_id)]
        }
        for table in OF_A_DEPLOYMENT:
            found = select(table).where(table.deployment_id == deployment_id)
            rows[table.__tablename__] = list(session.scalars(found))
        return {name: [registry.cells.all(row) for row in each] for name, each in rows.items()}


def jobs_of(registry: RegistryReader, deployment_id: str) -> list[str]:
    """Its runs, and what began them where nothing else did."""
    own = select(RunRow).where(RunRow.deployment_id == deployment_id)
    with Session(registry.engine) as session:
        runs = list(session.scalars(own))
        roots = {run.root_job for run in runs if run.root_job}
        others = select(RunRow.root_job).where(
            RunRow.root_job.in_(roots), RunRow.deployment_id != deployment_id
        )
        return sorted({run.id for run in runs} | (roots - set(session.scalars(others))))


def erase(registry: RegistryReader, deployment_id: str) -> int:
    """How many rows are gone. Raises UnknownDeployment, StillThere."""
    with Session(registry.engine) as session, session.begin():
        row = session.get(DeploymentRow, deployment_id, with_for_update=True)
        if row is None:
            raise UnknownDeployment(deployment=deployment_id)
        if row.state != State.destroyed:
            raise StillThere(name=row.name, state=row.state)
        gone = 1
        for table in OF_A_DEPLOYMENT:
            own = table.deployment_id == deployment_id
            gone += session.scalar(select(func.count()).select_from(table).where(own)) or 0
            session.execute(delete(table).where(own))
        session.delete(row)
    wipe(
        registry.engine,
        [*(each.__tablename__ for each in OF_A_DEPLOYMENT), DeploymentRow.__tablename__],
    )
    return gone
