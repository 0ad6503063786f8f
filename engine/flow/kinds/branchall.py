from engine.flow.kinds.base import Batch, End, Push, Step, nothing
from engine.store.jobs import Job


class BranchAll:
    own_stop = True

    async def start(self, step: Step) -> Push | End:
        count = len(step.value["branches"])
        if not count:
            return nothing(step)
        parallel = bool(step.value.get("parallel", True))
        jobs = [self._branch(step, index) for index in range(count if parallel else 1)]
        return Batch(step).pushed(
            jobs, parallel=parallel, branchall={"branch": len(jobs) - 1, "len": count}
        )

    def _branch(self, step: Step, index: int) -> Job:
        modules = step.value["branches"][index]["modules"]
        return step.run.body(modules, step.run.args, f"branchall-{index}")

    async def proceed(self, step: Step) -> Push | End | None:
        batch = Batch.of(step)
        if batch.open:
            return None
        branches = step.value["branches"]
        fine = all(
            ok or branch.get("skip_failure")
            for ok, branch in zip(batch.successes, branches, strict=False)
        )
        following = len(batch.ids)
        if not fine or following == len(branches):
            return batch.end(fine)
        if stopped := batch.stopped():
            return End(fine, batch.state(), stopped=stopped)
        place = {"branch": following, "len": len(branches)}
        return batch.pushed([self._branch(step, following)], branchall=place)
