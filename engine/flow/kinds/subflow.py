import json

from engine.errors import CannotStart
from engine.flow.kinds.base import Leaf, Push, Step, single
from engine.flow.run import transformed


class SubFlow(Leaf):
    async def start(self, step: Step) -> Push:
        path = step.value["path"]
        found = step.flows.live(step.run.job.workspace, path)
        if found is None:
            raise CannotStart(f"Not found: flow not found at name {path}")
        args = await transformed(step.value.get("input_transforms"), step.scope)
        value = found.doc["value"] | {"preprocessor_module": None}
        job = step.run.child("flow", path, args, runnable=str(found.seq), flow=json.dumps(value))
        return single(step.reused(job, value.get("cache_ttl")))
