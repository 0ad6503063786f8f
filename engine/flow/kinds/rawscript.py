from engine.flow.kinds.base import Leaf, Push, Step, single
from engine.flow.run import transformed


class RawScript(Leaf):
    async def start(self, step: Step) -> Push:
        args = await transformed(step.value.get("input_transforms"), step.scope)
        kind = "preview" if step.run.job.kind == "flowpreview" else "flowscript"
        job = step.run.child(
            kind,
            step.value.get("path") or step.run.inline_path(),
            args,
            step.value.get("tag"),
            code=step.value["content"],
            lock=step.value.get("lock"),
            language=step.value["language"],
        )
        job.timeout = await step.timeout()
        return single(step.reused(job, None))
