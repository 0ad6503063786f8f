"""One turn of a loop: a flow of its own, or in a deployed flow the plain step it consists of."""

from dataclasses import replace

from engine.errors import StepFailed
from engine.flow.kinds.base import Kind, Push, Step
from engine.flow.kinds.rawscript import RawScript
from engine.flow.kinds.script import Script
from engine.flow.run import Doc
from engine.store.jobs import Job

_PLAIN: dict[str, Kind] = {"script": Script(), "rawscript": RawScript()}
_SAYS_NOTHING = {"id", "value", "summary"}


async def iteration(step: Step, args: Doc, index: int) -> Job:
    modules: list[Doc] = step.value["modules"]
    if _unwrapped(step, modules):
        return await _plain_step(step, modules[0], args)
    return step.run.body(modules, args, f"loop-{index}")


def _unwrapped(step: Step, modules: list[Doc]) -> bool:
    if step.run.job.kind == "flowpreview" or step.run.value.get("failure_module"):
        return False
    module = modules[0]
    says = {key for key, value in module.items() if value} - _SAYS_NOTHING
    return len(modules) == 1 and not says and module["value"]["type"] in _PLAIN


async def _plain_step(step: Step, module: Doc, args: Doc) -> Job:
    """Its job goes by the id of the loop."""
    run = replace(step.run, args=args)
    inner = replace(step, run=run, module=module)
    inner.scope = step.results.scope(run).with_values(previous_result=args)
    kind = module["value"]["type"]
    try:
        started = await _PLAIN[kind].start(inner)
    except StepFailed as error:
        failed = run.child("script", module["value"].get("path"), {})
        return failed.end_now(error.as_result(), success=False)
    assert isinstance(started, Push)
    return started.jobs[0]
