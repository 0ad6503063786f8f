"""What to type next: a command that what was deployed answers, and never one that it refuses."""

import shlex
from collections.abc import Iterator, Mapping
from typing import Any

# By what arrives at the endpoint of the drawing: a route that answers it, and what is sent there.
ROUTES: Mapping[str, tuple[str, str]] = {
    "predictor": ("/model", ""),
    "completions": ("/v1/models", ""),
    "embedder": ("/v1/embeddings", '{"input": "your text"}'),
    "summarizer": ("/summarize", '{"text": "your text"}'),
    "job": ("/batch", ""),
    "report": ("/report", ""),
}
WHAT = {"predictor": "what it takes, and how good it is"}


def served_ports(pipeline: Mapping[str, Any]) -> set[str]:
    """Of a settled drawing: the inputs of its endpoint that something is connected to."""
    exits = {n["id"] for n in pipeline.get("nodes", ()) if n["component"] == "api-endpoint"}
    edges = pipeline.get("edges", ())
    return {str(edge["target_port"]) for edge in edges if edge["target"] in exits}


def next_lines(status: Mapping[str, Any], ports: set[str], is_private: bool) -> Iterator[str]:
    """`status`: of one deployment that is live. What is private is reached by a tunnel alone."""
    if "chat" in ports:
        yield f'mlops chat {status["name"]} "your question"'
        return
    if is_private and ports & ROUTES.keys():
        yield f"mlops tunnel {status['name']}"
        return
    for port in sorted(ports & ROUTES.keys()):
        route, body = ROUTES[port]
        sent = f" -H 'Content-Type: application/json' -d {shlex.quote(body)}" if body else ""
        key = f'-H "Authorization: Bearer $(mlops key {status["name"]})"'
        told = f"   # {WHAT[port]}" if port in WHAT else ""
        yield f"curl {key}{sent} {shlex.quote(status['endpoint_url'] + route)}{told}"


def after_plan(plan: Mapping[str, Any], command: list[str]) -> str:
    """`command` deploys it. Empty where it would be refused: the plan says what mends that."""
    from windmill.scripts.model.cost.prices import as_limit

    if plan["action"] == "refused":
        return ""
    if plan["action"] == "nothing":
        return f"mlops status {plan['name']}"
    is_asked = plan["hourly_usd"] and plan["max_hourly_usd"] is None
    allowed = ["--max-hourly", as_limit(plan["hourly_usd"])] if is_asked else []
    return shlex.join([*command, *allowed])
