from engine.errors import PredicateFailed, StepFailed
from engine.flow.expressions import is_true
from engine.flow.kinds.base import End, Leaf, Push, Step, single, stopped_early
from engine.flow.run import Doc


class BranchOne(Leaf):
    async def start(self, step: Step) -> Push:
        try:
            chosen, modules, name = await self._choose(step)
        except PredicateFailed as error:
            raise StepFailed(error.name, str(error)) from error
        if modules:
            job = step.run.body(modules, step.run.args, f"branchone-{name}")
        else:
            previous = step.scope.values["previous_result"]
            job = step.run.child("identity", None, {"previous_result": previous}).end_now(previous)
        return single(job, branch_chosen=chosen)

    async def _choose(self, step: Step) -> tuple[Doc, list[Doc], str]:
        for index, branch in enumerate(step.value["branches"]):
            if await is_true(branch.get("expr", ""), step.predicate):
                return {"type": "branch", "branch": index}, branch["modules"], str(index)
        return {"type": "default"}, step.value.get("default") or [], "default"

    async def proceed(self, step: Step) -> Push | End | None:
        end = await super().proceed(step)
        if isinstance(end, End) and (child := step.jobs.get(step.state["job"])):
            end.stopped = stopped_early(child)
        return end
