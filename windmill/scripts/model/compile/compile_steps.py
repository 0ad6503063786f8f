"""The steps of a composite as modules of one flow."""

from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

from ..base.names import dashed
from ..base.reference import Reference, references
from ..base.target import Target
from ..base.windmill_paths import OUTPUTS_SCRIPT, REQUEST_APPROVAL, use_path
from ..cost.expansion import Expansion, may_cost, takes_settings
from ..entry.condition import condition
from ..entry.entry import Approval, Entry, Retry, Step
from ..entry.javascript import (
    Expression,
    Js,
    Literal,
    collect,
    follow,
    javascript,
    literal,
    render,
    script_transform,
    transform,
)
from ..entry.rollup import Rollups
from .ask_target import (
    ASKED_LIMIT,
    ASKED_SETTINGS,
    GIVEN_APPROVE,
    GIVEN_LIMIT,
    GIVEN_SETTINGS,
    TARGET,
    asks,
    is_open,
    limit,
    target_module,
)
from .budget_check import OPEN_TARGET, BudgetChecks
from .compile_leaf import call_scope, leaf_module, output_of, own_scope
from .parallel_order import Block, Parallel, Series, arrange

# Step ids are lower case: whatever we add ourselves begins with a capital.
APPROVAL, WHEN, ITEM, NOTHING, BRANCHES, OUTPUTS = "A_", "W_", "I_", "N_", "P", "Outputs"
ITER = "flow_input.iter"
ONE = "one"
Module = dict[str, Any]


class StepsWriter:
    def __init__(self, entry: Entry, entries: Mapping[str, Entry], rollups: Rollups) -> None:
        self.entry = entry
        self.entries = entries
        self.rollups = rollups
        self.steps = entry.steps_by_id
        self._inputs = own_scope(entry)
        self._numbers = count(1)
        self._asks = asks(entry, rollups)
        self._budget_checks = BudgetChecks(
            entry, Expansion(entries), TARGET if self._asks else OPEN_TARGET, self._said()
        )

    def modules(self) -> list[Module]:
        ran = {
            id: needs
            for id, needs in self.entry.waits_for.items()
            if not self._is_secret(self.steps[id])
        }
        ran = {id: frozenset(need for need in needs if need in ran) for id, needs in ran.items()}
        modules = self._block(arrange(ran)) if ran else []
        asked = [target_module(self.entry)] if self._asks else []
        return [*asked, *self._budget_checks.first(), *modules, *self._outputs()]

    def _said(self) -> str:
        """What it may cost; nobody asks where nothing is deployed on what is paid for."""
        below = self.rollups.below(self.entry)
        if not any(rollup.deploys and may_cost(self.entries[step.use]) for step, rollup in below):
            return ""
        return ASKED_LIMIT if self._asks else GIVEN_LIMIT

    def _is_secret(self, step: Step) -> bool:
        """It is a name, not a job."""
        run = self.entries[step.use].run
        return run is not None and run.secret is not None

    def _block(self, block: Block) -> list[Module]:
        match block:
            case str():
                return self._step(self.steps[block])
            case Series(blocks=blocks):
                return [module for inner in blocks for module in self._block(inner)]
            case Parallel(blocks=blocks):
                return [self._parallel(blocks)]

    def _parallel(self, blocks: tuple[Block, ...]) -> Module:
        id = f"{BRANCHES}{next(self._numbers)}"
        branches = [
            {
                "summary": ", ".join(_ids(inner)),
                "skip_failure": False,
                "modules": self._block(inner),
            }
            for inner in blocks
        ]
        value = {"type": "branchall", "parallel": True, "branches": branches}
        return {"id": id, "summary": "In parallel", "value": value}

    def _step(self, step: Step) -> list[Module]:
        checks = self._budget_checks.before(step, self._scope(step))
        modules = [*checks, *self._approval(step), self._looped(step)]
        if not self._is_conditional(step):
            return modules
        branch = {"summary": str(step.when), "expr": self._when(step), "modules": modules}
        value = {"type": "branchone", "branches": [branch], "default": [_nothing(step.id)]}
        return [{"id": f"{WHEN}{step.id}", "summary": f"{step.id}, when", "value": value}]

    def _is_conditional(self, step: Step) -> bool:
        return step.when not in (None, True) and not self._filters(step)

    def _id(self, step: Step) -> str:
        """What its result is read by: a module of this flow that ends whether it ran or not.

        Windmill looks for an id that did not run here among the steps of whoever called the flow.
        """
        return f"{WHEN}{step.id}" if self._is_conditional(step) else step.id

    def _filters(self, step: Step) -> bool:
        """`when` that looks at each item chooses among the items."""
        return any(each.root == "each" for _, each in references(step.when))

    def _when(self, step: Step, each: str = ITER) -> str:
        if isinstance(step.when, bool):
            return literal(step.when)
        scope = self._scope(step, each)
        return condition(step.when or "true").javascript(
            lambda reference: javascript(scope(reference))
        )

    def _approval(self, step: Step) -> Iterator[Module]:
        if step.approval is None:
            return
        plan = self._planned(step) if self.rollups[step.use].deploys else None
        yield approval_module(step.approval, step.id, f"{self.entry.key}/{step.id}", plan)

    def _planned(self, step: Step) -> Js | None:
        """As JSON: what the approved step will deploy, called as it then is."""
        given = self._arguments(step, self.entries[step.use], ONE)
        calls = f"[{javascript(collect(given))}]"
        if step.for_each is not None:
            varying = {name: value for name, value in given.items() if f"{ONE}." in _code(value)}
            # Windmill waits for results, which it cannot inside a function.
            if any("results." in _code(value) for value in varying.values()):
                return None
            fixed = {name: value for name, value in given.items() if name not in varying}
            each = f"{ONE} => ({{...fixed, ...{javascript(collect(varying))}}})"
            numbered = "" if self._filters(step) else ".map((value, index) => ({value, index}))"
            listed = f"{javascript(self._items(step))}, {javascript(collect(fixed))}"
            calls = f"((items, fixed) => items{numbered}.map({each}))({listed})"
        return Js(f"JSON.stringify({{entry: {literal(step.use)}, calls: {calls}}})")

    def _looped(self, step: Step) -> Module:
        if step.for_each is None:
            return self._call(step, step.id)
        value: Module = {
            "type": "forloopflow",
            "iterator": transform(self._items(step)),
            "parallel": True,
            "skip_failures": False,
            "modules": [self._call(step, f"{ITEM}{step.id}")],
        }
        if step.max_parallel:
            value["parallelism"] = step.max_parallel
        return {"id": step.id, "summary": step.summary or step.id, "value": value}

    def _items(self, step: Step) -> Expression:
        items = render(step.for_each, self._scope(step))
        if isinstance(items, Js):
            items = Js(f"{items.text} ?? []") if not self._filters(step) else items
        if not self._filters(step):
            return items
        keep = self._when(step, each="each")
        numbered = f"({javascript(items)} ?? []).map((value, index) => ({{value, index}}))"
        return Js(f"{numbered}.filter(each => {keep})")

    def _call(self, step: Step, id: str) -> Module:
        used = self.entries[step.use]
        if used.run is not None:
            scope = call_scope(used, step.with_, self._scope(step))
            module = leaf_module(used, id, scope)
        else:
            value = {"type": "flow", "path": use_path(step.use)}
            given = {name: transform(value) for name, value in self._arguments(step, used).items()}
            module = {"id": id, "summary": "", "value": {**value, "input_transforms": given}}
        module["summary"] = step.summary or used.summary or step.id
        module.update(_limits(step, used))
        return module

    def _arguments(self, step: Step, used: Entry, each: str = "") -> dict[str, Expression]:
        """`each`: what the item of a loop is called, where that is not the loop's own word."""
        scope = self._scope(step, each)
        given = {name: render(value, scope) for name, value in step.with_.items()}
        if not self.rollups[step.use].deploys:
            return given
        settings = given.get("target_settings") or self._settings(step)
        return {
            **given,
            "target": TARGET if self._asks and is_open(step) else self._target(given),
            **({"target_settings": settings} if settings and takes_settings(used) else {}),
            **({"max_hourly_usd": self._limit(step, given)} if may_cost(used) else {}),
            "approve": given.get("approve") or GIVEN_APPROVE,
            "name": given.get("name") or self._name(step, each or self._each(step)),
        }

    def _target(self, given: dict[str, Expression]) -> Expression:
        if "target" in given:
            return given["target"]
        if self.entry.target and self.entry.target != Target.auto:
            return Literal(self.entry.target.value)
        default = self.entry.inputs.get("target", {}).get("default") or self.entry.target
        return Js(f"flow_input.target ?? {literal(default)}")

    def _settings(self, step: Step) -> Expression | None:
        if not takes_settings(self.entry):
            return None
        return ASKED_SETTINGS if self._asks and is_open(step) else GIVEN_SETTINGS

    def _limit(self, step: Step, given: dict[str, Expression]) -> Expression:
        """Of each machine; the check that the flow begins with adds them up."""
        if "max_hourly_usd" in given:
            return given["max_hourly_usd"]
        said = ASKED_LIMIT if self._asks and is_open(step) else GIVEN_LIMIT
        limits = [each.max_hourly_usd for each in (self.entry.budget, step.budget) if each]
        own = min((each for each in limits if each is not None), default=None)
        return limit(said, own)

    def _name(self, step: Step, each: str) -> Expression:
        """Of deployments below: told apart by the way that leads to them."""
        own = f"(flow_input.name ?? {literal(self.entry.name)}) + {literal('-' + dashed(step.id))}"
        return Js(f'{own} + "-" + {each}.index' if step.for_each is not None else own)

    def _each(self, step: Step) -> str:
        return f"{ITER}.value" if self._filters(step) else ITER

    def _scope(self, step: Step | None, each: str = "") -> Any:
        def scope(reference: Reference) -> Expression:
            if reference.root == "inputs":
                return self._inputs(reference)
            if reference.root == "steps":
                return self._result(reference)
            loop = each or (self._each(step) if step else ITER)
            return follow(Js(f"{loop}.{reference.head}"), reference.path[1:])

        return scope

    def _result(self, reference: Reference) -> Expression:
        step = self.steps[reference.head]
        used = self.entries[step.use]
        if step.for_each is None or self._is_secret(step):
            return self._output(
                reference, used, Js(f"results.{self._id(step)}"), step.when is not None
            )
        each = javascript(self._output(reference, used, Js("each"), True))
        return Js(f"(results.{self._id(step)} ?? []).map(each => {each} ?? null)")

    def _output(self, reference: Reference, used: Entry, result: Js, maybe: bool) -> Expression:
        if len(reference.path) == 1:
            return self._all_outputs(used, result)
        name, rest = str(reference.path[1]), reference.path[2:]
        if used.steps is None:
            return follow(output_of(used, name, result), rest)
        if maybe or rest:
            return follow(result, reference.path[1:])
        return Js(f"{result.text}.{name}")

    def _all_outputs(self, used: Entry, result: Js) -> Expression:
        if used.steps is not None or not used.outputs:
            return result
        return collect({name: output_of(used, name, result) for name in used.outputs})

    def _outputs(self) -> list[Module]:
        """The last module's result is the flow's."""
        outputs = self.entry.outputs
        if not outputs:
            return []
        scope = self._scope(None)
        values = collect({name: render(output.value, scope) for name, output in outputs.items()})
        value = {
            "type": "script",
            "path": OUTPUTS_SCRIPT,
            "input_transforms": {"values": script_transform(values)},
        }
        return [{"id": OUTPUTS, "summary": "Outputs", "value": value}]


def _code(expression: Expression) -> str:
    """Its code; nothing where it is plain data."""
    return expression.text if isinstance(expression, Js) else ""


def _ids(block: Block) -> Iterator[str]:
    if isinstance(block, str):
        yield block
    else:
        for inner in block.blocks:
            yield from _ids(inner)


def _nothing(id: str) -> Module:
    """Null, without a job. An empty branch would hand on what the step before it gave."""
    value = {"type": "identity"}
    return {
        "id": f"{NOTHING}{id}",
        "summary": f"Not {id}",
        "mock": {"enabled": True},
        "value": value,
    }


def approval_module(approval: Approval, id: str, where: str, plan: Js | None = None) -> Module:
    """A flow waits after the step that suspends it, so one stands before what is approved."""
    given: dict[str, Expression] = {"message": Literal(approval.message), "step": Literal(where)}
    if plan:
        given["plan"] = plan
    if approval.timeout != Approval().timeout:
        given["seconds"] = Literal(approval.timeout)
    value = {
        "type": "script",
        "path": REQUEST_APPROVAL,
        "input_transforms": {name: transform(each) for name, each in given.items()},
    }
    suspend = {"required_events": approval.required, "timeout": approval.timeout}
    return {
        "id": f"{APPROVAL}{id}",
        "summary": f"Approve {id}",
        "value": value,
        "suspend": suspend,
    }


def _limits(step: Step, used: Entry) -> Module:
    limits: Module = {}
    retry: Retry | None = step.retry or used.retry
    if retry:
        limits["retry"] = {"constant": {"attempts": retry.attempts, "seconds": retry.seconds}}
    if timeout := step.timeout or used.timeout:
        limits["timeout"] = timeout
    return limits
