"""A flow job in hand: its definition, its status, and how its steps become jobs."""

import copy
import json
import time
from dataclasses import dataclass
from typing import Any

from engine.errors import CannotStart, ExpressionFailed, StepFailed
from engine.flow.expressions import Scope, evaluate
from engine.store.jobs import Job, Jobs
from engine.store.text import UNSTORABLE, storable
from engine.values import Values

Doc = dict[str, Any]
NIL = "00000000-0000-0000-0000-000000000000"
PREVIEW = "tmp/main"
STARTED = ("WaitingForExecutor", "InProgress")


def waiting(module: Doc) -> Doc:
    return {"type": "WaitingForPriorSteps", "id": module["id"]}


def with_tail(value: Doc) -> Doc:
    """A last step that sleeps or suspends needs a step after it to wait before."""
    modules = value.get("modules") or []
    if modules and (modules[-1].get("sleep") or modules[-1].get("suspend")):
        tail = {"id": f"{modules[-1]['id']}-v", "value": {"type": "identity"}}
        return value | {"modules": [*modules, tail]}
    return value


def _handler(value: Doc) -> Doc:
    named = (value.get("failure_module") or {}).get("id", "failure")
    return {"type": "WaitingForPriorSteps", "id": named, "parent_module": None}


def first_status(value: Doc) -> Doc:
    prepare = value.get("preprocessor_module")
    return {
        "step": -1 if prepare else 0,
        "preprocessor_module": waiting(prepare | {"id": "preprocessor"}) if prepare else None,
        "modules": [waiting(module) for module in value["modules"]],
        "failure_module": _handler(value),
        "retry": {"fail_count": 0, "failed_jobs": []},
        "embedded": {},
    }


@dataclass
class FlowRun:
    job: Job
    value: Doc
    status: Doc
    args: Doc

    @classmethod
    def load(cls, job: Job) -> "FlowRun":
        value = with_tail({"modules": []} | json.loads(job.flow or "{}"))
        status = json.loads(job.flow_status) if job.flow_status else first_status(value)
        return cls(job, value, status, json.loads(job.args))

    @property
    def index(self) -> int:
        index: int = self.status["step"]
        return index

    @property
    def modules(self) -> list[Doc]:
        modules: list[Doc] = self.value["modules"]
        return modules

    @property
    def at_start(self) -> bool:
        """Before the first step: a preprocessor makes the arguments of the flow."""
        return self.index < 0

    @property
    def at_end(self) -> bool:
        return self.index >= len(self.modules)

    @property
    def module(self) -> Doc:
        if self.at_start or self.at_end:
            outside: Doc = self.value["preprocessor_module" if self.at_start else "failure_module"]
            return outside
        return self.modules[self.index]

    @property
    def state(self) -> Doc:
        if self.at_start or self.at_end:
            outside: Doc = self.status["preprocessor_module" if self.at_start else "failure_module"]
            return outside
        state: Doc = self.status["modules"][self.index]
        return state

    def set_state(self, state: Doc) -> None:
        if self.at_start:
            self.status["preprocessor_module"] = state
        elif self.at_end:
            parent = self.status["failure_module"].get("parent_module")
            self.status["failure_module"] = {**state, "parent_module": parent}
        else:
            self.status["modules"][self.index] = state

    @property
    def memo(self) -> Doc:
        """What the interpreter must remember and Windmill's status has no place for."""
        memo: Doc = self.status["embedded"]
        return memo

    def child(
        self, kind: str, path: str | None, args: Doc, tag: str | None = None, **more: Any
    ) -> Job:
        """`tag`: its own, which that of a flow with one of its own overrules."""
        top = self.job.root or self.job.id
        flow = None if kind == "flow" else self.job.innermost or self.job.id
        text = json.dumps(args)
        if not storable(text):
            raise CannotStart(f"SqlErr: {UNSTORABLE}")
        return Job(
            self.job.workspace,
            kind,
            path=path,
            args=text,
            parent=self.job.id,
            root=top,
            innermost=flow,
            step_id=self.state["id"],
            schedule_path=self.job.schedule_path,
            tag=tag if self.job.worker_tag == "flow" else self.job.tag,
            **more,
        )

    def body(self, modules: list[Doc], args: Doc, name: str) -> Job:
        """A loop or branch body: a child flow that carries its own copy of the failure module."""
        value: Doc = {"modules": modules}
        for key in ("failure_module", "flow_env"):
            if self.value.get(key):
                value[key] = copy.deepcopy(self.value[key])
        kind = "flowpreview" if self.job.kind == "flowpreview" else "flownode"
        return self.child(kind, f"{self.job.path or PREVIEW}/{name}", args, flow=json.dumps(value))

    def inline_path(self) -> str:
        return f"{self.job.path or PREVIEW}/{self.module['id']}"


class Results:
    """What steps returned, found from the status of a flow."""

    def __init__(self, jobs: Jobs, values: Values) -> None:
        self._jobs, self._values = jobs, values

    def of_state(self, state: Doc) -> Any:
        if state.get("flow_jobs") is not None:
            return self._jobs.results(state["flow_jobs"])
        return self._jobs.results([state["job"]])[0]

    def previous(self, run: FlowRun) -> Any:
        if run.index <= 0:
            return run.args
        if run.at_end:
            return (
                self.of_state(self._failed_state(run)) if run.value.get("failure_module") else None
            )
        return self.of_state(run.status["modules"][run.index - 1])

    def _failed_state(self, run: FlowRun) -> Doc:
        failed = run.status["failure_module"]["parent_module"]
        found: Doc = next(state for state in run.status["modules"] if state["id"] == failed)
        return found

    def by_id(self, job: Job, step_id: str) -> Any:
        """Of this flow, else of the flows around it, else of any finished step below the root.
        A flow called as a step sees what its callers see."""
        holder: Job | None = job
        while holder:
            if state := _ended(holder, step_id):
                inner = self._in_bodies(holder.id, step_id) if _twice(holder, step_id) else None
                return self.of_state(inner or state)
            parent = self._jobs.get(holder.parent) if holder.parent and holder.step_id else None
            if not holder.innermost:
                state = self._in_bodies(holder.id, step_id)
                if state or parent is None:
                    return self.of_state(state) if state else None
            holder = parent
        return None

    def _in_bodies(self, root: str, step_id: str) -> Doc | None:
        """Of a step inside a finished branch or loop, whatever it was: a script, a flow, a loop."""
        mentions = f'%"id": {json.dumps(step_id)}%'
        bodies = self._jobs.select(
            "innermost = ? and flow_status like ? order by seq desc", root, mentions
        )
        return next((found for body in bodies if (found := _ended(body, step_id))), None)

    def scope(self, run: FlowRun) -> Scope:
        values = {"flow_input": run.args, "flow_env": run.value.get("flow_env") or {}}
        values |= self._answers(run)
        if run.at_end:
            values |= failure_values(run)
        return after(self.previous(run), self._scope(run, values))

    def _answers(self, run: FlowRun) -> Doc:
        """What people answered, for the step that waited for it and no other."""
        answers, verdict = [], []
        if run.memo.get("resumed_step") == run.index:
            answers = self._jobs.answers(run.memo["resumed_job"])
            verdict = run.memo.get("verdict", [])
        resumes = [answer.value for answer in answers] + verdict
        return {
            "resumes": resumes,
            "resume": resumes[-1] if resumes else None,
            "approvers": [answer.approver for answer in answers],
        }

    def _scope(self, run: FlowRun, values: Doc) -> Scope:
        workspace = run.job.workspace
        return Scope(
            values,
            {
                "results": lambda key: self.by_id(run.job, key),
                "variable": lambda path: self._values.variable(workspace, path),
                "resource": lambda path: self._values.resource(workspace, path),
                "flow_user_state": lambda key: self._user_state(run.job, key),
            },
        )

    def _user_state(self, job: Job, key: str) -> Any:
        root = self._jobs.get(job.root or job.id)
        return json.loads(root.user_state).get(key) if root else None


def _ended(flow: Job, step_id: str) -> Doc | None:
    """The state of a step that has ended; of two with one name, the later one's."""
    states = json.loads(flow.flow_status or "{}").get("modules", [])
    for state in reversed(states):
        if state["id"] == step_id and state["type"] in ("Success", "Failure"):
            found: Doc = state
            return found
    return None


def _twice(flow: Job, step_id: str) -> bool:
    """Whether a step in a body of the flow goes by the id of one outside: the body's ended last."""
    return (flow.flow or "").count(f'"id": {json.dumps(step_id)}') > 1


def failure_values(run: FlowRun) -> Doc:
    started = time.strftime(
        "%Y-%m-%dT%H:%M:%SZ", time.gmtime(run.job.started_at or run.job.created_at)
    )
    return {"started_at": started, "flow_job_id": run.job.id}


def after(result: Any, scope: Scope) -> Scope:
    """As seen once a step has ended with `result`."""
    return scope.with_values(previous_result=result, error=_error_of(result))


def _error_of(result: Any) -> Any:
    if isinstance(result, dict) and "error" in result:
        return result["error"]
    return {"name": "UnknownError", "message": "Could not parse the error", "error": result}


def kind_of(value: Any) -> str:
    """A JSON value in the words of an error about its type."""
    if isinstance(value, dict | list):
        return "map" if isinstance(value, dict) else "sequence"
    if isinstance(value, str):
        return f"string {json.dumps(value)}"
    if value is None or isinstance(value, bool):
        return "null" if value is None else f"boolean `{json.dumps(value)}`"
    return f"{'integer' if isinstance(value, int) else 'floating point'} `{value}`"


async def transformed(transforms: Doc | None, scope: Scope) -> Doc:
    """Raises StepFailed when an expression throws."""
    try:
        return {name: await transform(how, scope) for name, how in (transforms or {}).items()}
    except ExpressionFailed as error:
        raise StepFailed(error.name, str(error)) from error


async def transform(how: Any, scope: Scope) -> Any:
    if isinstance(how, dict) and how.get("type") == "javascript":
        return await evaluate(how.get("expr") or "null", scope)
    if isinstance(how, dict) and how.get("type") == "static":
        return how.get("value")
    return how
