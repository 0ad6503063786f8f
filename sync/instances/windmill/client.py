"""A small client of Windmill's REST API, for the calls that sync makes."""

from collections.abc import Iterator
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from windmill.scripts.model.base.url_path import url_part

from ...errors import WindmillError

PAGE = 1000
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_FIXES = {
    401: "The token is unknown or has expired: give a valid one (--token or WINDMILL_API_KEY).",
    403: "The token's owner may not do this: use one of a workspace admin.",
    404: "Check the address and the workspace (--windmill-url, --workspace).",
}


class Windmill:
    """One workspace of one Windmill, embedded or not."""

    def __init__(
        self,
        base_url: str,
        workspace: str,
        token: str,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/").removesuffix("/api")
        self.workspace = workspace
        self._http = httpx.Client(
            base_url=f"{self.base_url}/api/w/{url_part(workspace)}/",
            headers={"Authorization": f"Bearer {token}"},
            timeout=60,
            transport=transport,
            # A proxy of the environment has no business between us and this machine.
            trust_env=urlsplit(self.base_url).hostname not in _LOOPBACK,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def get(self, path: str, **query: str | int) -> Any:
        return self._json(self._send("GET", path, params=query))

    def find(self, path: str) -> Any | None:
        """None when there is no such thing."""
        response = self._send("GET", path, missing_is_fine=True)
        return None if response.status_code == httpx.codes.NOT_FOUND else self._json(response)

    def pages(self, path: str, **query: str | int) -> Iterator[Any]:
        page = 1
        while True:
            rows = self.get(path, page=page, per_page=PAGE, **query)
            yield from rows
            if len(rows) < PAGE:
                return
            page += 1

    def post(self, path: str, body: Any, **query: str) -> str:
        return self._send("POST", path, json=body, params=query).text

    def delete(self, path: str) -> None:
        self._send("DELETE", path)

    def post_form(self, path: str, parts: dict[str, tuple[str, str, str]]) -> str:
        """Parts by name: file name, content and media type."""
        return self._send("POST", path, files=parts).text

    def _send(
        self, method: str, path: str, *, missing_is_fine: bool = False, **options: Any
    ) -> httpx.Response:
        try:
            response = self._http.request(method, path, **options)
        except httpx.HTTPError as error:
            what = f"Windmill does not answer: {str(error) or type(error).__name__}"
            fix = "`mlops up` starts the embedded one; for another, check --windmill-url."
            raise WindmillError(what, self.base_url, fix) from error
        missing = response.status_code == httpx.codes.NOT_FOUND and missing_is_fine
        if response.is_success or missing:
            return response
        raise self._refusal(response)

    def _json(self, response: httpx.Response) -> Any:
        try:
            return response.json()
        except ValueError as error:
            what = "the answer is not JSON, so this is not a Windmill"
            raise WindmillError(what, str(response.url), _FIXES[404]) from error

    def _refusal(self, response: httpx.Response) -> WindmillError:
        # Some servers and proxies repeat what they were sent, the token too.
        token = response.request.headers["Authorization"].removeprefix("Bearer ")
        text = " ".join(response.text.replace(token, "***").split())[:300]
        what = f"Windmill answered {response.status_code}: {text or response.reason_phrase}"
        where = f"{response.request.method} {response.request.url.path}"
        return WindmillError(what, where, _FIXES.get(response.status_code, ""))
