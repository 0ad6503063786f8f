"""A deployed pipeline's own API, at the address the registry holds for it and nowhere else."""

from typing import Any

import httpx

from ..model.base.errors import NoAnswer
from ..model.base.url_path import url_path
from ..model.drawing.deployment import Deployment
from .reach import DIRECT, Reach

PATIENCE_SECONDS = 120
CSV = "text/csv"


def call(
    deployment: Deployment,
    key: str,
    method: str,
    path: str,
    body: Any = None,
    reach: Reach = DIRECT,
) -> Any:
    """Raises NoAnswer, with the endpoint's own words where it gave any."""
    sent: dict[str, Any] = {"headers": {"Authorization": f"Bearer {key}"}}
    sent |= {"json": body} if method == "POST" else {}
    url = f"{deployment.endpoint_url.rstrip('/')}/{url_path(path.removeprefix('/'))}"
    try:
        with reach.client(PATIENCE_SECONDS) as client:
            answer = client.request(method, url, **sent)
        answer.raise_for_status()
        return answer.json()
    except httpx.HTTPStatusError as error:
        raise NoAnswer(name=deployment.name, **_words(error.response)) from error
    except (httpx.HTTPError, ValueError) as error:
        raise NoAnswer(name=deployment.name, reason=str(error)) from error


def score(deployment: Deployment, key: str, path: str, csv: str, reach: Reach = DIRECT) -> str:
    """A whole CSV file in, the same with what is predicted out. Raises NoAnswer."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": CSV, "Accept": CSV}
    url = f"{deployment.endpoint_url.rstrip('/')}/{url_path(path.removeprefix('/'))}"
    try:
        with reach.client(PATIENCE_SECONDS) as client:
            answer = client.request("POST", url, headers=headers, content=csv.encode())
        answer.raise_for_status()
        return answer.text
    except httpx.HTTPStatusError as error:
        raise NoAnswer(name=deployment.name, **_words(error.response)) from error
    except httpx.HTTPError as error:
        raise NoAnswer(name=deployment.name, reason=str(error)) from error


def takes_csv(document: dict[str, Any]) -> list[str]:
    """The routes that take a whole file, by the OpenAPI document."""
    posts = {path: each.get("post", {}) for path, each in document.get("paths", {}).items()}
    return [p for p, told in posts.items() if CSV in told.get("requestBody", {}).get("content", {})]


def tells_inputs(document: dict[str, Any]) -> bool:
    """Whether it says what an input of a prediction is."""
    return "get" in document.get("paths", {}).get("/predict", {})


def offered(document: dict[str, Any]) -> list[dict[str, Any]]:
    """What takes JSON by POST, by the OpenAPI document: path, summary and a body to begin with."""
    found = []
    for path, methods in document.get("paths", {}).items():
        operation = methods.get("post", {})
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" in content:
            media = content["application/json"]
            body = media.get("example", _example(media.get("schema", {}), document))
            found.append({"path": path, "summary": operation.get("summary", ""), "example": body})
    return found


def _words(response: httpx.Response) -> dict[str, str]:
    try:
        error = response.json()["error"]
        return {"reason": error["message"], "fix": error.get("fix", "")}
    except (ValueError, KeyError, TypeError):
        return {"reason": response.text[:500]}


def _example(schema: dict[str, Any], document: dict[str, Any]) -> Any:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        schema = document.get("components", {}).get("schemas", {}).get(name, {})
    if schema.get("examples"):
        return schema["examples"][0]
    if "default" in schema:
        return schema["default"]
    kind = schema.get("type")
    if kind == "object":
        # What must be there; the rest is for who knows it.
        fields = schema.get("properties", {})
        return {name: _example(fields[name], document) for name in schema.get("required", ())}
    if kind == "array":
        return [_example(schema.get("items", {}), document)]
    return _PLAIN.get(kind, "")


_PLAIN: dict[str | None, Any] = {"integer": 0, "number": 0, "boolean": False}
