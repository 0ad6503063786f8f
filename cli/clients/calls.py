"""Calls to a deployed pipeline's own API, other than questions to a chat."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cli.clients.endpoint import TIMEOUT_SECONDS, bearer, events, reached, refused, silent
from cli.clients.gateway import Gateway
from cli.platform.embedded import is_loopback
from windmill.scripts.model.base.errors import NoAnswer

if TYPE_CHECKING:
    import httpx

Event = tuple[str, dict[str, Any]]
STREAM = "text/event-stream"


@dataclass(frozen=True)
class Endpoint:
    """Each call raises NoAnswer, with the endpoint's own words where it has any."""

    name: str
    url: str
    key: str = field(repr=False)

    def get(self, path: str) -> Any:
        return self._json("GET", path)

    def post(self, path: str, body: Any = None) -> Any:
        return self._json("POST", path, json=body)

    def put(self, path: str, content: bytes) -> Any:
        return self._json("PUT", path, content=content)

    def content(self, path: str) -> bytes:
        with self._answer("GET", path) as response:
            return bytes(response.read())

    def events(self, path: str, content: bytes, kind: str) -> Iterator[Event]:
        """What it tells while it works; an event of an error is raised."""
        headers = {"Accept": STREAM, "Content-Type": kind}
        with self._answer("POST", path, headers, content=content) as response:
            for name, data in events(response.iter_lines()):
                if name == "error":
                    raise refused(self.name, data)
                yield name, data

    def _json(self, method: str, path: str, **sent: Any) -> Any:
        with self._answer(method, path, **sent) as response:
            response.read()
            try:
                return response.json()
            except ValueError as error:
                reason = f"{method} {path} gave no JSON"
                raise NoAnswer(name=self.name, reason=reason) from error

    @contextmanager
    def _answer(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, **sent: Any
    ) -> Iterator["httpx.Response"]:
        import httpx

        url = f"{self.url}{path}"
        headers = {**(headers or {}), **bearer(self.key)}
        try:
            with (
                httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=not is_loopback(url)) as http,
                http.stream(method, url, headers=headers, **sent) as response,
            ):
                if not response.is_success:
                    response.read()
                    raise refused(self.name, response.text)
                yield response
        except httpx.HTTPError as error:
            raise silent(self.name, url, error) from error


@contextmanager
def opened(gateway: Gateway, status: dict[str, Any]) -> Iterator[Endpoint]:
    """Of what is live, through a tunnel where there must be one."""
    with reached(status) as url:
        yield Endpoint(status["name"], url, gateway.key(status["id"])["key"])
