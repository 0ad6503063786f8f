"""What a run is that deploys several pipelines: their addresses and what it gave back."""

import json
from collections.abc import Iterator
from typing import Any

MOST_LINES = 5


def is_whole(status: dict[str, Any]) -> bool:
    """Whether the run is about more, or less, than one deployment."""
    return bool(status["outputs"]) or status["entry"].startswith(("meta-pipelines/", "playbooks/"))


def notice_lines(status: dict[str, Any]) -> Iterator[str]:
    for notice in status["notices"]:
        yield f"  note: {notice}"


def cost_lines(status: dict[str, Any]) -> Iterator[str]:
    """What is paid for it, and what for; nothing where it is free."""
    from windmill.scripts.model.cost.prices import shown  # pydantic is heavy, --help needs none

    cost = status.get("cost")
    if not cost or not (cost["hourly_usd"] or cost["so_far_usd"]):
        return
    hourly, so_far = shown(cost["hourly_usd"]), shown(cost["so_far_usd"])
    yield f"  {'cost':14} {hourly} USD an hour, {so_far} USD so far"
    for charge in cost["charges"]:
        what = " ".join(filter(None, (charge["target"], charge["offer"], charge["region"])))
        since = f"{shown(charge['hourly_usd'])} since {charge['since'][:16]}Z"
        told = ", ".join(filter(None, (charge["source"], charge["read_on"])))
        yield f"  {'':14} {what}: {since}" + (f" (price: {told})" if told else "")
        if charge["hourly_usd"] and charge["reason"]:
            yield f"  {'':14} taken because: {charge['reason']}"


def terraform_lines(status: dict[str, Any]) -> Iterator[str]:
    """What Terraform did in the latest run, or is about to do."""
    words = status.get("terraform", ())
    for number, line in enumerate(words[:MOST_LINES]):
        yield f"  {'' if number else 'terraform':14} {line}"
    if len(words) > MOST_LINES:
        yield f"  {'':14} and {len(words) - MOST_LINES} more: --json tells all"


def whole_lines(status: dict[str, Any]) -> Iterator[str]:
    if not is_whole(status):
        return
    width = max((len(made["name"]) for made in status["deployments"]), default=0)
    for made in status["deployments"]:
        yield f"  {made['name']:{width}}  {made['state']:10} {made['endpoint_url']}".rstrip()
    for name, value in (status["outputs"] or {}).items():
        yield f"  {name}: {value if isinstance(value, str) else json.dumps(value)}"
