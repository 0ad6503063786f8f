"""What an n8n tells of itself to whoever has a key."""

import io
import json
import re
import tarfile
import zlib

from .n8n import N8n

# What reading and writing workflows, credentials and our record takes.
SCOPES = {
    "workflow": ("create", "read", "update", "list", "activate"),
    "credential": ("create", "read", "update", "list"),
    "dataTable": ("create", "read", "list"),
    "dataTableRow": ("create", "read", "update", "upsert"),
}
# What `mlops sync prune` takes besides; a key without them pushes all the same.
PRUNES = ("workflow:deactivate", "workflow:delete", "credential:delete")
# Tags and runs of workflows: no more than workflows themselves.
NEARBY = {"workflowTags", "tag", "execution", "executionTags", "dataTableColumn"}
# What is no package, or was cut on its way, raises one of these.
NO_PACKAGE = (tarfile.TarError, EOFError, OSError, zlib.error, LookupError, TypeError, ValueError,
              RecursionError)  # fmt: skip
_OF_METRICS = re.compile(
    r'^(?!\w*nodejs_)\w*version_info\{[^}]*\bversion="v?(\d[^"]*)"', re.MULTILINE
)


def version_of(n8n: N8n) -> str:
    """As its metrics or a package it exports tell it; '' where it gives neither.

    No call of the public API is for that. The metrics need N8N_METRICS=true, a package needs the
    scope workflow:export, a workflow to export, and n8n 2.27.
    """
    return _of_metrics(n8n) or _of_package(n8n)


def missing_scopes(n8n: N8n) -> list[str]:
    """Of the key, as far as this n8n tells what a key may do."""
    held = _held(n8n)
    return [scope for scope in _pushes() if scope not in held] if held is not None else []


def key_scopes() -> list[str]:
    """What a key of ours is made with."""
    return [*_pushes(), *PRUNES]


def _pushes() -> list[str]:
    return [f"{what}:{verb}" for what, verbs in SCOPES.items() for verb in verbs]


def surplus_scopes(n8n: N8n) -> list[str]:
    """What else the key may work with: users, projects and the like are none of ours."""
    kinds = {scope.partition(":")[0] for scope in _held(n8n) or ()}
    return sorted(kinds - SCOPES.keys() - NEARBY)


def _held(n8n: N8n) -> list[str] | None:
    """None where it does not tell."""
    answer = n8n.ask("GET", "discover")
    return list(answer.json()["data"]["scopes"]) if answer.is_success else None


def _of_metrics(n8n: N8n) -> str:
    answer = n8n.ask("GET", f"{n8n.base_url}/metrics")
    found = _OF_METRICS.search(answer.text) if answer.is_success else None
    return found[1] if found else ""


def _of_package(n8n: N8n) -> str:
    listed = n8n.ask("GET", "workflows?limit=1")
    rows = listed.json()["data"] if listed.is_success else []
    if not rows:
        return ""
    body = {
        "workflowIds": [rows[0]["id"]],
        "missingWorkflowDependencyPolicy": "reference-only",
    }
    answer = n8n.ask("POST", "n8n-packages/export", body)
    return _of_manifest(answer.content) if answer.is_success else ""


def _of_manifest(package: bytes) -> str:
    try:
        with tarfile.open(fileobj=io.BytesIO(package)) as opened:
            manifest = opened.extractfile("manifest.json")
            return str(json.load(manifest)["sourceN8nVersion"]) if manifest else ""
    except NO_PACKAGE:
        return ""
