"""A leaf as one module of a flow, wherever it is used."""

from collections.abc import Mapping
from typing import Any

from ..base.reference import Reference, input_reference
from ..base.windmill_paths import (
    CALL_HTTP,
    FOLDER,
    RUN_ANSIBLE,
    RUN_N8N_WORKFLOW,
    RUN_TERRAFORM,
    windmill_path,
)
from ..entry.entry import Entry, Run
from ..entry.javascript import (
    Expression,
    Js,
    Literal,
    Scope,
    collect,
    follow,
    literal,
    render,
    script_transform,
)
from ..entry.type_inference import is_secret

SCRIPTS: Mapping[str, str] = {
    "terraform": RUN_TERRAFORM,
    "ansible": RUN_ANSIBLE,
    "n8n": RUN_N8N_WORKFLOW,
    "http": CALL_HTTP,
}
PATIENCE_SECONDS = 3600  # with somebody's own script that says no `timeout`


def leaf_module(entry: Entry, id: str, scope: Scope) -> dict[str, Any]:
    """`scope` tells what the leaf's `${inputs.x}` are where it is used."""
    run = entry.run
    assert run is not None, "only a leaf is one module"
    given = _given(entry, scope)
    value: dict[str, Any] = {"type": "flow" if run.flow else "script", "path": _path(run)}
    value["input_transforms"] = {
        name: script_transform(expression)
        for name, expression in _called(entry, given, scope).items()
    }
    module = {"id": id, "summary": entry.summary or entry.name, "value": value}
    timeout = entry.timeout or _patience(run)
    return {**module, "timeout": timeout} if timeout else module


def _patience(run: Run) -> int | None:
    """Ours were pushed with one of their own each."""
    foreign = run.script and not windmill_path(run.script).startswith(f"{FOLDER}/")
    return PATIENCE_SECONDS if foreign else None


def own_scope(entry: Entry) -> Scope:
    """Inside the entry's own flow, inputs are the flow's; defaults hold for whoever calls it."""

    values: dict[str, Js] = {}

    def inputs(reference: Reference) -> Expression:
        name = reference.head
        if name not in values:
            values[name] = _flow_input(name, entry.inputs.get(name, {}))
        return follow(values[name], reference.path[1:])

    return inputs


def _flow_input(name: str, schema: Mapping[str, Any]) -> Js:
    own = f"flow_input.{name}"
    given = Js(own, own if is_secret(schema) else "")
    return _or_default(given, schema["default"]) if "default" in schema else given


def _or_default(given: Js, default: Any) -> Js:
    text = f"({given.text} ?? {literal(default)})"
    return Js(text, text if given.argument else "")


def call_scope(used: Entry, given: Mapping[str, Any], outer: Scope) -> Scope:
    """Where a step uses a leaf, its inputs are what the step gives."""

    def inputs(reference: Reference) -> Expression:
        return follow(_given_input(reference.head, used, given, outer), reference.path[1:])

    return inputs


def _given_input(name: str, used: Entry, given: Mapping[str, Any], outer: Scope) -> Expression:
    default = used.inputs.get(name, {}).get("default")
    if name not in given:
        return Literal(default)
    value = render(given[name], outer)
    if default is not None and isinstance(value, Js):
        return _or_default(value, default)
    return value


def output_of(used: Entry, name: str, result: Js) -> Expression:
    """What a leaf or a drawn pipeline gives back, from what its job returned."""
    if used.run is not None and used.run.secret is not None:
        return secret_value(used.run)
    output = used.outputs[name]
    return render(output.value, lambda reference: follow(result, reference.path))


def secret_value(run: Run) -> Literal:
    """Windmill puts the secret in where a script takes it: no flow, result or log has it."""
    assert run.secret is not None, "only of a secret"
    return Literal(f"$var:{windmill_path(run.secret)}")


def _given(entry: Entry, scope: Scope) -> dict[str, Expression]:
    """Without `with`, the inputs are the arguments."""
    if entry.with_ is None:
        return {name: scope(input_reference(name)) for name in entry.inputs}
    return {name: render(value, scope) for name, value in entry.with_.items()}


def _path(run: Run) -> str:
    return SCRIPTS.get(run.kind) or windmill_path(str(getattr(run, run.kind)))


def _called(entry: Entry, given: dict[str, Expression], scope: Scope) -> dict[str, Expression]:
    """The arguments of the script that does it."""
    run = entry.run
    assert run is not None, "only a leaf is one module"
    if run.script or run.flow:
        return given
    values = collect(given)
    if run.http:
        request = {
            name: render(value, scope) for name, value in run.http.model_dump(mode="json").items()
        }
        return {**request, "body": values}
    if run.n8n:
        return {"workflow": Literal(run.n8n), "payload": values}
    what = "module" if run.terraform else "playbook"
    kept = {"state": render(run.state or entry.name, scope)}
    action = {"action": Literal(run.action)} if run.terraform else {}
    return {what: Literal(getattr(run, run.kind)), "variables": values, **kept, **action}
