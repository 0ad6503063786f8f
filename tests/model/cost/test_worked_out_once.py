"""What is worked out once is never told of another: Python gives the place of what is gone to what
comes next, so that the `id` of one is the `id` of the other.
"""

from typing import Any

from windmill.scripts.model.base.target import Target
from windmill.scripts.model.cost.compute_requests import ComputeRequests
from windmill.scripts.model.cost.cost import Pricing
from windmill.scripts.model.cost.expansion import Level
from windmill.scripts.model.cost.offer import Offer
from windmill.scripts.model.cost.prices import usd
from windmill.scripts.model.drawing.pipeline import Compute
from windmill.scripts.model.entry.entry import Entry
from windmill.scripts.model.entry.javascript import Literal


def entry(**fields: Any) -> Entry:
    return Entry.model_validate({"kind": "playbook", "name": "x", "run": {"script": "x"}, **fields})


def level(cpus: int) -> Level:
    return Level("playbooks/x", entry(compute={"cpus": cpus}), Literal("local"))


class ByCpus:
    """A dollar an hour for each."""

    def offers(self, compute: Compute) -> list[Offer]:
        hourly = float(compute.cpus or 0)
        return [Offer(target=Target.local, name="x", hourly_usd=hourly, source="x")]


def test_what_levels_ask_for_is_their_own() -> None:
    requests = ComputeRequests()
    asked = [requests.of(level(cpus))[0].compute.cpus for cpus in range(1, 50)]
    assert asked == list(range(1, 50))


def test_what_levels_cost_is_their_own() -> None:
    pricing = Pricing(ByCpus())
    costs = [pricing.of(level(cpus)).one.hourly for cpus in range(1, 50)]
    assert costs == [usd(cpus) for cpus in range(1, 50)]


def test_a_changed_copy_works_out_anew() -> None:
    steps = [{"id": "a", "use": "playbooks/x"}, {"id": "b", "use": "playbooks/x", "needs": ["a"]}]
    both = entry(kind="meta-pipeline", run=None, steps=steps)
    assert both.waits_for == {"a": frozenset(), "b": {"a"}}
    assert both.key == "meta-pipelines/x"
    one = both.model_copy(update={"steps": both.steps[:1] if both.steps else (), "name": "y"})
    assert (one.key, one.waits_for) == ("meta-pipelines/y", {"a": frozenset()})
    assert one.steps_by_id.keys() == {"a"}
