from engine.flow.kinds.base import Leaf, Push, Step, single


class Identity(Leaf):
    async def start(self, step: Step) -> Push:
        previous = step.scope.values["previous_result"]
        return single(
            step.run.child("identity", None, {"previous_result": previous}).end_now(previous)
        )
