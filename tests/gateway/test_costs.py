"""What a run's deployments cost, as its status and a person are told."""

from datetime import UTC, datetime, timedelta

from cli.terminal.outputs import cost_lines
from gateway.runs.costs import cost_of
from windmill.scripts.model.base.target import Target
from windmill.scripts.model.drawing.charge import Charge
from windmill.scripts.model.drawing.deployment import Deployment, State

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def deployment(name: str, hourly_usd: float, hours: float, spent_usd: float = 0) -> Deployment:
    began = NOW - timedelta(hours=hours)
    charge = Charge(
        target=Target.runpod, offer="L4", region="EU-RO-1", hourly_usd=hourly_usd, revision=1,
        source="price file", read_on="2026-06-01", since=began,
    )  # fmt: skip
    return Deployment(
        id=name, name=name, state=State.live, charges=(charge,), spent_usd=spent_usd,
        created_at=began, updated_at=began,
    )  # fmt: skip


def test_several_deployments_cost_what_they_cost_together() -> None:
    cost = cost_of([deployment("one", 0.39, 2, spent_usd=1), deployment("two", 1.11, 1)], NOW)
    assert cost is not None
    assert (cost.hourly_usd, cost.so_far_usd) == (1.5, 2.89)


def test_nobody_is_told_a_price_that_nobody_knows() -> None:
    assert cost_of([], NOW) is None
    unpriced = deployment("old", 0, 1).model_copy(update={"charges": ()})
    assert cost_of([unpriced], NOW) is None


def test_a_person_reads_how_much_what_for_and_since_when() -> None:
    cost = cost_of([deployment("one", 0.39, 2)], NOW)
    assert cost is not None
    first, second = cost_lines({"cost": cost.model_dump(mode="json")})
    assert first.split() == ["cost", "0.39", "USD", "an", "hour,", "0.78", "USD", "so", "far"]
    began = (NOW - timedelta(hours=2)).isoformat()[:16]
    assert second.strip() == (
        f"runpod L4 EU-RO-1: 0.39 since {began}Z (price: price file, 2026-06-01)"
    )


def test_what_is_free_is_not_worth_a_line() -> None:
    free = cost_of([deployment("own", 0, 2)], NOW)
    assert free is not None
    assert [*cost_lines({"cost": free.model_dump(mode="json")})] == []
    assert [*cost_lines({"cost": None})] == []
