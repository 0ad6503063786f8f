import time

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.api.http import Doc, answer, doc_body, iso, text
from engine.api.paths import workspace
from engine.core import Engine
from engine.runtime.environment import EMAIL, USER
from engine.settings import VERSION, WorkerGroup

OPEN_PATHS = ("/api/version", "/api/health/status")


class Instance:
    """What is not in a workspace."""

    def __init__(self, engine: Engine) -> None:
        self._settings, self._jobs, self._started = engine.settings, engine.jobs, time.time()

    def routes(self) -> list[Route]:
        return [
            Route("/api/version", self.version),
            Route("/api/health/status", self.health),
            Route("/api/users/whoami", self.whoami),
            Route("/api/workers/list", self.workers),
            Route("/api/workers/exists_worker_with_tag", self.listens),
            Route("/api/workspaces/list", self.workspaces),
            Route("/api/workspaces/users", self.workspaces),
            Route("/api/workspaces/exists", self.exists, methods=["POST"]),
        ]

    async def version(self, request: Request) -> Response:
        return text(VERSION)

    async def health(self, request: Request) -> Response:
        body = {
            "status": "healthy",
            "checked_at": iso(time.time()),
            "database_healthy": True,
            "workers_alive": self._settings.workers,
        }
        return answer(body)

    async def whoami(self, request: Request) -> Response:
        return answer(
            {
                "email": EMAIL,
                "username": USER,
                "login_type": "password",
                "super_admin": True,
                "verified": True,
                "name": None,
                "company": None,
                "devops": False,
                "operator_only": False,
            }
        )

    async def workers(self, request: Request) -> Response:
        groups = self._settings.groups
        return answer([self._worker(group, n) for group in groups for n in range(group.workers)])

    async def listens(self, request: Request) -> Response:
        return answer(request.query_params.get("tag") in self._settings.tags)

    def _worker(self, group: WorkerGroup, number: int) -> Doc:
        return {
            "worker": f"wk-{group.name}-{number}",
            "worker_instance": "embedded",
            "worker_group": group.name,
            "started_at": iso(self._started),
            "last_ping": 0,
            "ip": self._settings.host,
            "wm_version": VERSION,
            "jobs_executed": 0,
            "custom_tags": list(group.tags),
        }

    async def workspaces(self, request: Request) -> Response:
        name = self._settings.workspace
        return answer(
            [{"id": name, "name": name, "owner": EMAIL, "deleted": False, "premium": False}]
        )

    async def exists(self, request: Request) -> Response:
        return answer((await doc_body(request)).get("id") == self._settings.workspace)


class WorkspaceUsers:
    def routes(self) -> list[Route]:
        return [Route("/users/whoami", self.whoami), Route("/users/list_usernames", self.names)]

    async def whoami(self, request: Request) -> Response:
        return answer(
            {
                "workspace_id": workspace(request),
                "email": EMAIL,
                "username": USER,
                "is_admin": True,
                "is_super_admin": True,
                "created_at": iso(0),
                "operator": False,
                "disabled": False,
                "role": "admin",
                "groups": ["all"],
                "folders": [],
                "folders_owners": [],
                "folders_read": [],
            }
        )

    async def names(self, request: Request) -> Response:
        return answer([USER])
