"""What is deployed, what was intended and what happened. Intent is committed before any action."""

import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, select
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError
from sqlalchemy.orm import Session

from ..model.base.errors import DeploymentBusy, UnknownDeployment
from ..model.drawing.deployment import Deployment, Event, State, Target, revision_digest
from ..model.drawing.pipeline import Pipeline
from .tables import Base, DeploymentRow, EventRow, PartRow, RevisionRow, RunRow

Clock = Callable[[], datetime]
RunIsOver = Callable[[str], bool]


def utc_now() -> datetime:
    return datetime.now(UTC)


class Registry:
    """Every method is one transaction; calling it again with the same arguments changes nothing."""

    def __init__(self, url: str, clock: Clock = utc_now) -> None:
        self.clock = clock
        self.engine = _connect(url)
        _create_tables(self.engine)

    # ---- reading

    def list(self, include_destroyed: bool = False) -> list[Deployment]:
        query = select(DeploymentRow).order_by(DeploymentRow.created_at)
        if not include_destroyed:
            query = query.where(DeploymentRow.live_name.is_not(None))
        with Session(self.engine) as session:
            return [_deployment(row, session) for row in session.scalars(query)]

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
            return _deployment(row, session) if row else None

    def require(self, deployment_id: str) -> Deployment:
        with Session(self.engine) as session:
            return _deployment(self._row(session, deployment_id), session)

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
            return _deployment(row, session) if row else None

    def made_by(self, job_id: str) -> Sequence[tuple[str, Deployment]]:
        """What the run that began with this job deployed, each with the job of its own flow."""
        query = (
            select(RunRow)
            .where(RunRow.root_job == job_id, RunRow.kind == "deploy")
            .order_by(RunRow.started_at, RunRow.id)
        )
        with Session(self.engine) as session:
            return [
                (run.id, _deployment(session.get_one(DeploymentRow, run.deployment_id), session))
                for run in session.scalars(query)
            ]

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

    def events(self, deployment_id: str, after: int = 0) -> Sequence[Event]:
        query = (
            select(EventRow)
            .where(EventRow.deployment_id == deployment_id, EventRow.id > after)
            .order_by(EventRow.id)
        )
        with Session(self.engine) as session:
            return [
                Event.model_validate(row, from_attributes=True) for row in session.scalars(query)
            ]

    def pipeline(self, deployment_id: str) -> Pipeline:
        """The drawing of the current run, settled."""
        with Session(self.engine) as session:
            run = session.get_one(RunRow, self._row(session, deployment_id).run_id)
            return Pipeline.model_validate(run.pipeline)

    def root_config(self, deployment_id: str) -> dict[str, Any]:
        with Session(self.engine) as session:
            row = self._row(session, deployment_id)
            revision = session.get(RevisionRow, (deployment_id, row.revision))
            return dict(revision.root_config) if revision else {}

    def ports_in_use(self) -> set[int]:
        return {port for deployment in self.list() for port in deployment.ports.values()}

    # ---- one deploy, in order

    def begin(
        self,
        pipeline: Pipeline,
        run_id: str,
        root_job: str,
        run_is_over: RunIsOver,
        part_of: str = "",
    ) -> Deployment:
        """Opens the deployment of this name, or makes it. Raises DeploymentBusy."""
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
            row.state, row.error = State.deploying, ""
            self._belongs(session, row, part_of, root_job)
            session.flush()
            return _deployment(row, session)

    def assign_target(
        self, deployment_id: str, target: Target, ports: dict[str, int]
    ) -> Deployment:
        """Fixes where and as which revision; ports that were chosen before are kept."""
        with Session(self.engine) as session, session.begin():
            row = self._row(session, deployment_id)
            run = session.get_one(RunRow, row.run_id)
            digest = revision_digest(Pipeline.model_validate(run.pipeline), target)
            row.target = target
            row.ports = {**ports, **row.ports}
            row.revision = run.revision = self._revision(session, row, run, digest)
            row.updated_at = self.clock()
            return _deployment(row, session)

    def keep_root_config(self, deployment_id: str, root_config: dict[str, Any]) -> None:
        with Session(self.engine) as session, session.begin():
            row = self._row(session, deployment_id)
            revision = session.get_one(RevisionRow, (deployment_id, row.revision))
            revision.root_config = root_config

    def mark_changed(self, deployment_id: str) -> None:
        with Session(self.engine) as session, session.begin():
            row = self._row(session, deployment_id)
            session.get_one(RunRow, row.run_id).changed = True

    def publish(self, deployment_id: str, urls: dict[str, str]) -> None:
        with Session(self.engine) as session, session.begin():
            self._row(session, deployment_id).urls = dict(urls)

    def finish(self, deployment_id: str, state: State, error: str = "") -> Deployment:
        """Ends the current run."""
        with Session(self.engine) as session, session.begin():
            row = self._row(session, deployment_id)
            run = session.get(RunRow, row.run_id)
            if run:
                run.finished_at = self.clock()
            row.state, row.error, row.updated_at = state, error, self.clock()
            if state == State.live:
                row.live_revision = row.revision
            if state in (State.failed, State.destroyed):
                row.live_revision = 0
            if state == State.destroyed:
                row.live_name = None
            return _deployment(row, session)

    # ---- destroying

    def begin_destroy(
        self, deployment_id: str, run_id: str, root_job: str, run_is_over: RunIsOver
    ) -> Deployment:
        with Session(self.engine) as session, session.begin():
            row = self._row(session, deployment_id)
            self._take(session, row, run_id, run_is_over)
            if session.get(RunRow, run_id) is None:
                session.add(self._run(row, run_id, root_job, "destroy", {}))
            if row.state != State.destroyed:
                row.state = State.destroying
            return _deployment(row, session)

    def record(
        self,
        deployment_id: str,
        step: str,
        message: str,
        level: str = "info",
        data: dict[str, Any] | None = None,
    ) -> None:
        with Session(self.engine) as session, session.begin():
            row = self._row(session, deployment_id)
            session.add(
                EventRow(
                    deployment_id=deployment_id,
                    run_id=row.run_id,
                    at=self.clock(),
                    step=step,
                    level=level,
                    message=message,
                    data=data or {},
                )
            )

    # ---- inside a transaction

    def _row(self, session: Session, deployment_id: str) -> DeploymentRow:
        row = session.get(DeploymentRow, deployment_id)
        if row is None:
            raise UnknownDeployment(deployment=deployment_id)
        return row

    def _new_row(self, session: Session, name: str) -> DeploymentRow:
        now = self.clock()
        row = DeploymentRow(
            id=f"{name}-{secrets.token_hex(3)}",
            name=name,
            live_name=name,
            state=State.deploying,
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
        return RunRow(
            id=run_id,
            root_job=root_job,
            deployment_id=row.id,
            kind=kind,
            pipeline=drawing,
            revision=row.revision,
            changed=False,
            started_at=self.clock(),
        )

    def _revision(self, session: Session, row: DeploymentRow, run: RunRow, digest: str) -> int:
        known = select(RevisionRow).where(RevisionRow.deployment_id == row.id)
        same = session.scalars(known.where(RevisionRow.digest == digest)).first()
        if same:
            return same.number
        number = 1 + max((r.number for r in session.scalars(known)), default=0)
        session.add(
            RevisionRow(
                deployment_id=row.id,
                number=number,
                digest=digest,
                pipeline=run.pipeline,
                root_config={},
                created_at=self.clock(),
            )
        )
        return number


def _deployment(row: DeploymentRow, session: Session) -> Deployment:
    run = session.get(RunRow, row.run_id) if row.run_id else None
    part = session.get(PartRow, row.id)
    return Deployment(
        id=row.id,
        name=row.name,
        target=Target(row.target) if row.target else None,
        state=State(row.state),
        revision=row.revision,
        live_revision=row.live_revision,
        changed=run.changed if run else False,
        run_id=row.run_id,
        part_of=part.meta_pipeline if part else "",
        endpoint_url=row.urls.get("api", ""),
        urls=row.urls,
        ports=row.ports,
        error=row.error,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _connect(url: str) -> Engine:
    engine = create_engine(url, pool_pre_ping=not url.startswith("sqlite"))
    if url.startswith("sqlite"):
        _keep_private(engine.url.database)
        event.listen(engine, "connect", _tune_sqlite)
    return engine


def _create_tables(engine: Engine) -> None:
    try:
        Base.metadata.create_all(engine)
    except (OperationalError, ProgrammingError):
        # Another process made them between our look and our statement; now they are there.
        Base.metadata.create_all(engine)


def _keep_private(file: str | None) -> None:
    if file and Path(file).parent.is_dir():
        Path(file).touch(mode=0o600)


def _tune_sqlite(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA busy_timeout=10000")
    connection.execute("PRAGMA foreign_keys=ON")
