from engine.flow.kinds.base import Batch, End, Push, Step, nothing
from engine.flow.kinds.forloop import iteration_args, skips_failures


class WhileLoop:
    own_stop = True

    async def start(self, step: Step) -> Push | End:
        return self._iteration(Batch(step)) if step.value["modules"] else nothing(step)

    async def proceed(self, step: Step) -> Push | End | None:
        batch = Batch.of(step)
        if batch.open:
            return None
        fine = bool(batch.successes[-1]) or skips_failures(step)
        return await batch.end_or(fine, self._iteration(batch))

    def _iteration(self, batch: Batch) -> Push:
        index, step = len(batch.ids), batch.step
        job = step.run.body(
            step.value["modules"], iteration_args(step, index, index), f"loop-{index}"
        )
        return batch.pushed(
            [job], iterator={"index": index, "itered": []}, parallel=False, while_loop=True
        )
