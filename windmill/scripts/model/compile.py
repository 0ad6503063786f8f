"""Catalog entry → OpenFlow: plain flows that any Windmill runs."""

from typing import Any

from .catalog import Entry
from .deployment import Target
from .schema import expand

FOLDER = "f/mlops"
DEPLOYMENT_FLOW = f"{FOLDER}/ml_pipeline_deployment"


def flow_path(entry: Entry) -> str:
    return f"{FOLDER}/catalog/{entry.key}"


def compile_entry(entry: Entry) -> dict[str, Any]:
    """The flow's body as Windmill stores it; the same entry gives the same bytes."""
    return {
        "summary": entry.summary,
        "description": f"{entry.kind} {entry.name} {entry.version}",
        "value": {"modules": [_deploy_module(entry)]},
        "schema": _argument_schema(entry),
    }


def _deploy_module(entry: Entry) -> dict[str, Any]:
    drawing = entry.pipeline.model_dump(mode="json", exclude_none=True)
    return {
        "id": "deploy",
        "summary": f"Deploy {entry.name}",
        "value": {
            "type": "flow",
            "path": DEPLOYMENT_FLOW,
            "input_transforms": {
                "pipeline": {"type": "static", "value": drawing},
                "declared_inputs": {"type": "static", "value": _own_inputs(entry)},
                "inputs": _javascript(_picked(_own_inputs(entry))),
                "target": _javascript("flow_input.target ?? null"),
                "name": _javascript("flow_input.name ?? null"),
            },
        },
    }


def _own_inputs(entry: Entry) -> dict[str, dict[str, Any]]:
    """The target is the platform's own question, wherever the entry declares it."""
    return {name: schema for name, schema in entry.inputs.items() if name != "target"}


def _picked(names: dict[str, Any]) -> str:
    pairs = ", ".join(f"{name}: flow_input.{name}" for name in names)
    return f"({{{pairs}}})"


def _javascript(expression: str) -> dict[str, str]:
    return {"type": "javascript", "expr": expression}


def _argument_schema(entry: Entry) -> dict[str, Any]:
    targets = [target.value for target in Target]
    platform: dict[str, dict[str, Any]] = {
        "target": {"type": "string", "enum": targets, "description": "Asked when left out"},
        "name": {"type": "string", "description": f"Name of the deployment, {entry.name} if empty"},
    }
    schema = expand({**entry.inputs, **platform, **_own_target(entry)})
    # Windmill fills the form from this; deployments started by programs may send nothing extra.
    return {**schema, "order": list(schema["properties"])}


def _own_target(entry: Entry) -> dict[str, dict[str, Any]]:
    return {"target": entry.inputs["target"]} if "target" in entry.inputs else {}
