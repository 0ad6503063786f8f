from engine.errors import CannotStart
from engine.flow.kinds.base import Leaf, Push, Step, single
from engine.flow.run import transformed


class Script(Leaf):
    async def start(self, step: Step) -> Push:
        path, workspace = step.value["path"], step.run.job.workspace
        hash_ = step.value.get("hash")
        found = (
            step.scripts.by_hash(workspace, hash_) if hash_ else step.scripts.live(workspace, path)
        )
        if found is None:
            raise CannotStart(f"Not found: script not found at name {hash_ or path}")
        args = await transformed(step.value.get("input_transforms"), step.scope)
        job = step.run.child(
            "script",
            path,
            args,
            step.value.get("tag_override") or found.doc.get("tag"),
            runnable=found.hash,
            language=found.doc.get("language"),
        )
        job.timeout = await step.timeout() or found.doc.get("timeout")
        return single(step.reused(job, found.doc.get("cache_ttl")))
