import json

from engine.errors import JobError
from engine.flow.kinds.base import Leaf, Push, Step, single
from engine.flow.run import transformed


class SubFlow(Leaf):
    async def start(self, step: Step) -> Push:
        path = step.value["path"]
        found = step.flows.live(step.run.job.workspace, path)
        if found is None:
            raise JobError("NotFound", f"flow {path} is not deployed")
        args = await transformed(step.value.get("input_transforms"), step.scope)
        flow = json.dumps(found.doc["value"])
        return single(step.run.child("flow", path, args, runnable=str(found.seq), flow=flow))
