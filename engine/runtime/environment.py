"""The environment of a job: an allow-list, the operator's file, then Windmill's variables."""

import os
from collections.abc import Mapping

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


def job_environment(
    job: Job, settings: Settings, token: str, flow_path: str | None
) -> dict[str, str]:
    path = job.path or ""
    step_state = f"{flow_path}/{job.step_id}_{USER}" if flow_path else f"{path or 'preview'}/{USER}"
    windmill = {
        "WM_WORKSPACE": job.workspace,
        "WM_TOKEN": token,
        "WM_EMAIL": EMAIL,
        "WM_USERNAME": USER,
        "WM_PERMISSIONED_AS": f"u/{USER}",
        "WM_BASE_URL": settings.base_url,
        "BASE_INTERNAL_URL": settings.base_url,
        "WM_JOB_ID": job.id,
        "WM_JOB_PATH": path,
        "WM_SCHEDULED_FOR": str(job.scheduled_for),
        "WM_FLOW_JOB_ID": job.parent if flow_path else None,
        "WM_ROOT_FLOW_JOB_ID": job.root,
        "WM_ROOT_JOB_ID": job.root or job.id,
        "WM_FLOW_PATH": flow_path,
        "WM_FLOW_STEP_ID": job.step_id,
        "WM_SCHEDULE_PATH": job.schedule_path,
        "WM_STATE_PATH": step_state,
        "WM_STATE_PATH_NEW": step_state,
        "WM_OBJECT_PATH": path,
        "WM_WORKER_GROUP": "default",
        "WM_RUNNABLE_ID": job.runnable,
        "WM_END_USER_EMAIL": EMAIL,
        "PYTHONUNBUFFERED": "1",
    }
    return (
        clean_environment()
        | settings.job_env
        | {k: v for k, v in windmill.items() if v is not None}
    )
