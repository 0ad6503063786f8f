"""The registry as it is written. Intent is committed before any action."""

import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ..model.base.errors import DeploymentBusy, NameIsAnId
from ..model.base.target import Target
from ..model.drawing.charge import Price
from ..model.drawing.deployment import Deployment, State, revision_digest
from ..model.drawing.pipeline import Pipeline
from ..model.drawing.place import HostPlace
from ..model.drawing.reading import ReadingReport
from .exclusive import wait_alone
from .reading import READING, RegistryReader
from .schema import bring_up_to_date
from .tables import ChargeRow, DeploymentRow, EventRow, PartRow, RevisionRow, RunRow

Clock = Callable[[], datetime]
RunIsOver = Callable[[str], bool]


def utc_now() -> datetime:
    return datetime.now(UTC)


May = Callable[[Session], None]


class Registry(RegistryReader):
    """Every method is one transaction; calling it again with the same arguments changes nothing."""

    def __init__(self, url: str, clock: Clock = utc_now, keys: Sequence[str] = ()) -> None:
        """Brings the tables up to date. Raises RegistryAhead, NotARegistry."""
        self.clock = clock
        super().__init__(url, keys, bring_up_to_date)

    # ---- one deploy, in order

    def begin(
        self,
        pipeline: Pipeline,
        run_id: str,
        root_job: str,
        run_is_over: RunIsOver,
        part_of: str = "",
    ) -> Deployment:
        """Opens the deployment of this name, or makes it. Raises DeploymentBusy, NameIsAnId."""
        try:
            return self._begin(pipeline, run_id, root_job, run_is_over, part_of)
        except IntegrityError:  # another run made the same name between our look and our write
            return self._begin(pipeline, run_id, root_job, run_is_over, part_of)

    def _begin(
        self,
        pipeline: Pipeline,
        run_id: str,
        root_job: str,
        run_is_over: RunIsOver,
        part_of: str,
    ) -> Deployment:
        with Session(self.engine) as session, session.begin():
            row = session.scalars(
                select(DeploymentRow).where(DeploymentRow.live_name == pipeline.name)
            ).first() or self._new_row(session, pipeline.name)
            self._take(session, row, run_id, run_is_over)
            if session.get(RunRow, run_id) is None:
                drawing = pipeline.model_dump(mode="json")
                session.add(self._run(row, run_id, root_job, "deploy", drawing))
            if row.state not in (State.degraded, State.deploying):
                row.error = ""  # else `stay` must know what was wrong before
            row.state = State.deploying
            self._belongs(session, row, part_of, root_job)
            session.flush()
            return self.as_deployment(row, session)

    def assign_target(
        self,
        deployment_id: str,
        target: Target,
        ports: dict[str, int],
        machine: str = "",
        place: HostPlace | None = None,
        price: Price | None = None,
        max_hourly_usd: float | None = None,
        may: May | None = None,
    ) -> Deployment:
        """Fixes where, as which revision and how much it may cost; the machine and the ports that
        were chosen before are kept. `price`: where nothing is rented; `Attempts` counts the rest.
        `may` raises where others leave too little for it: one is asked after the other.
        """
        with Session(self.engine) as session, session.begin():
            if may:
                wait_alone(session)
                may(session)
            row = self.row(session, deployment_id)
            run = session.get_one(RunRow, row.run_id)
            drawing = Pipeline.model_validate(self.cells.get(run, "pipeline"))
            if drawing.compute.max_hourly_usd != max_hourly_usd is not None:
                drawing = self._allow(run, drawing, max_hourly_usd)
            digest = revision_digest(drawing, target)
            row.target, row.machine = target, row.machine or machine
            row.ports = {**ports, **row.ports}
            self.cells.set(row, "place", place.model_dump(mode="json") if place else None)
            row.revision = run.revision = self._revision(session, row, run, digest)
            if price:
                self._charge(session, row, price)
            row.updated_at = self.clock()
            return self.as_deployment(row, session)

    def allow(self, deployment_id: str, max_hourly_usd: float, may: May) -> None:
        """It may cost more than when its target was assigned. `may` raises as it does there."""
        with Session(self.engine) as session, session.begin():
            wait_alone(session)
            may(session)
            run = session.get_one(RunRow, self.row(session, deployment_id).run_id)
            drawing = Pipeline.model_validate(self.cells.get(run, "pipeline"))
            self._allow(run, drawing, max_hourly_usd)

    def vacate(self, deployment_id: str) -> None:
        """Nothing of it is left where it was: it may go elsewhere."""
        with Session(self.engine) as session, session.begin():
            row = self.row(session, deployment_id)
            row.ports, row.place, row.machine = {}, None, ""
            self._stop_charging(session, row, but_revision=0)

    def keep_root_config(self, deployment_id: str, root_config: dict[str, Any]) -> None:
        with Session(self.engine) as session, session.begin():
            row = self.row(session, deployment_id)
            revision = session.get_one(RevisionRow, (deployment_id, row.revision))
            self.cells.set(revision, "root_config", root_config)

    def mark_changed(self, deployment_id: str) -> None:
        with Session(self.engine) as session, session.begin():
            row = self.row(session, deployment_id)
            session.get_one(RunRow, row.run_id).changed = True

    def publish(self, deployment_id: str, urls: dict[str, str], machine: str = "") -> None:
        """`machine`: which one answers there, where that is known by now only."""
        with Session(self.engine) as session, session.begin():
            row = self.row(session, deployment_id)
            row.machine = machine or row.machine
            self.cells.set(row, "urls", dict(urls))

    def finish(self, deployment_id: str, state: State, error: str = "") -> Deployment:
        """Ends the current run."""
        with Session(self.engine) as session, session.begin():
            row = self.row(session, deployment_id)
            run = session.get(RunRow, row.run_id)
            if run:
                run.finished_at = self.clock()
            row.state, row.updated_at = state, self.clock()
            self.cells.set(row, "error", error)
            if state == State.live:
                row.live_revision = row.revision
            if state in (State.failed, State.destroyed):
                row.live_revision = 0
            if state == State.destroyed:
                row.live_name = None
            # What failed may still be there: only `vacate` knows that it is not.
            if state != State.failed:
                self._stop_charging(session, row, but_revision=row.live_revision)
            return self.as_deployment(row, session)

    def stay(self, deployment_id: str) -> Deployment:
        """Ends the current run, which touched nothing of what is live: that is as it was before."""
        with Session(self.engine) as session, session.begin():
            row = self.row(session, deployment_id)
            session.get_one(RunRow, row.run_id).finished_at = self.clock()
            row.state = State.degraded if self.cells.get(row, "error") else State.live
            row.revision, row.updated_at = row.live_revision, self.clock()
            self._stop_charging(session, row, but_revision=row.live_revision)
            return self.as_deployment(row, session)

    def degrade(self, deployment_id: str, machine: str, error: str) -> bool:
        """What is live has lost this machine; False where it is on another by now, or at work."""
        with Session(self.engine) as session, session.begin():
            row = self.row(session, deployment_id)
            if row.state != State.live or row.machine != machine:
                return False
            row.state, row.updated_at = State.degraded, self.clock()
            self.cells.set(row, "error", error)
            return True

    # ---- destroying

    def begin_destroy(
        self, deployment_id: str, run_id: str, root_job: str, run_is_over: RunIsOver
    ) -> Deployment:
        with Session(self.engine) as session, session.begin():
            row = self.row(session, deployment_id)
            self._take(session, row, run_id, run_is_over)
            if session.get(RunRow, run_id) is None:
                session.add(self._run(row, run_id, root_job, "destroy", {}))
            if row.state != State.destroyed:
                row.state = State.destroying
            return self.as_deployment(row, session)

    def record(
        self,
        deployment_id: str,
        step: str,
        message: str,
        level: str = "info",
        data: dict[str, Any] | None = None,
    ) -> None:
        with Session(self.engine) as session, session.begin():
            row = self.row(session, deployment_id)
            event = EventRow(
                deployment_id=deployment_id,
                run_id=row.run_id,
                at=self.clock(),
                step=step,
                level=level,
                message="",
                data={},
            )
            session.add(event)
            session.flush()  # gives the id that its cells are bound to
            self.cells.set(event, "message", message)
            self.cells.set(event, "data", data or {})

    def keep_report(self, deployment_id: str, report: ReadingReport) -> None:
        """Stays when the deployment is gone. One like the last is not kept again."""
        if report != self.report(deployment_id):
            self.record(deployment_id, READING, str(report), data=report.model_dump())

    # ---- inside a transaction

    def _new_row(self, session: Session, name: str) -> DeploymentRow:
        if session.get(DeploymentRow, name):
            raise NameIsAnId(name=name)
        now = self.clock()
        row = DeploymentRow(
            id=self._new_id(session, name),
            name=name,
            live_name=name,
            state=State.deploying,
            machine="",
            ports={},
            urls={},
            revision=0,
            live_revision=0,
            run_id="",
            error="",
            created_at=now,
            updated_at=now,
        )
        session.add(row)
        session.flush()
        return row

    def _new_id(self, session: Session, name: str) -> str:
        """No name that a deployment has or had."""
        while True:
            id = f"{name}-{secrets.token_hex(3)}"
            if not session.scalars(
                select(DeploymentRow.id).where(DeploymentRow.name == id)
            ).first():
                return id

    def _take(
        self, session: Session, row: DeploymentRow, run_id: str, run_is_over: RunIsOver
    ) -> None:
        """One run at a time; a run whose job has ended without finishing gives way."""
        if row.run_id and row.run_id != run_id:
            current = session.get(RunRow, row.run_id)
            unfinished = current is not None and current.finished_at is None
            if unfinished and not run_is_over(row.run_id):
                raise DeploymentBusy(name=row.name, job_id=row.run_id)
        row.run_id, row.updated_at = run_id, self.clock()

    def _allow(self, run: RunRow, drawing: Pipeline, max_hourly_usd: float) -> Pipeline:
        compute = drawing.compute.model_copy(update={"max_hourly_usd": max_hourly_usd})
        drawing = drawing.model_copy(update={"compute": compute})
        self.cells.set(run, "pipeline", drawing.model_dump(mode="json"))
        return drawing

    def _charge(self, session: Session, row: DeploymentRow, price: Price) -> None:
        """What is live stays on its machine, and so at the price that it was taken for."""
        told, now = price.model_dump(mode="json"), self.clock()
        for same in self._charged(session, row):
            if same.revision == row.revision:
                if row.revision == row.live_revision or same.price == told:
                    return
                same.until = now
        session.add(
            ChargeRow(
                deployment_id=row.id,
                revision=row.revision,
                price=told,
                since=now,
            )
        )
        session.flush()

    def _stop_charging(self, session: Session, row: DeploymentRow, but_revision: int) -> None:
        for charge in self._charged(session, row):
            if charge.revision != but_revision:
                charge.until = self.clock()
        session.flush()

    def _charged(self, session: Session, row: DeploymentRow) -> Sequence[ChargeRow]:
        """What is rented is paid until it is seen to be gone, whatever becomes of its revision."""
        own = select(ChargeRow).where(ChargeRow.deployment_id == row.id, ChargeRow.attempt == "")
        return session.scalars(own.where(ChargeRow.until.is_(None))).all()

    def _belongs(self, session: Session, row: DeploymentRow, part_of: str, root_job: str) -> None:
        """To whoever deployed it last."""
        part = session.get(PartRow, row.id)
        if part and not part_of:
            session.delete(part)
        elif part_of:
            session.merge(PartRow(deployment_id=row.id, meta_pipeline=part_of, run_id=root_job))

    def _run(
        self, row: DeploymentRow, run_id: str, root_job: str, kind: str, drawing: dict[str, Any]
    ) -> RunRow:
        run = RunRow(
            id=run_id,
            root_job=root_job,
            deployment_id=row.id,
            kind=kind,
            revision=row.revision,
            changed=False,
            started_at=self.clock(),
        )
        self.cells.set(run, "pipeline", drawing)
        return run

    def _revision(self, session: Session, row: DeploymentRow, run: RunRow, digest: str) -> int:
        known = select(RevisionRow).where(RevisionRow.deployment_id == row.id)
        same = session.scalars(known.where(RevisionRow.digest == digest)).first()
        if same:
            return same.number
        number = 1 + max((r.number for r in session.scalars(known)), default=0)
        revision = RevisionRow(
            deployment_id=row.id,
            number=number,
            digest=digest,
            root_config={},
            created_at=self.clock(),
        )
        self.cells.set(revision, "pipeline", self.cells.get(run, "pipeline"))
        session.add(revision)
        return number
