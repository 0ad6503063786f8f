"""Fails when one of several deployments could not be destroyed, and names each with its reason.

Gives `destroyed`: the ids.
"""

import json
from typing import Any

from .model.base.errors import NotAllDestroyed, Reason


def main(deployment_ids: str, results: str) -> dict[str, Any]:
    """Both as JSON."""
    ids = json.loads(deployment_ids)
    reasons = dict(zip(ids, map(_reason, json.loads(results)), strict=True))
    failed = {id: reason for id, reason in reasons.items() if reason}
    if failed:
        told = "; ".join(f"{id}: {reason}" for id, reason in failed.items())
        raise NotAllDestroyed(failed=len(failed), all=len(ids), reasons=told)
    return {"destroyed": ids}


def _reason(result: Any) -> str:
    """Empty when it went well; what failed has an `error` in the place of its result."""
    error = result.get("error") if isinstance(result, dict) else None
    if error is None:
        return ""
    message = Reason.of_job(error).message if isinstance(error, dict) else str(error)
    return (message or "no reason was recorded").splitlines()[0]
