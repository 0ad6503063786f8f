"""What a token that has scopes may call, as Windmill judges it.

A route asks for `domain:action`, running a script or flow for its kind too, and where a path stands
in the address, for that path (Windmill's backend/windmill-api/src/scopes.rs and
windmill-common/src/scopes.rs, read in November 2026).
"""

import re
from dataclasses import dataclass

from starlette.requests import Request

from engine.errors import ApiError, NotAuthorized, PermissionDenied, UnknownDomain

SAME = {"jobs_u": "jobs", "apps_u": "apps"}
DOMAINS = {
    *("jobs", "scripts", "flows", "apps", "variables", "resources", "schedules", "folders"),
    *("users", "groups", "workspaces", "http_triggers", "workers", "settings", "health"),
}
KINDS = (("flows", ("jobs/run/f/", "jobs/flow/resume/")), ("scripts", ("jobs/run/p/",)))
RUNNING = ("jobs/run/", "jobs/flow/resume/", "apps_u/execute_component/")
CANCELING = ("jobs_u/queue/cancel/", "jobs_u/queue/force_cancel/")
READING = {"GET", "HEAD", "OPTIONS"}
# By these a job that one has started is followed.
FOLLOWING = (
    *("jobs_u/get/", "jobs_u/get_logs/", "jobs_u/getupdate", "jobs_u/completed/get"),
    *("jobs/result_by_id/", "jobs/resume_urls/", "jobs/flow/user_states/"),
)
WITH_PATH = re.compile(
    r"(?:jobs/run/[pf]|(?:variables|resources|flows)/\w+|scripts/\w+/p|apps/get/p"
    r"|apps_u/execute_component)/(?P<path>[fug]/.+)"
)


@dataclass(frozen=True)
class Scope:
    domain: str
    action: str
    kind: str = ""
    paths: tuple[str, ...] = ()

    @classmethod
    def read(cls, text: str) -> "Scope | None":
        """None for what is no scope, which then grants nothing."""
        domain, _, rest = text.partition(":")
        action, _, last = rest.partition(":")
        if not action or text.count(":") > 3:
            return None
        if (domain, action) == ("jobs", "run"):
            kind, _, paths = last.partition(":")
            return cls(domain, action, kind, _split(paths))
        return None if ":" in last else cls(domain, action, paths=_split(last))

    def grants(self, asked: "Scope", route: str) -> bool:
        if self.domain != asked.domain:
            return False
        if (self.domain, self.action, asked.action) == ("jobs", "run", "read"):
            return route.startswith(FOLLOWING)
        if asked.action not in _INCLUDED.get((self.domain, self.action), {self.action}):
            return self.action == "write" and asked.action == "read"
        return not self.kind or self.kind == asked.kind

    def reaches(self, path: str, asked: "Scope") -> bool:
        """Whoever serves the route looks again, and there what runs an app does not read it."""
        return self.covers(path) and (self.action != "run" or asked.action == "run")

    def covers(self, path: str) -> bool:
        return not self.paths or any(_fits(each, path) for each in self.paths)


_INCLUDED = {
    ("apps", "run"): {"run", "read"},
    ("apps", "write"): {"write", "run"},
    ("jobs", "write"): {"write", "cancel"},
}


def refusal(scopes: list[str], method: str, address: str) -> ApiError | None:
    """Without scopes everything is allowed."""
    if not scopes:
        return None
    route = _route(address)
    asked = _asked(method, route)
    if asked is None:
        return UnknownDomain(route=address)
    granting = [s for s in map(Scope.read, scopes) if s and s.grants(asked, route)]
    if not granting:
        parts = (asked.domain, asked.action, asked.kind)
        return PermissionDenied(scope=":".join(filter(None, parts)))
    found = WITH_PATH.fullmatch(route)
    if found and not any(each.reaches(found["path"], asked) for each in granting):
        return NotAuthorized(scope=f"{asked.domain}:{asked.action}:{found['path']}")
    return None


def check_written(request: Request, domain: str, path: str) -> None:
    """For what says in its body where it goes. Raises NotAuthorized."""
    scopes = getattr(request.state, "scopes", ())
    asked = Scope(domain, "write")
    read = [scope for scope in map(Scope.read, scopes) if scope]
    if scopes and not any(each.grants(asked, "") and each.covers(path) for each in read):
        raise NotAuthorized(scope=f"{domain}:write:{path}")


def _route(address: str) -> str:
    """`jobs/list` of `/api/w/mlops/jobs/list`, `users/whoami` of `/api/users/whoami`."""
    parts = address.split("/")
    return "/".join(parts[4:] if parts[1:3] == ["api", "w"] else parts[2:])


def _asked(method: str, route: str) -> Scope | None:
    first = route.partition("/")[0]
    domain = SAME.get(first, first)
    if domain not in DOMAINS:
        return None
    kinds = (kind for kind, starts in KINDS if route.startswith(starts))
    return Scope(domain, _action(method, route), next(kinds, ""))


def _action(method: str, route: str) -> str:
    if method == "POST" and route.startswith(CANCELING):
        return "cancel"
    if route.startswith(RUNNING):
        return "run"
    return "read" if method in READING else "write"


def _split(paths: str) -> tuple[str, ...]:
    return tuple(filter(None, paths.split(",")))


def _fits(pattern: str, path: str) -> bool:
    if pattern in ("*", path):
        return True
    return pattern.endswith("/*") and f"{path}/".startswith(pattern[:-1])
