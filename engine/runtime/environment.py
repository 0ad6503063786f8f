"""The environment of a job: an allow-list, the operator's file, then Windmill's variables."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime

from engine.settings import Settings
from engine.store.jobs import Job

USER, EMAIL = "admin", "admin@windmill.dev"
_KEPT = {
    "HOME",
    "TZ",
    "LANG",
    "LC_ALL",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
}
_KEPT_PREFIXES = ("PIP_", "UV_")


def clean_environment(source: Mapping[str, str] = os.environ) -> dict[str, str]:
    kept = {k: v for k, v in source.items() if k in _KEPT or k.startswith(_KEPT_PREFIXES)}
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"} | kept


def common_environment(settings: Settings) -> dict[str, str]:
    """What is the same for every job."""
    return clean_environment() | settings.job_env | {"PYTHONUNBUFFERED": "1"}


def job_environment(
    job: Job, settings: Settings, token: str, flow_path: str | None
) -> dict[str, str]:
    """`flow_path`: of the flow, loop or branch that the job is a step of."""
    group = settings.group_of(job.worker_tag)
    windmill = {
        "WM_WORKSPACE": job.workspace,
        "WM_TOKEN": token,
        "WM_EMAIL": EMAIL,
        "WM_USERNAME": USER,
        "WM_PERMISSIONED_AS": f"u/{USER}",
        "WM_BASE_URL": settings.base_url,
        "BASE_INTERNAL_URL": settings.base_url,
        "WM_JOB_ID": job.id,
        "WM_JOB_PATH": job.path,
        "WM_SCHEDULED_FOR": datetime.fromtimestamp(job.scheduled_for, UTC).isoformat(),
        "WM_FLOW_JOB_ID": job.parent if job.step_id is not None else None,
        "WM_ROOT_FLOW_JOB_ID": job.root,
        "WM_ROOT_JOB_ID": job.root or job.id,
        "WM_FLOW_PATH": flow_path,
        "WM_FLOW_STEP_ID": job.step_id,
        "WM_SCHEDULE_PATH": job.schedule_path,
        "WM_STATE_PATH": _state_path(job, flow_path),
        "WM_OBJECT_PATH": _object_path(job, flow_path),
        "WM_WORKER_GROUP": group.name,
        "WM_RUNNABLE_ID": job.runnable,
        "WM_END_USER_EMAIL": None,
        "WM_TESTED_RUNNABLE": None,
    }
    told = {name: value or "" for name, value in windmill.items()}
    return common_environment(settings) | dict(group.env) | told


def own_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """Those that an argument may name: `$WM_TOKEN`, say."""
    return {name: value for name, value in environment.items() if name.startswith("WM_")}


def _object_path(job: Job, flow_path: str | None) -> str:
    """Where a script may keep a file of this job in object storage."""
    owner = (flow_path or job.path or "").replace("/", "_")
    by = (job.schedule_path or "manual").replace("/", "_")
    step = [job.step_id] if flow_path and job.step_id else []
    return "/".join([owner, by, *step, f"{int(job.scheduled_for * 1000)}_{job.id}"])


def _state_path(job: Job, flow_path: str | None) -> str:
    """Where a script keeps its state; whoever starts it by hand shares one."""
    by = USER if job.schedule_path else "user"
    return f"{flow_path}/{job.step_id}_{by}" if flow_path else f"{job.path or 'u/admin/tmp'}/{by}"
