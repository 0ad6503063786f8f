from typing import Any

from engine.errors import CannotStart, ExpressionFailed
from engine.flow.kinds.base import Batch, End, Push, Step, nothing
from engine.flow.kinds.iteration import iteration
from engine.flow.run import Doc, kind_of, transform
from engine.store.jobs import Job


class ForLoop:
    own_stop = True

    async def start(self, step: Step) -> Push | End:
        items = await _items(step)
        if not items or not step.value["modules"]:
            return nothing(step, iterator={"index": 0, "itered": []})
        width = await _width(step, len(items))
        jobs = await _iterations(step, items, 0, width)
        return Batch(step).pushed(
            jobs,
            parallel=bool(step.value.get("parallel")),
            width=width,
            iterator={"index": len(jobs) - 1, "itered": items},
        )

    async def proceed(self, step: Step) -> Push | End | None:
        batch = Batch.of(step)
        parallel = step.state["parallel"]
        return await (self._parallel(batch) if parallel else self._sequential(batch))

    async def _sequential(self, batch: Batch) -> Push | End | None:
        if batch.open:
            return None
        fine = bool(batch.successes[-1]) or skips_failures(batch.step)
        last = len(batch.ids) == len(batch.step.state["iterator"]["itered"])
        return await batch.end_or(fine, None if last else lambda: self._next(batch, 1))

    async def _parallel(self, batch: Batch) -> Push | End | None:
        free = batch.step.state["width"] - batch.open
        if len(batch.ids) < len(batch.step.state["iterator"]["itered"]):
            return await self._next(batch, free) if free > 0 else None
        if batch.open:
            return None
        return batch.end(all(batch.successes) or skips_failures(batch.step))

    async def _next(self, batch: Batch, count: int) -> Push:
        items, first = batch.step.state["iterator"]["itered"], len(batch.ids)
        jobs = await _iterations(batch.step, items, first, count)
        iterator = {"index": first + len(jobs) - 1, "itered": items}
        return batch.pushed(jobs, iterator=iterator)


async def _iterations(step: Step, items: list[Any], first: int, count: int) -> list[Job]:
    numbered = enumerate(items[first : first + count], first)
    return [
        await iteration(step, iteration_args(step, index, item), index) for index, item in numbered
    ]


async def _items(step: Step) -> list[Any]:
    try:
        items = await transform(step.value["iterator"], step.scope)
    except ExpressionFailed as error:
        raise CannotStart(f"Error: {error.why}") from error
    if not isinstance(items, list):
        found = f"invalid type: {kind_of(items)}, expected a sequence"
        raise CannotStart(f"Expected an array value in the iterator expression, found: {found}")
    return items


async def _width(step: Step, count: int) -> int:
    """How many iterations may run at once."""
    if not step.value.get("parallel"):
        return 1
    return await step.whole(step.value.get("parallelism"), "u16") or count


def skips_failures(step: Step) -> bool:
    return bool(step.value.get("skip_failures"))


def iteration_args(step: Step, index: int, item: object) -> Doc:
    """The loops around this one are `iter_parent` and, one further out, `iter_parent_parent`."""
    given = step.run.args
    outer = {
        name: given[source]
        for name, source in (("iter_parent", "iter"), ("iter_parent_parent", "iter_parent"))
        if source in given
    }
    return given | outer | {"iter": {"index": index, "value": item}}
