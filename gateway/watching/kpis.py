"""How well the platform does what it promises, each figure beside what is aimed at."""

from collections.abc import Iterable, Sequence
from math import ceil

from pydantic import BaseModel, Field, computed_field

from gateway.state.ratings import Rated
from windmill.scripts.model.drawing.deployment import DeployRun
from windmill.scripts.store.figures.totals import Spent

AIMED_SECONDS = 300.0
AIMED_LIVE_PERCENT = 95.0
AIMED_UPTIME_PERCENT = 99.9
AIMED_SAVINGS_PERCENT = 50.0
AIMED_SATISFACTION = 9.0
PERCENT = 100.0
NINETY_FIFTH = 0.95


class Kpi(BaseModel):
    name: str
    title: str
    value: float | None = Field(description="null where it is not known")
    unit: str
    aim: float
    at_most: bool = Field(description="Whether less is better")
    of: int = Field(default=0, description="How many deploys or services it is taken from")
    unknown_because: str = ""
    fix: str = ""

    @computed_field(description="null where the value is not known")  # type: ignore[prop-decorator]
    @property
    def met(self) -> bool | None:
        if self.value is None:
            return None
        return self.value <= self.aim if self.at_most else self.value >= self.aim


class Kpis(BaseModel):
    days: int
    kpis: list[Kpi]


def of_deploys(runs: Iterable[DeployRun]) -> list[Kpi]:
    """How long those that went live took, and how many did. Waiting for people counts."""
    ended = list(runs)
    seconds = sorted(run.seconds for run in ended if run.went_live)
    nothing = "" if ended else "nothing was deployed in this time"
    return [
        Kpi(
            name="deployment_time",
            title="Time to deploy, 95 of 100",
            value=percentile(seconds, NINETY_FIFTH),
            unit="s",
            aim=AIMED_SECONDS,
            at_most=True,
            of=len(seconds),
            unknown_because=nothing or ("" if seconds else "no deploy went live"),
        ),
        Kpi(
            name="deploys_live",
            title="Deploys that went live",
            value=PERCENT * len(seconds) / len(ended) if ended else None,
            unit="%",
            aim=AIMED_LIVE_PERCENT,
            at_most=False,
            of=len(ended),
            unknown_because=nothing,
        ),
    ]


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """By nearest rank: one of the values, never one between two."""
    return ordered[max(0, ceil(share * len(ordered)) - 1)] if ordered else None


def of_uptime(shares: Sequence[float], unknown_because: str = "", fix: str = "") -> Kpi:
    """`shares`: for each API that was watched, how much of its time it answered, from 0 to 1."""
    return Kpi(
        name="uptime",
        title="Deployments that answered",
        value=PERCENT * sum(shares) / len(shares) if shares else None,
        unit="%",
        aim=AIMED_UPTIME_PERCENT,
        at_most=False,
        of=len(shares),
        unknown_because="" if shares else unknown_because or "nothing was watched in this time",
        fix=fix,
    )


def of_savings(spent: Spent) -> Kpi:
    """Beside the list price of as many of the same GPUs, counted over the same hours."""
    nothing = "nothing that has a list price to compare with was rented in this time"
    return Kpi(
        name="savings",
        title="Saved beside list prices",
        value=None if spent.saved is None else PERCENT * spent.saved,
        unit="%",
        aim=AIMED_SAVINGS_PERCENT,
        at_most=False,
        unknown_because=nothing if spent.saved is None else "",
    )


def of_satisfaction(rated: Rated) -> Kpi:
    return Kpi(
        name="satisfaction",
        title="Satisfaction",
        value=rated.mean,
        unit="of 10",
        aim=AIMED_SATISFACTION,
        at_most=False,
        of=rated.ratings,
        unknown_because="" if rated.ratings else "nobody rated a deployment in this time",
        fix="" if rated.ratings else "mlops rate NAME 9",
    )
