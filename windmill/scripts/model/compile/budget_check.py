"""Budget gates: the module that refuses before anything is rented."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from ..base.cached_property import lazy
from ..base.windmill_paths import COMPILED
from ..cost.compute_requests import Demand, Demands, added_up
from ..cost.expansion import Level, Levels, rents
from ..drawing.pipeline import Pipeline
from ..entry.entry import Budget, Entry, Step
from ..entry.javascript import Expression, Js, Literal, Scope, collect, listed, transform

GATE, GATE_STEP = "B", "B_"
SCRIPT = f"{COMPILED}/check_budget"
OPEN_TARGET = Js("flow_input.target")
Module = dict[str, Any]
Check = Expression


@dataclass
class Gates:
    """Of one entry's flow; a module holds the checks of one place."""

    entry: Entry
    levels: Levels
    target: Js = OPEN_TARGET
    demands: Demands = field(default_factory=Demands)

    def first(self) -> list[Module]:
        """Before anything else but the question for a target."""
        budget = self._budget
        checks = [self._check(self.entry.key, budget, self.demands.of(self._own))] if budget else []
        return _module(GATE, self.entry.name, checks)

    @lazy
    def _budget(self) -> Budget | None:
        return budget_of(self.entry)

    def before(self, step: Step, scope: Scope) -> list[Module]:
        """Before a step, when the results are there that tell how often it runs."""
        used = self.levels.entries[step.use]
        own = budget_of(used) if used.run else None
        if not (step.budget or own or self._budget):
            return []
        where = f"{self.entry.key}/{step.id}"
        checks: list[Check] = []
        if step.budget:
            checks.append(self._check(where, step.budget, self._of(self._now(step, scope))))
        if own:
            each = [self.demands.of(level.of or level) for level in self._now(step, scope)]
            checks += [self._check(where, own, demands) for demands in each if demands]
        if self._budget and self._is_endless(step):
            others = [level for level in self._own.below if level.step != step]
            known = self._of([*others, *self._now(step, scope)])
            checks.append(self._check(self.entry.key, self._budget, known))
        return _module(f"{GATE_STEP}{step.id}", step.id, checks)

    @lazy
    def _own(self) -> Level:
        return self.levels.of(self.entry.key, self._given, self.target)

    @property
    def _given(self) -> dict[str, Expression]:
        return {name: Js(f"flow_input.{name}") for name in self.entry.inputs}

    def _now(self, step: Step, scope: Scope) -> list[Level]:
        return self.levels.steps(self.entry, step, self._given, self.target, scope)

    def _of(self, levels: Iterable[Level]) -> list[Demand]:
        hours = self.entry.hours
        return added_up(
            replace(demand, path=f"{level.id}/{demand.path}".strip("/"))
            for level in levels
            for demand in self.demands.of(level, hours)
        )

    def _is_endless(self, step: Step) -> bool:
        levels = [level for level in self._own.below if level.step == step]
        return any(demand.endless for demand in self._of(levels))

    def _check(self, where: str, budget: Budget | None, demands: list[Demand]) -> Check:
        assert budget is not None, "only budgets are checked"
        values = [_written(demand, self.entry) for demand in demands]
        plain = {"level": where, "budget": budget.model_dump(mode="json", exclude_none=True)}
        fixed = {name: Literal(value) for name, value in plain.items()}
        return collect({**fixed, "demands": listed(values)})


def budget_of(entry: Entry) -> Budget | None:
    """Its own, and for what it rents itself also what `compute` allows."""
    if entry.budget is None and entry.compute is None:
        return None
    limits = entry.budget or Budget()
    own = entry.compute.max_hourly_usd if entry.compute and rents(entry) else None
    hourly = min((x for x in (limits.max_hourly_usd, own) if x is not None), default=None)
    if hourly is None and limits.max_run_usd is None:
        return None
    return Budget(max_hourly_usd=hourly, max_run_usd=limits.max_run_usd)


def capped(entry: Entry) -> Pipeline:
    """What is drawn, with what its machine may cost an hour whichever target is chosen later."""
    drawn, budget = entry.pipeline, budget_of(entry) or Budget()
    run = budget.max_run_usd
    of_run = run / entry.hours if run is not None and entry.hours else None
    cap = min((x for x in (budget.max_hourly_usd, of_run) if x is not None), default=None)
    compute = drawn.compute.model_copy(update={"max_hourly_usd": cap})
    return drawn.model_copy(update={"compute": compute})


def _module(id: str, name: str, checks: list[Check]) -> list[Module]:
    if not checks:
        return []
    value = {
        "type": "script",
        "path": SCRIPT,
        "input_transforms": {"checks": transform(listed(checks))},
    }
    return [{"id": id, "summary": f"Budget of {name}", "value": value}]


def _written(demand: Demand, entry: Entry) -> Expression:
    plain: dict[str, Any] = {
        "path": demand.path,
        "compute": demand.compute.model_dump(mode="json", exclude_none=True),
        "targets": [target.value for target in demand.targets],
        "hours": demand.hours,
        "endless": demand.endless,
        # A drawn pipeline asks for its target itself, and then heeds `compute.max_hourly_usd`.
        "asks": entry.graph is not None,
    }
    fixed: dict[str, Expression] = {name: Literal(value) for name, value in plain.items()}
    return collect({**fixed, "target": demand.target, "count": demand.count})
