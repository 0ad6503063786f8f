"""What the machines of one run may cost together: each takes its part before it is rented."""

from collections.abc import Iterator
from decimal import Decimal

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from ...model.base.errors import WholeIsSpent
from ...model.base.target import RENTED
from ...model.cost.prices import shown, usd
from ..attempts import OPEN
from ..registry import May, Registry
from ..tables import AttemptRow, DeploymentRow, PartRow, RunRow


class Allotments:
    """Of a run that deploys several. Everything is in USD an hour."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def left(self, deployment_id: str, whole: float) -> float:
        """Of what all together may cost: without what the others cost or may still cost."""
        with Session(self._registry.engine) as session:
            return float(max(Decimal(0), self._left(session, deployment_id, whole)))

    def taking(self, deployment_id: str, whole: float, wanted: float) -> May:
        """For `assign_target`, which then keeps what was wanted. It raises WholeIsSpent."""

        def may(session: Session) -> None:
            left = self._left(session, deployment_id, whole)
            if usd(wanted) > left:
                told = {"wanted": shown(wanted), "left": shown(left), "whole": shown(whole)}
                raise WholeIsSpent(**told)

        return may

    def takes(self, deployment_id: str, whole: float, wanted: float) -> bool:
        """Whether it gets so much in place of what it took before; then it has it."""
        try:
            self._registry.allow(deployment_id, wanted, self.taking(deployment_id, whole, wanted))
        except WholeIsSpent:
            return False
        return True

    def _left(self, session: Session, deployment_id: str, whole: float) -> Decimal:
        own = session.get_one(DeploymentRow, deployment_id)
        others = session.scalars(select(DeploymentRow).where(self._together(session, own)))
        return usd(whole) - sum((self._taken(session, own, each) for each in others), Decimal(0))

    def _together(self, session: Session, own: DeploymentRow) -> ColumnElement[bool]:
        """The others that this run deploys, and what its meta-pipeline has besides."""
        root = session.get_one(RunRow, own.run_id).root_job
        of_run = select(RunRow.deployment_id).where(RunRow.root_job == root)
        part = session.get(PartRow, own.id)
        name = part.meta_pipeline if part else None
        parts = select(PartRow.deployment_id).where(PartRow.meta_pipeline == name)
        one_of = or_(DeploymentRow.id.in_(of_run), DeploymentRow.id.in_(parts))
        return one_of & (DeploymentRow.id != own.id)

    def _taken(self, session: Session, own: DeploymentRow, other: DeploymentRow) -> Decimal:
        rented = sum((usd(each) for each in self._rented(session, other)), Decimal(0))
        return max(rented, self._promised(session, own, other))

    def _rented(self, session: Session, other: DeploymentRow) -> Iterator[float]:
        open_ = AttemptRow.deployment_id == other.id, AttemptRow.state.in_(OPEN)
        yield from session.scalars(select(AttemptRow.hourly_usd).where(*open_))

    def _promised(self, session: Session, own: DeploymentRow, other: DeploymentRow) -> Decimal:
        """What a run that is still at it took for this one, and may yet rent for."""
        run = session.get(RunRow, other.run_id)
        root = session.get_one(RunRow, own.run_id).root_job
        if run is None or run.root_job != root or run.finished_at:
            return Decimal(0)
        if not run.revision or other.target not in RENTED:
            return Decimal(0)
        drawing = self._registry.cells.get(run, "pipeline") or {}
        return usd(drawing.get("compute", {}).get("max_hourly_usd") or 0)
