"""The first lines of a new entry."""

from collections.abc import Sequence

import yaml

from ..base.short_form import must_be_given
from .entry import Entry

_PLAYBOOK = """run: {script: notify}               # or terraform, ansible, n8n, http, flow, secret
with: {deployment_id: '${inputs.deployment_id}'}
"""
_PLAYBOOK_INPUTS = """  deployment_id: {type: string, required: true, description: of whom}
"""
_GRAPH = """graph:
  nodes:
    - {id: docs, component: documents, config: {path: '${inputs.documents}'}}
    - {id: chunks, component: text-splitter}
    - {id: embed, component: embeddings}
    - {id: store, component: vector-store}
    - {id: chat, component: llm-chat}
    - {id: api, component: api-endpoint}
  edges:
    - {source: docs, target: chunks}
    - {source: chunks, target: embed}
    - {source: embed, target: store}
    - {source: store, target: chat}
    - {source: chat, target: api}
outputs: {endpoint_url: '${deployment.endpoint_url}'}
"""
_GRAPH_INPUTS = """  documents: {type: string, required: true, description: what to answer from}
"""


def scaffold(kind: str, name: str, uses: Sequence[Entry] = ()) -> str:
    """Text that the checker finds right, given that it knows what is used."""
    inputs, body = _body(kind, uses)
    head = f"kind: {kind}\nname: {name}\nversion: 0.1.0\nsummary: What it is for, in one line\n"
    return f"{head}inputs:\n{inputs}{body}" if inputs else head + body


def _body(kind: str, uses: Sequence[Entry]) -> tuple[str, str]:
    if kind == "playbook":
        return _PLAYBOOK_INPUTS, _PLAYBOOK
    if kind == "pipeline" and not uses:
        return _GRAPH_INPUTS, _GRAPH
    return _steps(uses)


def _steps(uses: Sequence[Entry]) -> tuple[str, str]:
    """Every step gets what it requires as an input of the whole."""
    inputs: dict[str, dict[str, object]] = {}
    steps = []
    for entry in uses:
        id = entry.name.replace("-", "_")[:30]
        required = [name for name, each in entry.inputs.items() if must_be_given(each)]
        inputs |= {name: dict(entry.inputs[name]) for name in required}
        given = {name: f"${{inputs.{name}}}" for name in required}
        steps.append({"id": id, "use": entry.key, **({"with": given} if given else {})})
    body = yaml.safe_dump({"steps": steps}, sort_keys=False, width=100)
    shown = yaml.safe_dump(inputs, sort_keys=False, default_flow_style=None, width=200)
    return ("".join(f"  {line}\n" for line in shown.splitlines()) if inputs else ""), body
