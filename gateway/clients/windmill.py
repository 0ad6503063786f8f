"""The few calls of Windmill's REST API that the gateway makes."""

import json
import secrets
from collections.abc import AsyncIterator, Iterable, Mapping
from copy import copy
from datetime import datetime
from itertools import count
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

import httpx

from gateway.access.roles import Role
from gateway.clients.windmill_jobs import Followed, Job
from gateway.errors import WindmillRefused, WindmillUnreachable
from windmill.scripts.model.base.url_path import url_part, url_path

LOOPBACK_NAMES = {"localhost", "127.0.0.1", "::1"}
KEPT_JOBS = 4000
KEPT_RUNS = 200
PAGE = 1000
APPROVER = "gateway"
T = TypeVar("T")


class Windmill:
    def __init__(
        self, http: httpx.AsyncClient, workspace: str, tokens: Mapping[Role, str] | None = None
    ) -> None:
        """`tokens` by role; a call is made by that of the role it is made for."""
        self.http = http
        self._tokens = tokens or {}
        self.token = ""
        self.workspace = f"/api/w/{url_part(workspace)}"
        # A completed job never changes, so it is read once.
        self.completed: dict[str, Job] = {}
        self.ended_children: dict[str, dict[str, Job]] = {}
        self._followed: dict[str, Followed] = {}

    def by(self, role: Role) -> Self:
        """The same, with the token of this role."""
        other = copy(self)
        other.token = self._tokens[role]
        return other

    async def version(self) -> str:
        return (await self._call("GET", "/api/version", "tell its version")).text.strip()

    async def run_flow(self, path: str, args: dict[str, Any], job_id: str | None = None) -> str:
        query = {"job_id": job_id} if job_id else {}
        url = f"{self.workspace}/jobs/run/f/{url_path(path)}"
        response = await self._call("POST", url, f"run {path}", params=query, json=args)
        return response.text.strip().strip('"')

    async def run_script(self, path: str, args: dict[str, Any]) -> str:
        url = f"{self.workspace}/jobs/run/p/{url_path(path)}"
        response = await self._call("POST", url, f"run {path}", json=args)
        return response.text.strip().strip('"')

    async def job(self, job_id: str) -> Job | None:
        if job_id in self.completed:
            return self.completed[job_id]
        data = await self._get(
            f"{self.workspace}/jobs_u/get/{url_part(job_id)}", {"no_logs": "true"}
        )
        job = None if data is None else Job.model_validate(data)
        if job and job.completed:
            _keep(self.completed, job.id, job)
        return job

    def followed(self, run_id: str) -> Followed:
        if run_id not in self._followed:
            _keep(self._followed, run_id, Followed(), KEPT_RUNS)
        return self._followed[run_id]

    async def jobs_between(self, after: datetime, before: datetime | None) -> list[Job] | None:
        """All that were made then, as lists show them; None where one answer does not hold them."""
        query = {"created_after": after.isoformat(), "per_page": PAGE}
        query |= {"created_before": before.isoformat()} if before else {}
        rows = await self._get(f"{self.workspace}/jobs/list", query) or []
        return [Job.model_validate(row) for row in rows] if len(rows) < PAGE else None

    async def children(self, flow: Job) -> dict[str, Job]:
        """The jobs that this flow itself started, by id, as lists show them: without results."""
        if flow.id in self.ended_children:
            return self.ended_children[flow.id]
        children = {job.id: job async for job in self._listed({"parent_job": flow.id})}
        if flow.completed and all(job.completed for job in children.values()):
            _keep(self.ended_children, flow.id, children)
        return children

    async def _listed(self, query: dict[str, Any]) -> AsyncIterator[Job]:
        for page in count(1):
            paging = {"per_page": PAGE, "page": page}
            rows = await self._get(f"{self.workspace}/jobs/list", {**query, **paging}) or []
            for row in rows:
                yield Job.model_validate(row)
            if len(rows) < PAGE:
                return

    async def unfinished(self, path: str, args: dict[str, Any]) -> list[str]:
        """Runs of this flow with these arguments that are queued or running."""
        query = {"script_path_exact": path, "args": json.dumps(args)}
        jobs = await self._get(f"{self.workspace}/jobs/queue/list", query) or []
        return [job["id"] for job in jobs]

    async def waiting_since(self, now: datetime) -> list[datetime]:
        """Since when each job waits for a worker, at most PAGE of them: not those at work, not
        those that wait for people or for their time."""
        query = {"running": "false", "suspended": "false", "per_page": PAGE, "order_desc": "false"}
        rows = await self._get(f"{self.workspace}/jobs/queue/list", query) or []
        due = (datetime.fromisoformat(row["scheduled_for"]) for row in rows)
        return [since for since in due if since <= now]

    async def logs(self, job_id: str) -> str:
        url = f"{self.workspace}/jobs_u/get_logs/{url_part(job_id)}"
        # Else logs begin with a hint for people at a terminal, depending on where they are kept.
        response = await self._call(
            "GET",
            url,
            f"show the logs of {job_id}",
            params={"remove_ansi_warnings": "true"},
            missing_ok=True,
        )
        return "" if response.status_code == httpx.codes.NOT_FOUND else response.text

    async def resume(self, flow_job_id: str, payload: dict[str, Any]) -> None:
        url = f"{self.workspace}/jobs/flow/resume/{url_part(flow_job_id)}"
        await self._call("POST", url, "resume the run", json=payload)

    async def answer(self, step_job_id: str, *, approved: bool) -> None:
        """To a step that waits for people: approval or refusal."""
        nonce = secrets.randbelow(2**31)
        url = f"{self.workspace}/jobs/resume_urls/{url_part(step_job_id)}/{url_part(nonce)}"
        signed = await self._get(url, {"approver": APPROVER})
        if not signed:
            raise WindmillRefused(what="answer the run", reason="it no longer waits")
        # Signed for the address that people use; we may reach Windmill by another.
        link = urlsplit(signed["resume" if approved else "cancel"])
        path = link.path[link.path.index(f"{self.workspace}/") :]
        # Signed as it is: it needs no token, and one with scopes would be asked for more of them.
        await self._call("POST", f"{path}?{link.query}", "answer the run", json={}, signed=True)

    async def cancel(self, job_id: str, reason: str) -> None:
        url = f"{self.workspace}/jobs_u/queue/cancel/{url_part(job_id)}"
        await self._call("POST", url, "cancel the run", json={"reason": reason}, missing_ok=True)

    async def tree(self, runs: Iterable[str]) -> list[str]:
        """Those of these runs and of all below them that are still known."""
        found: dict[str, None] = {}
        waiting = list(runs)
        while waiting:
            job = await self.job(waiting.pop())
            if job is None or job.id in found:
                continue
            found[job.id] = None
            waiting += await self.children(job) if job.is_flow else {}
        return list(found)

    async def erase_job(self, job_id: str) -> None:
        """What it was given, gave and wrote; that it was stays known."""
        url = f"{self.workspace}/jobs/completed/delete/{url_part(job_id)}"
        await self._call("POST", url, f"delete the job {job_id}", missing_ok=True)
        self.completed.pop(job_id, None)
        self.ended_children.pop(job_id, None)
        self._followed.pop(job_id, None)

    async def flow(self, path: str) -> dict[str, Any] | None:
        flow: dict[str, Any] | None = await self._get(
            f"{self.workspace}/flows/get/{url_path(path)}", {}
        )
        return flow

    async def flow_paths(self, prefix: str) -> list[str]:
        query = {"path_start": prefix, "per_page": 1000}
        flows = await self._get(f"{self.workspace}/flows/list", query) or []
        return sorted(flow["path"] for flow in flows if flow["path"].startswith(prefix))

    async def app(self, path: str) -> dict[str, Any] | None:
        app: dict[str, Any] | None = await self._get(
            f"{self.workspace}/apps/get/p/{url_path(path)}", {}
        )
        return app

    async def app_bundle(self, path: str, kind: str) -> bytes | None:
        url = f"{self.workspace}/apps/secret_of_latest_version/{url_path(path)}"
        secret = await self._call("GET", url, f"show app {path}", missing_ok=True)
        if secret.status_code == httpx.codes.NOT_FOUND:
            return None
        url = f"{self.workspace}/apps/get_data/v/{url_part(f'{secret.text.strip()}.{kind}')}"
        return (await self._call("GET", url, f"show app {path}")).content

    async def execute_component(
        self, app: str, component: str, runnable: str, args: dict[str, Any]
    ) -> str:
        url = f"{self.workspace}/apps_u/execute_component/{url_path(app)}"
        body = {"component": component, "path": runnable, "args": args}
        body["force_viewer_static_fields"] = {}
        response = await self._call("POST", url, f"run {runnable}", json=body)
        return response.text.strip().strip('"')

    async def job_document(self, job_id: str) -> dict[str, Any] | None:
        """As Windmill shows it, for the apps that read it so."""
        document: dict[str, Any] | None = await self._get(
            f"{self.workspace}/jobs_u/get/{url_part(job_id)}", {"no_logs": "true"}
        )
        return document

    async def variable(self, path: str) -> str:
        """Its value; empty where there is none."""
        url = f"{self.workspace}/variables/get_value/{url_path(path)}"
        return str(await self._get(url, {}) or "")

    async def resource(self, path: str) -> Any:
        return await self._get(f"{self.workspace}/resources/get_value/{url_path(path)}", {})

    async def variables(self, prefix: str) -> list[tuple[str, str]]:
        """Path and description of each; no value."""
        query = {"path_start": prefix, "per_page": PAGE}
        rows = await self._get(f"{self.workspace}/variables/list", query) or []
        found = ((str(row["path"]), str(row.get("description") or "")) for row in rows)
        return sorted(each for each in found if each[0].startswith(prefix))

    async def keep_secret(self, path: str, value: str, description: str) -> None:
        body = {"path": path, "value": value, "is_secret": True, "description": description}
        what, variables = f"keep {path}", f"{self.workspace}/variables"
        known = await self._get(f"{variables}/exists/{url_path(path)}", {})
        url = f"{variables}/update/{url_path(path)}" if known else f"{variables}/create"
        await self._call("POST", url, what, json=body)

    async def delete_variable(self, path: str) -> None:
        url = f"{self.workspace}/variables/delete/{url_path(path)}"
        await self._call("DELETE", url, f"remove {path}", missing_ok=True)

    async def _get(self, url: str, query: dict[str, Any]) -> Any:
        """The answer's JSON, None when there is no such thing."""
        what = f"show {url.removeprefix(self.workspace)}"
        response = await self._call("GET", url, what, params=query, missing_ok=True)
        if response.status_code == httpx.codes.NOT_FOUND:
            return None
        try:
            return response.json()
        except ValueError as error:
            raise WindmillRefused(what=what, reason="its answer is not JSON") from error

    async def _call(
        self,
        method: str,
        url: str,
        what: str,
        *,
        missing_ok: bool = False,
        signed: bool = False,
        **options: Any,
    ) -> httpx.Response:
        known = self.token and not signed
        headers = {"Authorization": f"Bearer {self.token}"} if known else {}
        try:
            response = await self.http.request(method, url, headers=headers, **options)
        except httpx.HTTPError as error:
            raise WindmillUnreachable(url=self.http.base_url) from error
        if response.is_success or (missing_ok and response.status_code == httpx.codes.NOT_FOUND):
            return response
        raise WindmillRefused(what=what, reason=f"{response.status_code} {_said(response)[:500]}")


def _said(response: httpx.Response) -> str:
    """Some servers and proxies repeat what they were sent, the token too."""
    token = response.request.headers["Authorization"].removeprefix("Bearer ")
    return response.text.replace(token, "***")


def _keep(kept: dict[str, T], key: str, value: T, limit: int = KEPT_JOBS) -> None:
    kept[key] = value
    if len(kept) > limit:
        del kept[next(iter(kept))]


def connect(base_url: str, tokens: Mapping[Role, str], workspace: str) -> Windmill:
    http = httpx.AsyncClient(
        base_url=base_url,
        timeout=httpx.Timeout(30, connect=5),
        # A proxy of the environment has no business between us and this machine.
        trust_env=urlsplit(base_url).hostname not in LOOPBACK_NAMES,
    )
    return Windmill(http, workspace, tokens)
