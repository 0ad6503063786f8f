"""What is deployed, what was intended and what happened: the registry as it is read."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, func, select, true
from sqlalchemy.orm import Session

from ..model.base.errors import UnknownDeployment
from ..model.base.target import Target
from ..model.drawing.charge import Charge
from ..model.drawing.deployment import Deployment, DeployRun, Event, Revision, State
from ..model.drawing.pipeline import Pipeline
from ..model.drawing.place import HostPlace
from ..model.drawing.reading import ReadingReport
from .cells import Cells
from .connection import connect
from .schema import require_current
from .tables import ChargeRow, DeploymentRow, EventRow, PartRow, RevisionRow, RunRow

HEALTH = "health"  # the step that ends a deploy which went live
READING = "reading"  # the step of the events that keep what a revision read


class RegistryReader:
    """Reads a registry of this version's revision; leaves one of another as it is."""

    def __init__(
        self,
        url: str,
        keys: Sequence[str] = (),
        prepare: Callable[[Engine], None] = require_current,
    ) -> None:
        """`keys` open what is sealed, the newest first. Raises RegistryBehind, RegistryAhead."""
        self.cells = Cells(keys)
        self.engine = connect(url)
        prepare(self.engine)

    def list(self, include_destroyed: bool = False) -> list[Deployment]:
        with Session(self.engine) as session:
            wanted = true() if include_destroyed else DeploymentRow.live_name.is_not(None)
            query = select(DeploymentRow).where(wanted).order_by(DeploymentRow.created_at)
            runs = (
                select(RunRow.id, RunRow.changed)
                .join(DeploymentRow, DeploymentRow.run_id == RunRow.id)
                .where(wanted)
            )
            # One query for all of each: there may be thousands of deployments.
            changed = {id: bool(was) for id, was in session.execute(runs)}
            parts = {
                part.deployment_id: part.meta_pipeline for part in session.scalars(select(PartRow))
            }
            charges = self._all_charges(session, wanted)
            return [
                self._deployment(
                    row,
                    changed.get(row.run_id, False),
                    parts.get(row.id, ""),
                    charges.get(row.id, ()),
                )
                for row in session.scalars(query)
            ]

    def _all_charges(
        self, session: Session, wanted: ColumnElement[bool]
    ) -> dict[str, Sequence[Charge]]:
        found: dict[str, list[Charge]] = {}
        theirs = DeploymentRow.id == ChargeRow.deployment_id
        query = select(ChargeRow).join(DeploymentRow, theirs).where(wanted)
        for each in session.scalars(query.order_by(ChargeRow.id)):
            found.setdefault(each.deployment_id, []).append(_charge(each))
        return {**found}

    def get(self, id_or_name: str) -> Deployment | None:
        """By id; or by name, the living one first and then the latest."""
        with Session(self.engine) as session:
            row = (
                session.get(DeploymentRow, id_or_name)
                or session.scalars(
                    select(DeploymentRow)
                    .where(DeploymentRow.name == id_or_name)
                    .order_by(DeploymentRow.live_name.is_(None), DeploymentRow.created_at.desc())
                ).first()
            )
            return self.as_deployment(row, session) if row else None

    def require(self, deployment_id: str) -> Deployment:
        with Session(self.engine) as session:
            return self.as_deployment(self.row(session, deployment_id), session)

    def by_job(self, job_id: str) -> Deployment | None:
        """The deployment that this flow job, or the job that started it, worked on."""
        with Session(self.engine) as session:
            run = (
                session.get(RunRow, job_id)
                or session.scalars(
                    select(RunRow)
                    .where(RunRow.root_job == job_id)
                    .order_by(RunRow.started_at.desc())
                ).first()
            )
            row = session.get(DeploymentRow, run.deployment_id) if run else None
            return self.as_deployment(row, session) if row else None

    def made_by(self, job_id: str) -> Sequence[tuple[str, Deployment]]:
        """What the run that began with this job deployed, each with the job of its own flow."""
        query = (
            select(RunRow)
            .where(RunRow.root_job == job_id, RunRow.kind == "deploy")
            .order_by(RunRow.started_at, RunRow.id)
        )
        with Session(self.engine) as session:
            return [(run.id, self._of_run(run, session)) for run in session.scalars(query)]

    def parts(self, meta_pipeline: str) -> Sequence[Deployment]:
        """What lives of all that this meta-pipeline ever deployed."""
        return [each for each in self.list() if each.part_of == meta_pipeline]

    def latest_run(self, meta_pipeline: str) -> str | None:
        """The job that this meta-pipeline's latest deployment began with."""
        query = (
            select(RunRow.root_job)
            .join(PartRow, PartRow.run_id == RunRow.root_job)
            .where(PartRow.meta_pipeline == meta_pipeline)
            .order_by(RunRow.started_at.desc())
        )
        with Session(self.engine) as session:
            return session.scalars(query).first()

    def deploy_runs(self, since: datetime) -> Sequence[DeployRun]:
        """Those that ended since then, the first to end first."""
        healthy = select(EventRow.run_id).where(
            EventRow.step == HEALTH, EventRow.level == "info", EventRow.at >= since
        )
        ended = RunRow.id, RunRow.started_at, RunRow.finished_at
        query = (
            select(*ended, DeploymentRow.target, RunRow.id.in_(healthy).label("went_live"))
            .join(DeploymentRow, DeploymentRow.id == RunRow.deployment_id)
            .where(RunRow.kind == "deploy", RunRow.finished_at >= since)
            .order_by(RunRow.finished_at, RunRow.id)
        )
        with Session(self.engine) as session:
            return [DeployRun.model_validate(row._mapping) for row in session.execute(query)]

    def events(self, deployment_id: str, after: int = 0) -> Sequence[Event]:
        query = (
            select(EventRow)
            .where(EventRow.deployment_id == deployment_id, EventRow.id > after)
            .order_by(EventRow.id)
        )
        with Session(self.engine) as session:
            return [Event.model_validate(self.cells.all(row)) for row in session.scalars(query)]

    def notices(self, deployment_id: str) -> Sequence[str]:
        """What people should know of what runs: warnings since it was last found healthy."""
        healthy = select(func.max(EventRow.id)).where(
            EventRow.deployment_id == deployment_id,
            EventRow.step == HEALTH,
            EventRow.level == "info",
        )
        with Session(self.engine) as session:
            since = session.scalar(healthy) or 0
        return [
            event.message for event in self.events(deployment_id, since) if event.level == "warning"
        ]

    def terraform_words(self, deployment_id: str) -> Sequence[str]:
        """Terraform's plan of the current run, as its step told it before it applied it."""
        with Session(self.engine) as session:
            query = (
                select(EventRow)
                .where(
                    EventRow.deployment_id == deployment_id,
                    EventRow.run_id == self.row(session, deployment_id).run_id,
                    EventRow.step == "apply",
                )
                .order_by(EventRow.id.desc())
            )
            told = (self.cells.get(row, "data") or {} for row in session.scalars(query))
            return next((tuple(data["words"]) for data in told if "words" in data), ())

    def report(self, deployment_id: str, revision: int | None = None) -> ReadingReport | None:
        """The last that was kept: of this revision, or of any."""
        query = (
            select(EventRow)
            .where(EventRow.deployment_id == deployment_id, EventRow.step == READING)
            .order_by(EventRow.id.desc())
        )
        with Session(self.engine) as session:
            for row in session.scalars(query):
                report = ReadingReport.model_validate(self.cells.get(row, "data"))
                if revision in (None, report.revision):
                    return report
        return None

    def pipeline(self, deployment_id: str) -> Pipeline:
        """The drawing of the current run, settled."""
        with Session(self.engine) as session:
            run = session.get_one(RunRow, self.row(session, deployment_id).run_id)
            return Pipeline.model_validate(self.cells.get(run, "pipeline"))

    def revisions(self, deployment_id: str) -> Sequence[Revision]:
        """The newest first."""
        query = (
            select(RevisionRow)
            .where(RevisionRow.deployment_id == deployment_id)
            .order_by(RevisionRow.number.desc())
        )
        with Session(self.engine) as session:
            return [Revision.model_validate(self.cells.all(row)) for row in session.scalars(query)]

    def root_config(self, deployment_id: str) -> dict[str, Any]:
        with Session(self.engine) as session:
            row = self.row(session, deployment_id)
            revision = session.get(RevisionRow, (deployment_id, row.revision))
            return dict(self.cells.get(revision, "root_config")) if revision else {}

    def ports_in_use(self) -> set[int]:
        return {port for deployment in self.list() for port in deployment.ports.values()}

    def row(self, session: Session, deployment_id: str) -> DeploymentRow:
        row = session.get(DeploymentRow, deployment_id)
        if row is None:
            raise UnknownDeployment(deployment=deployment_id)
        return row

    def as_deployment(self, row: DeploymentRow, session: Session) -> Deployment:
        run = session.get(RunRow, row.run_id) if row.run_id else None
        part = session.get(PartRow, row.id)
        return self._deployment(
            row,
            run.changed if run else False,
            part.meta_pipeline if part else "",
            self._charges(row, session),
        )

    def _deployment(
        self, row: DeploymentRow, changed: bool, part_of: str, charges: Sequence[Charge]
    ) -> Deployment:
        urls, place = self.cells.get(row, "urls"), self.cells.get(row, "place")
        return Deployment(
            id=row.id,
            name=row.name,
            target=Target(row.target) if row.target else None,
            machine=row.machine,
            state=State(row.state),
            revision=row.revision,
            live_revision=row.live_revision,
            changed=changed,
            run_id=row.run_id,
            part_of=part_of,
            endpoint_url=urls.get("api", ""),
            urls=urls,
            ports=row.ports,
            place=HostPlace.model_validate(place) if place else None,
            charges=tuple(each for each in charges if each.until is None),
            spent_usd=sum(each.usd(each.until) for each in charges if each.until),
            error=self.cells.get(row, "error"),
            created_at=row.created_at,
            updated_at=row.updated_at,
        )

    def _charges(self, row: DeploymentRow, session: Session) -> Sequence[Charge]:
        """The oldest first."""
        query = select(ChargeRow).where(ChargeRow.deployment_id == row.id).order_by(ChargeRow.id)
        return [_charge(each) for each in session.scalars(query)]

    def _of_run(self, run: RunRow, session: Session) -> Deployment:
        return self.as_deployment(session.get_one(DeploymentRow, run.deployment_id), session)


def _charge(row: ChargeRow) -> Charge:
    return Charge(
        **row.price,
        attempt=row.attempt,
        revision=row.revision,
        since=row.since,
        until=row.until,
    )
