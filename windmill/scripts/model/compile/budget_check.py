"""Budget checks: the module that refuses before anything is rented."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from ..base.cached_property import cached_property
from ..base.windmill_paths import CHECK_BUDGET, ENTRY_CHECK
from ..cost.compute_requests import ComputeRequest, ComputeRequests, added_up
from ..cost.expansion import Expansion, Level, rents
from ..drawing.pipeline import Pipeline
from ..entry.entry import Budget, Entry, Step
from ..entry.javascript import Expression, Js, Literal, Scope, collect, listed, script_transform
from .ask_target import limit

STEP_CHECK, WHOLE_CHECK = "B_", "BA_"
OPEN_TARGET = Js("flow_input.target")
Module = dict[str, Any]
Check = Expression


@dataclass
class BudgetChecks:
    """Of one entry's flow; a module holds the checks of one place.

    `said`: what its caller says that all of it may cost an hour together; empty where nobody asks.
    """

    entry: Entry
    expansion: Expansion
    target: Js = OPEN_TARGET
    said: str = ""
    requests: ComputeRequests = field(default_factory=ComputeRequests)

    def first(self) -> list[Module]:
        """Before anything else but the question for a target."""
        if not self._is_limited:
            return []
        check = self._check(self.entry.key, self._budget, self.requests.of(self._own), self.said)
        return self._of_caller(_module(ENTRY_CHECK, self.entry.name, [check]))

    @cached_property
    def _is_limited(self) -> bool:
        return bool(self._budget or self.said)

    def _of_caller(self, modules: list[Module]) -> list[Module]:
        """Without a budget it looks at nothing where its caller says nothing."""
        if self._budget:
            return modules
        return [{**module, "skip_if": {"expr": f"({self.said}) == null"}} for module in modules]

    @cached_property
    def _budget(self) -> Budget | None:
        return budget_of(self.entry)

    def before(self, step: Step, scope: Scope) -> list[Module]:
        """Before a step, when the results are there that tell how often it runs."""
        used = self.expansion.entries[step.use]
        own = budget_of(used) if used.run else None
        if not (step.budget or own or self._is_limited):
            return []
        where = f"{self.entry.key}/{step.id}"
        checks: list[Check] = []
        if step.budget:
            checks.append(self._check(where, step.budget, self._of(self._now(step, scope))))
        if own:
            each = [self.requests.of(level.of or level) for level in self._now(step, scope)]
            checks += [self._check(where, own, requests) for requests in each if requests]
        whole = [*self._again(step, scope)]
        id, title = f"{STEP_CHECK}{step.id}", step.id
        if self._budget:
            return _module(id, title, [*checks, *whole])
        again = _module(f"{WHOLE_CHECK}{step.id}", title, whole)
        return [*_module(id, title, checks), *self._of_caller(again)]

    def _again(self, step: Step, scope: Scope) -> Iterator[Check]:
        """Of the whole entry, where nobody could tell before how often this step runs."""
        if self._is_limited and self._is_endless(step):
            others = [level for level in self._own.below if level.step != step]
            requests = self._of([*others, *self._now(step, scope)])
            yield self._check(self.entry.key, self._budget, requests, self.said)

    @cached_property
    def _own(self) -> Level:
        return self.expansion.of(self.entry.key, self._given, self.target)

    @property
    def _given(self) -> dict[str, Expression]:
        return {name: Js(f"flow_input.{name}") for name in self.entry.inputs}

    def _now(self, step: Step, scope: Scope) -> list[Level]:
        return self.expansion.steps(self.entry, step, self._given, self.target, scope)

    def _of(self, levels: Iterable[Level]) -> list[ComputeRequest]:
        hours = self.entry.hours
        return added_up(
            replace(request, path=f"{level.id}/{request.path}".strip("/"))
            for level in levels
            for request in self.requests.of(level, hours)
        )

    def _is_endless(self, step: Step) -> bool:
        levels = [level for level in self._own.below if level.step == step]
        return any(request.endless for request in self._of(levels))

    def _check(
        self, where: str, budget: Budget | None, requests: list[ComputeRequest], said: str = ""
    ) -> Check:
        limits = budget or Budget()
        hourly: Expression = Literal(limits.max_hourly_usd)
        return collect(
            {
                "level": Literal(where),
                "budget": collect(
                    {
                        "max_hourly_usd": limit(said, limits.max_hourly_usd) if said else hourly,
                        "max_run_usd": Literal(limits.max_run_usd),
                    }
                ),
                "requests": listed([_written(request, self.entry) for request in requests]),
            }
        )


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
        "path": CHECK_BUDGET,
        "input_transforms": {"checks": script_transform(listed(checks))},
    }
    return [{"id": id, "summary": f"Budget of {name}", "value": value}]


def _written(request: ComputeRequest, entry: Entry) -> Expression:
    plain: dict[str, Any] = {
        "path": request.path,
        "compute": request.compute.model_dump(mode="json", exclude_none=True),
        "targets": [target.value for target in request.targets],
        "hours": request.hours,
        "endless": request.endless,
        # A drawn pipeline asks for its target itself, and then heeds `compute.max_hourly_usd`.
        "asks": entry.graph is not None,
    }
    fixed: dict[str, Expression] = {name: Literal(value) for name, value in plain.items()}
    return collect({**fixed, "target": request.target, "count": request.count})
