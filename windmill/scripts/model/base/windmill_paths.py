"""Where everything of ours stands in Windmill: the one list of its paths."""

import re
from collections.abc import Mapping
from typing import Any

FOLDER = "f/mlops"
CATALOG = f"{FOLDER}/catalog"
PINNED = f"{CATALOG}/at"
ASSETS = f"{FOLDER}/assets"
# Steps that compiled flows call.
OUTPUTS_SCRIPT = f"{FOLDER}/outputs"
ENTRY_CHECK = "B"  # the module of an entry's flow that adds up what all of it costs
CHECK_BUDGET = f"{FOLDER}/check_budget"
REQUEST_TARGET = f"{FOLDER}/request_target"
REQUEST_APPROVAL = f"{FOLDER}/request_approval"
RUN_TERRAFORM = f"{FOLDER}/run_terraform"
RUN_ANSIBLE = f"{FOLDER}/run_ansible"
RUN_N8N_WORKFLOW = f"{FOLDER}/run_n8n_workflow"
CALL_HTTP = f"{FOLDER}/call_http"

DEPLOY = f"{FOLDER}/ml_pipeline_deployment"
DESTROY = f"{FOLDER}/destroy_deployment"
DESTROY_ALL = f"{FOLDER}/destroy_deployments"
BUILDER = f"{FOLDER}/ml_pipeline_builder"
GIT_PUSH = f"{FOLDER}/git_push"

PLAN_DEPLOYMENT = f"{FOLDER}/plan_deployment"
FAIL_DEPLOYMENT = f"{FOLDER}/fail_deployment"
LIST_OFFERS = f"{FOLDER}/list_offers"
PREVIEW_SOURCES = f"{FOLDER}/preview_sources"
SHOW_PROCESS_LOG = f"{FOLDER}/show_process_log"
RECONCILE_ORPHANS = f"{FOLDER}/reconcile_orphans"
PROBE_WORKER = f"{FOLDER}/probe_worker"
SYNC_STATE = f"{FOLDER}/sync_state"
SYNC_LOCK = f"{FOLDER}/sync_lock"
SECRET_KEY = f"{FOLDER}/secret_key"
# A pipeline reaches no secret but those below this.
LLM_KEYS = f"{FOLDER}/llm_keys"
# Of those who rent machines out: `runpod`. Only steps read them.
PROVIDER_KEYS = f"{FOLDER}/provider_keys"
# Private keys by which workers log in to hosts.
SSH_KEYS = f"{FOLDER}/ssh_keys"
# By what workers speak to clusters.
KUBECONFIGS = f"{FOLDER}/kubeconfigs"

# An argument that the gateway gives the run at the root, where whoever started it may not work with
# all deployments: the names of those that they may.
ONLY_WITH = "mlops_only_with"

# Of a request for a plan: whether Terraform's own is wanted, which takes some seconds.
WITH_TERRAFORM = "with_terraform"

_META_PIPELINE = re.compile(rf"^{CATALOG}/(?:.+/)?meta-pipelines/([a-z0-9-]+)$")


def use_path(use: str) -> str:
    """Of an entry as a step names it; a pinned one stands apart from the newest."""
    key, _, commit = use.partition("@")
    return f"{PINNED}/{commit}/{key}" if commit else f"{CATALOG}/{key}"


def catalog_key(path: str) -> str:
    """`pipelines/x` of a flow that the catalog compiled to; empty for any other."""
    return path.removeprefix(f"{CATALOG}/") if path.startswith(f"{CATALOG}/") else ""


def asset_path(name: str) -> str:
    return f"{ASSETS}/{name}"


def windmill_path(name: str) -> str:
    """`notify` is one of ours; `f/team/notify` and `u/ann/notify` stand as they are."""
    return name if name[:2] in ("f/", "u/", "g/") else f"{FOLDER}/{name}"


def meta_pipeline(path: str | None, args: Mapping[str, Any] | None) -> str:
    """What a run of this flow deploys together is known by; empty where it is one thing."""
    match = _META_PIPELINE.search(path or "")
    return str((args or {}).get("name") or match[1]) if match else ""
