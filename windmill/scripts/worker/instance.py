"""The Windmill instance this runs in: its assets, secrets and jobs."""

import os
from typing import Any

import httpx
import wmill

from ..model.base.derived_secrets import api_key
from ..model.base.errors import MissingAsset, UnknownLlmKey
from ..model.base.url_path import url_part, url_path
from ..model.base.windmill_paths import LLM_KEYS, ONLY_WITH, SECRET_KEY, asset_path, meta_pipeline
from ..model.drawing.component import Component


def asset(name: str) -> dict[str, Any]:
    """A file tree or table that was pushed with the scripts. Raises MissingAsset."""
    path = asset_path(name)
    value = wmill.get_resource(path, none_if_undefined=True, interpolated=False)
    if not isinstance(value, dict):
        raise MissingAsset(path=path)
    return value


def components() -> dict[str, Component]:
    return {name: Component.model_validate(data) for name, data in asset("components").items()}


def platform_key() -> str:
    """What every secret of ours is derived from: `model.base.derived_secrets`."""
    return str(wmill.get_variable(SECRET_KEY))


def secret_variable(path: str) -> str:
    """Empty where there is none."""
    answer = ask_windmill(f"variables/get_value/{url_path(path)}")
    if answer.status_code == httpx.codes.NOT_FOUND:
        return ""
    answer.raise_for_status()
    return str(answer.json() or "")


def stored_key(name: str) -> str:
    """The text of a language model's key. Raises UnknownLlmKey."""
    if text := secret_variable(LLM_KEYS + "/" + name):
        return text
    raise UnknownLlmKey(key=name)


def key_of(deployment_id: str) -> str:
    """What this platform's deployment asks its callers for."""
    return api_key(platform_key(), deployment_id)


def this_run() -> str:
    """The job of the flow that this step belongs to."""
    return os.environ.get("WM_FLOW_JOB_ID") or os.environ["WM_JOB_ID"]


def this_job() -> str:
    """The step itself."""
    return os.environ["WM_JOB_ID"]


def started_by() -> str:
    """The job at the root: what a person or program started."""
    # The other one may be that of the innermost flow that was started by path.
    root = os.environ.get("WM_ROOT_JOB_ID") or os.environ.get("WM_ROOT_FLOW_JOB_ID")
    return root or this_run()


def run_is_over(job_id: str) -> bool:
    """Also when Windmill no longer knows the job: then nobody will ever finish it."""
    job = _job(job_id)
    return job is None or bool(job["type"] == "CompletedJob")


def args_of(job_id: str) -> dict[str, Any]:
    """Of a flow; empty where Windmill shows a text in their place, for they are too large."""
    args = (_job(job_id) or {}).get("args")
    return args if isinstance(args, dict) else {}


def given_by(root_job: str, step: str) -> dict[str, Any]:
    """The result of a step of the flow that everything began with; empty where it has none."""
    status = (_job(root_job) or {}).get("flow_status") or {}
    ran = [each.get("job") for each in status.get("modules", ()) if each.get("id") == step]
    result = (_job(ran[0]) or {}).get("result") if ran and ran[0] else None
    return result if isinstance(result, dict) else {}


def only_with(root_job: str) -> frozenset[str] | None:
    """Names of the deployments that this run may work with; None where it may with all."""
    args = (_job(root_job) or {}).get("args")
    names = args.get(ONLY_WITH) if isinstance(args, dict) else None
    return None if names is None else frozenset(map(str, names))


def meta_pipeline_of(root_job: str) -> str:
    """The name of what deploys several together in this run; empty when nothing does."""
    job = _job(root_job) or {}
    args = job.get("args")
    # Windmill shows a text in place of arguments that are too large.
    return meta_pipeline(job.get("script_path"), args if isinstance(args, dict) else None)


def _job(job_id: str) -> dict[str, Any] | None:
    """None when Windmill does not know it."""
    answer = ask_windmill(f"jobs_u/get/{url_part(job_id)}")
    if answer.status_code == httpx.codes.NOT_FOUND:
        return None
    answer.raise_for_status()
    job: dict[str, Any] = answer.json()
    return job


def ask_windmill(address: str) -> httpx.Response:
    """Of this workspace. Raises httpx.HTTPError where nobody answers."""
    client = wmill.Windmill()
    # Asked to raise, the client turns every answer into a bare Exception.
    answer: httpx.Response = client.get(
        f"/w/{url_part(client.workspace)}/{address}", raise_for_status=False
    )
    return answer
