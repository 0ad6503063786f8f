"""n8n's owner, who alone makes keys, and makes them by the routes of its own pages."""

from dataclasses import dataclass, field
from typing import Any, Self

from cli.errors import Refused
from cli.platform.embedded import is_loopback
from windmill.scripts.model.base.url_path import url_part

LABEL = "mlops sync"
COOKIE = "n8n-auth"
REASONS = {
    400: "n8n asks for 8 characters or more with a capital and a digit (N8N_OWNER_PASSWORD).",
    401: "Give N8N_OWNER_EMAIL and N8N_OWNER_PASSWORD of the owner it has, or a key (N8N_API_KEY).",
    404: "Check N8N_API_URL: it is where n8n's editor answers.",
    429: "n8n takes five sign-ins a minute: wait for one.",
}


@dataclass(frozen=True)
class Owner:
    email: str
    password: str = field(repr=False)
    first_name: str = "MLOps"
    last_name: str = "Platform"


class N8nOwner:
    """Each call raises Refused with n8n's own words."""

    def __init__(self, url: str, owner: Owner) -> None:
        import httpx

        self._owner = owner
        self._url = url.rstrip("/").removesuffix("/api/v1")
        self._http = httpx.Client(
            base_url=self._url, timeout=30, trust_env=not is_loopback(self._url)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def takes(self, key: str) -> bool:
        """Whether it knows the key, whatever that may do."""
        answer = self._ask("GET", "/api/v1/workflows?limit=1", headers={"X-N8N-API-KEY": key})
        return bool(answer.status_code != 401)

    def come_in(self) -> str:
        """As the owner that is there, or that is made now; says which."""
        told = self._send("GET", "/rest/settings")["data"]["userManagement"]
        owner = self._owner
        if told["showSetupOnFirstLoad"]:
            names = {"firstName": owner.first_name, "lastName": owner.last_name}
            body = {"email": owner.email, "password": owner.password, **names}
            self._send("POST", "/rest/owner/setup", body)
            return "made"
        self._send(
            "POST",
            "/rest/login",
            {"emailOrLdapLoginId": owner.email, "password": owner.password},
        )
        return "signed in"

    def make_key(self) -> str:
        """With what sync needs; one that was made before is nobody's any more."""
        from sync.api import key_scopes

        for each in self._send("GET", "/rest/api-keys")["data"]["items"]:
            if each["label"] == LABEL:
                self._send("DELETE", f"/rest/api-keys/{url_part(each['id'])}")
        body = {"label": LABEL, "scopes": key_scopes(), "expiresAt": None}
        return str(self._send("POST", "/rest/api-keys", body)["data"]["rawApiKey"])

    def _ask(self, method: str, path: str, **options: Any) -> Any:
        import httpx

        try:
            return self._http.request(method, path, **options)
        except httpx.HTTPError as error:
            message = f"n8n does not answer at {self._url}: {error}"
            raise Refused(message=message, fix=REASONS[404]) from error

    def _send(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._ask(method, path, json=body)
        if not answer.is_success:
            said = " ".join(answer.text.split())[:300] or answer.reason_phrase
            message = f"n8n refused {method} {path}: {answer.status_code} {said}"
            raise Refused(message=message, fix=REASONS.get(answer.status_code, "mlops doctor"))
        self._remember(answer)
        return answer.json() if answer.content else None

    def _remember(self, answer: Any) -> None:
        """By hand: a cookie for TLS alone is not sent inside a network of containers."""
        if cookie := answer.cookies.get(COOKIE):
            self._http.cookies.clear()
            self._http.headers["Cookie"] = f"{COOKIE}={cookie}"
