"""Calls to the gateway."""

import os
import uuid
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

import click

from cli.errors import GatewayUnreachable, PlatformDown, Refused
from cli.platform.embedded import Platform, is_loopback
from cli.platform.home import Home
from windmill.scripts.model.base.url_path import url_part, url_path

Answer = Any  # JSON, as the gateway documents it


PREVIEW_SECONDS = 200.0  # many files, or a site that is slow
ORPHANS_SECONDS = 450.0  # a provider takes its time to end a machine


class Gateway:
    def __init__(self, url: str, key: str) -> None:
        import httpx

        self.url = url.rstrip("/")
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self.http = httpx.Client(
            base_url=f"{self.url}/api/v1",
            headers=headers,
            timeout=60,
            trust_env=not is_loopback(self.url),
        )
        if command := click.get_current_context(silent=True):
            command.call_on_close(self.http.close)

    def deploy(self, body: Answer) -> Answer:
        # The key makes a repeated request (a proxy's, ours) start nothing twice.
        return self._call("POST", "/pipelines/deploy", json=body, key=str(uuid.uuid4()))

    def plan(self, body: Answer, terraform: bool = False) -> Answer:
        query = {"terraform": "true"} if terraform else {}
        return self._call("POST", "/pipelines/plan", json=body, params=query)

    def offers_now(self, wanted: Answer) -> Answer:
        return self._call("GET", "/offers/now", params=wanted)

    def preview(self, body: Answer, node: str | None) -> Answer:
        query = {"node": node} if node else {}
        return self._call(
            "POST", "/pipelines/preview", json=body, params=query, timeout=PREVIEW_SECONDS
        )

    def status(self, id: str) -> Answer:
        return self._call("GET", f"/pipelines/{url_part(id)}/status")

    def key(self, id: str) -> Answer:
        """Of the pipeline's own API, with its address and page."""
        return self._call("GET", f"/pipelines/{url_part(id)}/key")

    def logs(self, id: str, after: str = "") -> Answer:
        return self._call("GET", f"/pipelines/{url_part(id)}/logs", params={"after": after})

    def process_log(self, id: str, process: str, lines: int) -> Answer:
        query = {"process": process, "lines": str(lines)}
        return self._call("GET", f"/pipelines/{url_part(id)}/process-log", params=query)

    def destroy(self, id: str, forget: bool = False) -> Answer:
        query = {"forget": "true"} if forget else {}
        return self._call("DELETE", f"/pipelines/{url_part(id)}", params=query)

    def revisions(self, id: str) -> list[Answer]:
        """The newest first."""
        revisions: list[Answer] = self._call("GET", f"/pipelines/{url_part(id)}/revisions")
        return revisions

    def reading(self, id: str, revision: int | None) -> Answer:
        """What was kept when it went live; of the latest revision where none is named."""
        query = {"revision": str(revision)} if revision else {}
        return self._call("GET", f"/pipelines/{url_part(id)}/reading", params=query)

    def rollback(self, id: str, to: int | None) -> Answer:
        path = f"/pipelines/{url_part(id)}/rollback"
        return self._call("POST", path, json={"to": to}, key=str(uuid.uuid4()))

    def scale(self, id: str, replicas: int) -> Answer:
        path = f"/pipelines/{url_part(id)}/scale"
        return self._call("POST", path, json={"replicas": replicas}, key=str(uuid.uuid4()))

    def plan_scale(self, id: str, replicas: int) -> Answer:
        path = f"/pipelines/{url_part(id)}/scale/plan"
        return self._call("POST", path, json={"replicas": replicas})

    def approve(self, id: str, approved: bool, step: str | None) -> Answer:
        body = {"approved": approved, "step": step}
        return self._call("POST", f"/pipelines/{url_part(id)}/approve", json=body)

    def deployments(self, include_destroyed: bool = False) -> list[Answer]:
        query = {"all": str(include_destroyed).lower()}
        deployments: list[Answer] = self._call("GET", "/pipelines", params=query)
        return deployments

    def entry(self, key: str) -> Answer:
        return self._call("GET", f"/catalog/{url_path(key)}")

    def components(self) -> Answer:
        return self._call("GET", "/components")

    def me(self) -> Answer:
        return self._call("GET", "/access/me")

    def findings(self) -> list[Answer]:
        """Of its own settings."""
        findings: list[Answer] = self._call("GET", "/access/findings")
        return findings

    def keys(self, include_ended: bool = False) -> list[Answer]:
        query = {"all": str(include_ended).lower()}
        keys: list[Answer] = self._call("GET", "/access/keys", params=query)
        return keys

    def add_key(self, body: Answer) -> Answer:
        return self._call("POST", "/access/keys", json=body)

    def revoke_key(self, id_or_name: str) -> Answer:
        return self._call("DELETE", f"/access/keys/{url_part(id_or_name)}")

    def sessions(self) -> list[Answer]:
        sessions: list[Answer] = self._call("GET", "/access/sessions")
        return sessions

    def end_session(self, id: str) -> Answer:
        return self._call("DELETE", f"/access/sessions/{url_part(id)}")

    def audit(self, query: Answer) -> list[Answer]:
        entries: list[Answer] = self._call("GET", "/audit", params=query)
        return entries

    def verify_audit(self, seal: str) -> Answer:
        return self._call("GET", "/audit/verify", params={"seal": seal})

    def kpis(self, days: int) -> Answer:
        return self._call("GET", "/kpis", params={"days": days})

    def costs(self, days: int) -> Answer:
        return self._call("GET", "/costs", params={"days": days})

    def rate(self, id: str, score: int) -> Answer:
        return self._call("POST", f"/pipelines/{url_part(id)}/rating", json={"score": score})

    def orphans(self) -> Answer:
        return self._call("GET", "/orphans", timeout=ORPHANS_SECONDS)

    def end_orphans(self, machines: list[str]) -> Answer:
        body = {"machines": machines}
        return self._call("POST", "/orphans/end", json=body, timeout=ORPHANS_SECONDS)

    def kept_data(self, kind: str, name: str) -> dict[str, Answer]:
        found: dict[str, Answer] = self._call("GET", f"/data/{url_part(kind)}/{url_part(name)}")
        return found

    def delete_data(self, kind: str, name: str) -> dict[str, Answer]:
        told: dict[str, Answer] = self._call("DELETE", f"/data/{url_part(kind)}/{url_part(name)}")
        return told

    def llm_keys(self) -> list[Answer]:
        keys: list[Answer] = self._call("GET", "/llm-keys")
        return keys

    def store_llm_key(self, name: str, base_url: str, key: str) -> Answer:
        return self._call(
            "PUT", f"/llm-keys/{url_part(name)}", json={"base_url": base_url, "key": key}
        )

    def remove_llm_key(self, name: str) -> Answer:
        return self._call("DELETE", f"/llm-keys/{url_part(name)}")

    def provider_keys(self) -> list[Answer]:
        keys: list[Answer] = self._call("GET", "/provider-keys")
        return keys

    def store_provider_key(self, target: str, key: str) -> Answer:
        return self._call("PUT", f"/provider-keys/{url_part(target)}", json={"key": key})

    def remove_provider_key(self, target: str) -> Answer:
        return self._call("DELETE", f"/provider-keys/{url_part(target)}")

    def _call(self, method: str, path: str, *, key: str = "", **options: Any) -> Any:
        """Raises GatewayUnreachable, Refused."""
        import httpx

        headers = {"Idempotency-Key": key} if key else {}
        try:
            response = self.http.request(method, path, headers=headers, **options)
        except httpx.HTTPError as error:
            raise GatewayUnreachable(url=self.url) from error
        if response.is_success:
            return response.json()
        raise _refused(response.status_code, response.text, self.url)


def _refused(status: int, text: str, url: str) -> Refused:
    import json

    try:
        error = json.loads(text)["error"]
        return Refused(
            code=error["code"],
            message=error["message"],
            fix=error.get("fix", ""),
            problems=error.get("problems", ()),
        )
    except (ValueError, KeyError, TypeError):
        return Refused(message=f"{url} answered {status}: {text[:200]}", fix="mlops doctor")


def find_gateway(home: Home) -> Gateway:
    """The one the environment names, else the one of this machine. Raises PlatformDown."""
    if url := os.environ.get("MLOPS_GATEWAY_URL"):
        return Gateway(url, os.environ.get("MLOPS_API_KEY", ""))
    platform = Platform.load(home)
    if not platform.is_up("gateway"):
        raise PlatformDown
    return Gateway(platform.parts["gateway"].url, home.secrets()["gateway_api_key"])


ENDED = {"live", "failed", "degraded", "destroyed"}


def follow(gateway: Gateway, id: str, seconds_between: float = 0.3) -> Iterator[Answer]:
    """The run's status again and again, until it has ended."""
    import time

    while True:
        status = gateway.status(id)
        yield status
        if status["state"] in ENDED:
            return
        time.sleep(seconds_between)


def last(statuses: Iterable[Answer]) -> Answer:
    return deque(statuses, maxlen=1).pop()
