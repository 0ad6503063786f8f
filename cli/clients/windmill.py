"""Where Windmill is, and the few calls that the command line makes itself."""

import os
from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Any, Self

from cli.errors import PlatformDown, Refused
from cli.platform.embedded import WORKSPACE, Platform, is_loopback
from cli.platform.home import Home
from windmill.scripts.model.base.url_path import url_part, url_path
from windmill.scripts.model.base.windmill_paths import SECRET_KEY

Answer = Any  # JSON, as Windmill documents it
FIXES = {
    401: "The token is unknown or has expired: make one in Windmill's settings (WINDMILL_API_KEY).",
    403: "The token's owner may not do this: use one of an admin of the workspace.",
    404: "Check the address and the workspace (WINDMILL_API_URL, WINDMILL_WORKSPACE).",
}


@dataclass(frozen=True)
class WindmillAddress:
    url: str
    token: str
    workspace: str


def named_windmill(url: str | None = None) -> WindmillAddress | None:
    """The one at `url`, or else the one that the environment names."""
    url = url or os.environ.get("WINDMILL_API_URL")
    if not url:
        return None
    token = os.environ.get("WINDMILL_API_KEY", "")
    workspace = os.environ.get("WINDMILL_WORKSPACE", WORKSPACE)
    return WindmillAddress(url.rstrip("/").removesuffix("/api"), token, workspace)


def find_windmill(home: Home, url: str | None = None) -> WindmillAddress:
    """The one that is named, else the embedded one. Raises PlatformDown."""
    if named := named_windmill(url):
        return named
    platform = Platform.load(home)
    if not platform.is_up("engine"):
        raise PlatformDown
    return WindmillAddress(
        platform.parts["engine"].url, home.secrets()["windmill_token"], WORKSPACE
    )


class WindmillClient:
    """The calls of setting up and probing; each raises Refused with the server's own words."""

    def __init__(self, address: WindmillAddress) -> None:
        import httpx

        self.address = address
        self.http = httpx.Client(
            base_url=f"{address.url}/api",
            headers={"Authorization": f"Bearer {address.token}"} if address.token else {},
            timeout=30,
            trust_env=not is_loopback(address.url),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def version(self) -> str:
        """`CE v1.788.0`, as it says it."""
        return str(self._send("GET", "/version").text.strip())

    def who(self) -> Answer:
        return self._send("GET", "/users/whoami").json()

    def who_in_workspace(self) -> Answer:
        return self._send("GET", self._in_workspace("users/whoami")).json()

    def knows_token(self) -> bool:
        """Whether it may do a thing or not."""
        answer = self._send("GET", "/users/whoami", allowed=range(400, 500))
        return bool(answer.status_code != 401)

    def log_in(self, email: str, password: str) -> str:
        """The token of a session; '' where it is not taken."""
        body = {"email": email, "password": password}
        answer = self._send("POST", "/auth/login", body, allowed=range(400, 500))
        return str(answer.text.strip()) if answer.is_success else ""

    def set_password(self, password: str) -> None:
        """Of whose token this is."""
        self._send("POST", "/users/setpassword", {"password": password})

    def workspace_exists(self) -> bool:
        body = {"id": self.address.workspace}
        return bool(self._send("POST", "/workspaces/exists", body).json())

    def create_workspace(self) -> None:
        name = self.address.workspace
        self._send("POST", "/workspaces/create", {"id": name, "name": name})

    def variable(self, path: str) -> str | None:
        where = self._in_workspace(f"variables/get_value/{url_path(path)}")
        answer = self._send("GET", where, allowed=(404,))
        return str(answer.json()) if answer.is_success else None

    def set_variable(self, path: str, value: str, about: str, *, is_new: bool) -> None:
        body = {"path": path, "value": value, "is_secret": True, "description": about}
        action = "create" if is_new else f"update/{url_path(path)}"
        self._send("POST", self._in_workspace(f"variables/{action}"), body)

    def create_token(self, label: str, scopes: Sequence[str]) -> str:
        """Of this workspace; it does not end."""
        body = {"label": label, "scopes": list(scopes), "workspace_id": self.address.workspace}
        return str(self._send("POST", "/users/tokens/create", body).text.strip())

    def script_exists(self, path: str) -> bool:
        return bool(
            self._send("GET", self._in_workspace(f"scripts/exists/p/{url_path(path)}")).json()
        )

    def schedule(self, path: str) -> Answer | None:
        where = self._in_workspace(f"schedules/get/{url_path(path)}")
        answer = self._send("GET", where, allowed=(404,))
        return answer.json() if answer.is_success else None

    def last_run(self, schedule: str) -> Answer | None:
        """Of those that have ended."""
        query = f"schedule_path={url_part(schedule)}&per_page=1"
        rows = self._send("GET", self._in_workspace(f"jobs/completed/list?{query}")).json()
        return rows[0] if rows else None

    def start(self, path: str, tag: str = "") -> str:
        """The job's id; a worker of everybody's takes it where no tag is given."""
        address = f"jobs/run/p/{url_path(path)}" + (f"?tag={url_part(tag)}" if tag else "")
        return str(self._send("POST", self._in_workspace(address), {}).text)

    def machines(self, tag: str, within_seconds: int) -> list[str]:
        """Those with a worker that listens to the tag and was heard of so lately."""
        workers = self._send("GET", "/workers/list?per_page=1000").json()
        heard = [each for each in workers if (each.get("last_ping") or 0) <= within_seconds]
        return sorted(
            {each["worker_instance"] for each in heard if tag in (each["custom_tags"] or ())}
        )

    def queued(self, flow: str) -> list[str]:
        """Runs of it that have not ended, the newest first."""
        where = self._in_workspace(f"jobs/queue/list?script_path_exact={url_part(flow)}")
        return [str(each["id"]) for each in self._send("GET", where).json()]

    def job(self, id: str) -> Answer:
        where = self._in_workspace(f"jobs_u/get/{url_part(id)}?no_logs=true")
        return self._send("GET", where).json()

    def resume(self, flow_job: str, answer: Any) -> None:
        """What its step that waits is told."""
        where = self._in_workspace(f"jobs/flow/resume/{url_part(flow_job)}")
        self._send("POST", where, answer)

    def result_maybe(self, job: str) -> Answer:
        """`{completed, success, result}`."""
        where = f"jobs_u/completed/get_result_maybe/{url_part(job)}"
        return self._send("GET", self._in_workspace(where)).json()

    def cancel(self, job: str) -> None:
        body = {"reason": "nobody waits for it any more"}
        self._send("POST", self._in_workspace(f"jobs_u/queue/cancel/{url_part(job)}"), body)

    def _in_workspace(self, address: str) -> str:
        return f"/w/{url_part(self.address.workspace)}/{address}"

    def _send(self, method: str, path: str, body: Any = None, allowed: Container[int] = ()) -> Any:
        import httpx

        try:
            answer = self.http.request(method, path, json=body)
        except httpx.HTTPError as error:
            message = f"Windmill does not answer at {self.address.url}: {error}"
            raise Refused(message=message, fix=FIXES[404]) from error
        if answer.is_success or answer.status_code in allowed:
            return answer
        said = " ".join(answer.text.split())[:300] or answer.reason_phrase
        message = f"Windmill refused {method} {path}: {answer.status_code} {said}"
        raise Refused(message=message, fix=FIXES.get(answer.status_code, "mlops doctor"))


def store_secret_key(address: WindmillAddress, value: str) -> None:
    """Written only when it is missing or another one."""
    with WindmillClient(address) as windmill:
        held = windmill.variable(SECRET_KEY)
        if held != value:
            about = "Seals what deployments keep; made by `mlops up`"
            windmill.set_variable(SECRET_KEY, value, about, is_new=held is None)
