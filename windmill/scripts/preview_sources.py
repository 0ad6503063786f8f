"""What a drawn pipeline's sources would read: the first of it, and what is left out and why.

Gives `nodes`, as `model.show.source_preview.SourcePreview` says. Nothing of it is kept but this
answer, which who asked deletes.
"""

# What reads files in `serving`, at the versions that are deployed.
# extra_requirements:
# charset-normalizer
# defusedxml
# docutils
# h11
# httpx
# markdown-it-py
# numpy
# openpyxl
# pillow
# protego
# pydantic
# pypdf
# pypdfium2
# pyyaml
# selectolax
# webencodings

import json
from typing import Any

from .model.base.errors import InvalidInput, Problem
from .model.base.names import did_you_mean
from .model.drawing.settling import settle
from .provision.reading.previews import check_paths, preview
from .worker.cpu_throttler import throttle
from .worker.instance import asset, components


def main(request: str, node: str | None = None) -> dict[str, Any]:
    """`request`: JSON of the arguments that the flow would get."""
    asked = json.loads(request)
    inputs, declared = asked.get("inputs") or {}, asked.get("declared_inputs") or {}
    settled = settle(asked["pipeline"], components(), inputs, declared)
    nodes = [each.id for each in settled.nodes]
    if node is not None and node not in nodes:
        message = f"{settled.name} has no node {node!r}"
        raise InvalidInput([Problem(message, "node", did_you_mean(node, nodes))])
    check_paths(settled)
    throttle()
    return {"nodes": preview(asset("serving"), settled, node)}
