from engine.flow.kinds.base import Batch, End, Push, Step, nothing
from engine.flow.kinds.forloop import iteration_args, skips_failures
from engine.flow.kinds.iteration import iteration


class WhileLoop:
    own_stop = True

    async def start(self, step: Step) -> Push | End:
        return await self._iteration(Batch(step)) if step.value["modules"] else nothing(step)

    async def proceed(self, step: Step) -> Push | End | None:
        batch = Batch.of(step)
        if batch.open:
            return None
        fine = bool(batch.successes[-1]) or skips_failures(step)
        return await batch.end_or(fine, lambda: self._iteration(batch))

    async def _iteration(self, batch: Batch) -> Push:
        index, step = len(batch.ids), batch.step
        job = await iteration(step, iteration_args(step, index, index), index)
        return batch.pushed(
            [job], iterator={"index": index, "itered": []}, parallel=False, while_loop=True
        )
