"""The deployment registry's tables. SQLite by default, Postgres by DATABASE_URL.

Columns of `Any` may be sealed: `cells` reads and writes them.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, ForeignKey, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """SQLite forgets time zones; everything is kept and given back in UTC."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        return value.astimezone(UTC).replace(tzinfo=None) if value else None

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        return value.replace(tzinfo=UTC) if value else None


class Base(DeclarativeBase):
    type_annotation_map = {dict[str, int]: JSON, datetime: UtcDateTime}  # noqa: RUF012


class DeploymentRow(Base):
    __tablename__ = "deployments"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(index=True)
    # Unique while the deployment lives, NULL once destroyed: a name can be used again.
    live_name: Mapped[str | None] = mapped_column(unique=True)
    target: Mapped[str | None]
    machine: Mapped[str] = mapped_column(default="")
    state: Mapped[str]
    ports: Mapped[dict[str, int]] = mapped_column(default=dict)
    urls: Mapped[Any] = mapped_column(JSON, default=dict)
    revision: Mapped[int] = mapped_column(default=0)
    live_revision: Mapped[int] = mapped_column(default=0)
    place: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    run_id: Mapped[str] = mapped_column(default="")
    error: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class RevisionRow(Base):
    """What was, is or shall be deployed: one settled drawing on one target."""

    __tablename__ = "revisions"
    __table_args__ = (UniqueConstraint("deployment_id", "digest"),)

    deployment_id: Mapped[str] = mapped_column(ForeignKey("deployments.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digest: Mapped[str]
    pipeline: Mapped[Any] = mapped_column(JSON, default=dict)
    root_config: Mapped[Any] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime]


class RunRow(Base):
    """One pass of a flow over a deployment. `id` is the flow's job, `root_job` what was started."""

    __tablename__ = "runs"

    id: Mapped[str] = mapped_column(primary_key=True)
    root_job: Mapped[str] = mapped_column(index=True)
    deployment_id: Mapped[str] = mapped_column(ForeignKey("deployments.id"), index=True)
    kind: Mapped[str]
    pipeline: Mapped[Any] = mapped_column(JSON, default=dict)
    revision: Mapped[int] = mapped_column(default=0)
    changed: Mapped[bool] = mapped_column(default=False)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class PartRow(Base):
    """A deployment that a meta-pipeline made; `run_id` is the job that one began with."""

    __tablename__ = "parts"

    deployment_id: Mapped[str] = mapped_column(ForeignKey("deployments.id"), primary_key=True)
    meta_pipeline: Mapped[str] = mapped_column(index=True)
    run_id: Mapped[str]


class AttemptRow(Base):
    """One request for a machine at a provider; `name` is the machine's there."""

    __tablename__ = "attempts"

    name: Mapped[str] = mapped_column(primary_key=True)
    deployment_id: Mapped[str] = mapped_column(ForeignKey("deployments.id"), index=True)
    number: Mapped[int]
    provider: Mapped[str]
    offer: Mapped[str]
    order_digest: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    machine_id: Mapped[str] = mapped_column(default="")
    hourly_usd: Mapped[float] = mapped_column(default=0.0)
    reason: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class ChargeRow(Base):
    """What a machine costs; `until` is empty while it is paid for.

    `attempt`: the machine that is rented, taken for the revision; '' on one's own.
    """

    __tablename__ = "charges"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    deployment_id: Mapped[str] = mapped_column(ForeignKey("deployments.id"), index=True)
    attempt: Mapped[str] = mapped_column(default="", index=True)
    revision: Mapped[int]
    price: Mapped[Any] = mapped_column(JSON)
    since: Mapped[datetime]
    until: Mapped[datetime | None]


class EventRow(Base):
    __tablename__ = "events"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    deployment_id: Mapped[str] = mapped_column(ForeignKey("deployments.id"), index=True)
    run_id: Mapped[str] = mapped_column(index=True)
    at: Mapped[datetime]
    step: Mapped[str]
    level: Mapped[str]
    message: Mapped[str]
    data: Mapped[Any] = mapped_column(JSON, default=dict)


class OutboxRow(Base):
    """What people were to be told while nobody could be reached."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    deployment_id: Mapped[str] = mapped_column(ForeignKey("deployments.id"), index=True)
    subject: Mapped[str]
    text: Mapped[Any] = mapped_column(JSON, default="")
    at: Mapped[datetime]
