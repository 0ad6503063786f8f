"""What machines cost, in figures and in sentences that people are sent."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from pydantic import BaseModel, Field

from windmill.scripts.model.drawing.deployment import Deployment
from windmill.scripts.store.figures.totals import Spent

HOURS_OF_A_MONTH = 730
CENTS = 2
MOST_TOLD = 20


class DeploymentCost(BaseModel):
    name: str
    target: str
    state: str
    hourly_usd: float
    so_far_usd: float


class CostReport(BaseModel):
    days: int
    spent_usd: float = Field(description="In these days, what is destroyed by now too")
    hourly_usd: float = Field(description="What machines cost now")
    saved_percent: float | None = Field(
        description="Beside list prices of the same GPUs; null where none is known"
    )
    deployments: list[DeploymentCost] = Field(description="What costs now, the dearest first")
    subject: str
    text: str = Field(description="The same in sentences")


def cost_report(found: Iterable[Deployment], spent: Spent, now: datetime, days: int) -> CostReport:
    costs = sorted(
        (_cost(each, now) for each in found if each.hourly_usd),
        key=lambda cost: (-cost.hourly_usd, cost.name),
    )
    hourly = round(sum(each.hourly_usd for each in costs), 4)
    saved = None if spent.saved is None else round(100 * spent.saved, 1)
    return CostReport(
        days=days,
        spent_usd=round(spent.usd, CENTS),
        hourly_usd=hourly,
        saved_percent=saved,
        deployments=costs,
        subject=f"Costs: {spent.usd:.2f} USD in {days} days",
        text="\n".join(_lines(costs, spent, hourly, saved, days)),
    )


def _cost(deployment: Deployment, now: datetime) -> DeploymentCost:
    return DeploymentCost(
        name=deployment.name,
        target=deployment.target or "",
        state=deployment.state,
        hourly_usd=round(deployment.hourly_usd, 4),
        so_far_usd=round(deployment.cost_so_far(now), CENTS),
    )


def _lines(
    costs: Sequence[DeploymentCost], spent: Spent, hourly: float, saved: float | None, days: int
) -> Iterator[str]:
    yield f"{spent.usd:.2f} USD were spent in {days} days."
    if saved is not None:
        yield f"That is {abs(saved):g} % {'less' if saved >= 0 else 'more'} than list prices."
    if not costs:
        yield "Nothing costs money now."
        return
    month = hourly * HOURS_OF_A_MONTH
    yield f"What runs costs {hourly:.2f} USD an hour, {month:.0f} USD in a month:"
    for each in costs[:MOST_TOLD]:
        told = f"{each.hourly_usd:.2f} USD an hour, {each.so_far_usd:.2f} USD so far"
        yield f"{each.name} ({each.state} on {each.target}): {told}"
    if len(costs) > MOST_TOLD:
        yield f"and {len(costs) - MOST_TOLD} more"
