"""Deployed scripts and flows as the jobs that run them."""

import json

from engine.errors import NotFound
from engine.store.items import Version, Versions
from engine.store.jobs import Job


class Runnables:
    def __init__(self, scripts: Versions, flows: Versions) -> None:
        self._scripts, self._flows = scripts, flows

    def job(self, workspace: str, path: str, is_flow: bool, args: str) -> Job:
        """Not in the store yet. Raises NotFound."""
        if is_flow:
            return flow_job(workspace, self.flow(workspace, path), args)
        return script_job(workspace, self.script(workspace, path), args)

    def script(self, workspace: str, path: str) -> Version:
        if script := self._scripts.live(workspace, path):
            return script
        raise NotFound(what=f"script {path}")

    def flow(self, workspace: str, path: str) -> Version:
        if flow := self._flows.live(workspace, path):
            return flow
        raise NotFound(what=f"flow {path}")


def script_job(workspace: str, script: Version, args: str) -> Job:
    doc = script.doc
    return Job(
        workspace,
        "script",
        path=script.path,
        runnable=script.hash,
        args=args,
        language=doc["language"],
        tag=doc.get("tag") or None,
        timeout=doc.get("timeout"),
    )


def flow_job(workspace: str, flow: Version, args: str) -> Job:
    value = json.dumps(flow.doc["value"] | {"preprocessor_module": None})
    return Job(
        workspace,
        "flow",
        path=flow.path,
        runnable=str(flow.seq),
        args=args,
        flow=value,
        tag=flow.doc.get("tag") or None,
    )
