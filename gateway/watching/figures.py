"""What is deployed, what it costs and how deploys went, as Prometheus' numbers.

Labels are targets, states and outcomes, of which there are a dozen: never a name of somebody's.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from gateway.state.ratings import Rated
from windmill.scripts.model.drawing.deployment import DeployRun
from windmill.scripts.store.figures.totals import Spent, Totals

BUCKETS = (15, 30, 60, 120, 180, 300, 600, 1200, 3600)
# What ended longest ago is counted from here at a start: a counter may begin anywhere.
REMEMBERED = timedelta(days=30)
# A run that ended may be committed after one that ended later.
LATE = timedelta(minutes=5)


@dataclass
class DeployCounts:
    """Each run once, however often it is read."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    counted: dict[str, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._ended = Counter(
            "mlops_deploys", "deploys that ended", ("target", "outcome"), registry=self.registry
        )
        self._seconds = Histogram(
            "mlops_deploy_seconds",
            "from a deploy's first step until it was live",
            ("target",),
            buckets=BUCKETS,
            registry=self.registry,
        )

    def since(self, now: datetime) -> datetime:
        """From when on runs are to be read."""
        return max(self.counted.values(), default=now - REMEMBERED + LATE) - LATE

    def count(self, runs: Iterable[DeployRun]) -> None:
        for run in runs:
            if run.id not in self.counted:
                self.counted[run.id] = run.finished_at
                self._count(run)
        self._forget()

    def _count(self, run: DeployRun) -> None:
        target = run.target or "none"
        self._ended.labels(target, "live" if run.went_live else "not_live").inc()
        if run.went_live:
            self._seconds.labels(target).observe(run.seconds)

    def _forget(self) -> None:
        """Those that are not read again."""
        needed = self.since(datetime.now(UTC))
        self.counted = {id: at for id, at in self.counted.items() if at >= needed}


@dataclass(frozen=True, eq=False)
class Now(Collector):
    """`waiting_since`: of jobs without a worker; None where Windmill does not answer."""

    totals: Totals
    waiting_since: Sequence[datetime] | None
    at: datetime
    rated: Rated

    def collect(self) -> Iterator[Metric]:
        yield from (_states(self.totals), _hourly(self.totals), *_spent(self.totals.spent))
        yield from _ratings(self.rated)
        up = self.waiting_since is not None
        yield GaugeMetricFamily("windmill_up", "whether Windmill answers", value=up)
        if self.waiting_since is not None:
            yield from self._queue(self.waiting_since)

    def _queue(self, since: Sequence[datetime]) -> Iterator[Metric]:
        oldest = (self.at - min(since, default=self.at)).total_seconds()
        yield GaugeMetricFamily("windmill_jobs_waiting", "jobs without a worker", value=len(since))
        yield GaugeMetricFamily(
            "windmill_oldest_wait_seconds", "how long the first of them waits", value=oldest
        )


def _states(found: Totals) -> Metric:
    family = GaugeMetricFamily("mlops_deployments", "deployments", labels=("state", "target"))
    for state, target, number in found.states:
        family.add_metric([state, target or "none"], number)
    return family


def _hourly(found: Totals) -> Metric:
    family = GaugeMetricFamily(
        "mlops_cost_per_hour_usd", "what machines cost now", labels=("target",)
    )
    for target, usd in found.hourly_usd:
        family.add_metric([target or "none"], usd)
    return family


def _spent(spent: Spent) -> Iterator[Metric]:
    compared = "of that, what a list price of the same GPUs is known for"
    listed = "what those would have cost at that price"
    yield CounterMetricFamily("mlops_cost_usd", "what machines did cost", value=spent.usd)
    yield CounterMetricFamily("mlops_compared_cost_usd", compared, value=spent.compared_usd)
    yield CounterMetricFamily("mlops_list_cost_usd", listed, value=spent.list_usd)


def _ratings(rated: Rated) -> Iterator[Metric]:
    yield CounterMetricFamily("mlops_ratings", "ratings of deployments", value=rated.ratings)
    yield CounterMetricFamily(
        "mlops_rating_points", "from 1 to 10 each, together", value=rated.points
    )


def as_text(counts: DeployCounts, now: Now) -> bytes:
    registry = CollectorRegistry()
    registry.register(now)
    return generate_latest(registry) + generate_latest(counts.registry)
