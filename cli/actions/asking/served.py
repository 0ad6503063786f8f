"""What a deployment serves, by the drawing of the revision that is live."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from cli.clients.gateway import Gateway
from cli.errors import Refused


def served_ports(pipeline: Mapping[str, Any]) -> dict[str, str]:
    """Of a settled drawing: the inputs of its endpoint that something is connected to, and the
    component that is.
    """
    kinds = {str(node["id"]): str(node["component"]) for node in pipeline.get("nodes", ())}
    return {
        str(edge["target_port"]): kinds[edge["source"]]
        for edge in pipeline.get("edges", ())
        if kinds[edge["target"]] == "api-endpoint"
    }


def served_by(gateway: Gateway, status: Mapping[str, Any]) -> dict[str, str]:
    """Nothing where nobody knows."""
    with suppress(Refused):
        for revision in gateway.revisions(status["id"]):
            if revision["live"]:
                return served_ports(revision["pipeline"])
    return {}
