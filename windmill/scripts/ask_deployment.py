"""Ask a deployed pipeline a question. Only a registered deployment's own address is called."""

from typing import Any

import httpx

from .model.errors import NoAnswer
from .store.opened import open_registry

PATIENCE_SECONDS = 120


def main(deployment_id: str, question: str) -> dict[str, Any]:
    deployment = open_registry().require(deployment_id)
    url = f"{deployment.endpoint_url}/chat"
    try:
        response = httpx.post(
            url, json={"question": question}, timeout=PATIENCE_SECONDS, trust_env=False
        )
        response.raise_for_status()
    except httpx.HTTPStatusError as error:
        raise NoAnswer(name=deployment.name, reason=error.response.text[:500]) from error
    except httpx.HTTPError as error:
        raise NoAnswer(name=deployment.name, reason=str(error)) from error
    answer: dict[str, Any] = response.json()
    return answer
