import json

from engine.errors import JobError
from engine.flow.kinds.base import Batch, End, Push, Step, nothing
from engine.flow.run import Doc, transform
from engine.store.jobs import Job


class ForLoop:
    own_stop = True

    async def start(self, step: Step) -> Push | End:
        items = await transform(step.value["iterator"], step.scope)
        if not isinstance(items, list):
            raise JobError(
                "ExecutionErr",
                f"Expected an array value in the iterator expression, found: {json.dumps(items)}",
            )
        if not items:
            return nothing(step, iterator={"index": 0, "itered": []})
        parallel = bool(step.value.get("parallel"))
        width = (step.value.get("parallelism") or len(items)) if parallel else 1
        jobs = [self.iteration(step, index, item) for index, item in enumerate(items[:width])]
        return Batch(step).pushed(
            jobs, parallel=parallel, iterator={"index": len(jobs) - 1, "itered": items}
        )

    def iteration(self, step: Step, index: int, item: object) -> Job:
        return step.run.body(
            step.value["modules"], iteration_args(step, index, item), f"forloop-{index}"
        )

    async def proceed(self, step: Step) -> Push | End | None:
        batch = Batch.of(step)
        return self._parallel(batch) if step.state["parallel"] else await self._sequential(batch)

    async def _sequential(self, batch: Batch) -> Push | End | None:
        if batch.open:
            return None
        fine = bool(batch.successes[-1]) or skips_failures(batch.step)
        last = len(batch.ids) == len(batch.step.state["iterator"]["itered"])
        if not fine or last or await batch.leaves_loop():
            return End(fine, batch.state())
        return self._next(batch, 1)

    def _parallel(self, batch: Batch) -> Push | End | None:
        items = batch.step.state["iterator"]["itered"]
        free = (batch.step.value.get("parallelism") or len(items)) - batch.open
        if len(batch.ids) < len(items):
            return self._next(batch, free) if free > 0 else None
        if batch.open:
            return None
        return End(all(batch.successes) or skips_failures(batch.step), batch.state())

    def _next(self, batch: Batch, count: int) -> Push:
        items, first = batch.step.state["iterator"]["itered"], len(batch.ids)
        jobs = [
            self.iteration(batch.step, i, item)
            for i, item in enumerate(items[first : first + count], first)
        ]
        iterator = {"index": first + len(jobs) - 1, "itered": items}
        return batch.pushed(jobs, iterator=iterator)


def skips_failures(step: Step, default: bool = True) -> bool:
    return bool(step.value.get("skip_failures", default))


def iteration_args(step: Step, index: int, item: object) -> Doc:
    outer = {"iter_parent": step.run.args["iter"]} if "iter" in step.run.args else {}
    return step.run.args | outer | {"iter": {"index": index, "value": item}}
