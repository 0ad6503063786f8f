"""What a run is that deploys several pipelines: their addresses and what it gave back."""

import json
from collections.abc import Iterator
from typing import Any


def is_whole(status: dict[str, Any]) -> bool:
    """Whether the run is about more, or less, than one deployment."""
    return bool(status["outputs"]) or status["entry"].startswith(("meta-pipelines/", "playbooks/"))


def notice_lines(status: dict[str, Any]) -> Iterator[str]:
    for notice in status["notices"]:
        yield f"  note: {notice}"


def whole_lines(status: dict[str, Any]) -> Iterator[str]:
    if not is_whole(status):
        return
    width = max((len(made["name"]) for made in status["deployments"]), default=0)
    for made in status["deployments"]:
        yield f"  {made['name']:{width}}  {made['state']:10} {made['endpoint_url']}".rstrip()
    for name, value in (status["outputs"] or {}).items():
        yield f"  {name}: {value if isinstance(value, str) else json.dumps(value)}"
