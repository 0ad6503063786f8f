"""Where things of the catalog stand in Windmill."""

import re
from collections.abc import Mapping
from typing import Any

FOLDER = "f/mlops"
CATALOG = f"{FOLDER}/catalog"
DEPLOYMENT_FLOW = f"{FOLDER}/ml_pipeline_deployment"
_META_PIPELINE = re.compile(rf"^{CATALOG}/(?:.+/)?meta-pipelines/([a-z0-9-]+)$")


def use_path(use: str) -> str:
    """Of an entry as a step names it; a pinned one stands apart from the newest."""
    key, _, commit = use.partition("@")
    return f"{CATALOG}/at/{commit}/{key}" if commit else f"{CATALOG}/{key}"


def windmill_path(name: str) -> str:
    """`notify` is one of ours; `f/team/notify` and `u/ann/notify` stand as they are."""
    return name if name[:2] in ("f/", "u/", "g/") else f"{FOLDER}/{name}"


def meta_pipeline(path: str | None, args: Mapping[str, Any] | None) -> str:
    """What a run of this flow deploys together is known by; empty where it is one thing."""
    found = _META_PIPELINE.search(path or "")
    return str((args or {}).get("name") or found[1]) if found else ""
