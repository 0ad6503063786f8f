"""Where Windmill is, and the one secret that `mlops up` puts there."""

import os
from dataclasses import dataclass

from cli.errors import PlatformDown, Refused
from cli.platform.embedded import WORKSPACE, Platform, is_loopback
from cli.platform.home import Home
from windmill.scripts.model.base.windmill_paths import SECRET_KEY


@dataclass(frozen=True)
class WindmillAddress:
    url: str
    token: str
    workspace: str


def find_windmill(home: Home) -> WindmillAddress:
    """The one the environment names, else the embedded one. Raises PlatformDown."""
    if url := os.environ.get("WINDMILL_API_URL"):
        token = os.environ.get("WINDMILL_API_KEY", "")
        workspace = os.environ.get("WINDMILL_WORKSPACE", WORKSPACE)
        return WindmillAddress(url.rstrip("/").removesuffix("/api"), token, workspace)
    platform = Platform.load(home)
    if not platform.is_up("engine"):
        raise PlatformDown
    return WindmillAddress(
        platform.parts["engine"].url, home.secrets()["windmill_token"], WORKSPACE
    )


def store_secret_key(address: WindmillAddress, value: str) -> None:
    """Written only when it is missing or another one."""
    import httpx

    headers = {"Authorization": f"Bearer {address.token}"}
    base = f"{address.url}/api/w/{address.workspace}/variables"
    direct = is_loopback(address.url)
    with httpx.Client(headers=headers, timeout=10, trust_env=not direct) as http:
        current = http.get(f"{base}/get_value/{SECRET_KEY}")
        if current.is_success and current.json() == value:
            return
        body = {
            "path": SECRET_KEY,
            "value": value,
            "is_secret": True,
            "description": "Seals what deployments keep; made by `mlops up`",
        }
        action = f"update/{SECRET_KEY}" if current.is_success else "create"
        answer = http.post(f"{base}/{action}", json=body)
    if not answer.is_success:
        message = f"Windmill did not take the variable {SECRET_KEY}: {answer.text[:300]}"
        raise Refused(message=message, fix="mlops doctor")
