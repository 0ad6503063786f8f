"""Runs a workflow of n8n/workflows through its webhook `mlops-NAME`; its answer is the result.

Gives what the workflow answers.
"""

from typing import Any

import httpx

from .model.base.url_path import url_part
from .model.base.windmill_references import unmarked
from .provision.errors import WorkflowFailed
from .worker.n8n_webhooks import authorization, variable

TIMEOUT_SECONDS = 300.0
NOT_PUBLISHED = "it is not published there; `mlops sync push` does that"
NOT_TRUSTED = "it does not accept our token; `mlops sync push` brings both to the same one"
BROKE = "the workflow broke off; n8n's list of executions tells where"


def main(workflow: str, payload: dict) -> Any:  # type: ignore[type-arg]
    base = variable("n8n_webhooks_url")
    if not base:
        reason = "no n8n is set; set N8N_API_URL and N8N_API_KEY, then `mlops sync push`"
        raise WorkflowFailed(workflow, reason)
    answer = _call(workflow, f"{base}/mlops-{url_part(workflow)}", unmarked(payload))
    print(f"n8n's workflow {workflow} answered {answer.status_code}")
    if not answer.is_success:
        raise WorkflowFailed(workflow, _reason(answer))
    try:
        return answer.json()
    except ValueError:
        return answer.text


def _call(workflow: str, url: str, payload: dict[str, Any]) -> httpx.Response:
    try:
        with httpx.Client(headers=authorization(), timeout=TIMEOUT_SECONDS) as http:
            return http.post(url, json=payload)
    except httpx.ConnectError as error:
        raise WorkflowFailed(workflow, "n8n does not answer") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        reason = f"n8n could not be asked ({type(error).__name__})"
        raise WorkflowFailed(workflow, reason) from error


def _reason(answer: httpx.Response) -> str:
    known = {404: NOT_PUBLISHED, 401: NOT_TRUSTED, 403: NOT_TRUSTED, 500: BROKE}
    return known.get(answer.status_code, f"n8n answered {answer.status_code}: {answer.text[:300]}")
