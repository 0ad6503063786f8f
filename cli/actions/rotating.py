"""Another key for this machine's gateway, while the one before goes on working."""

import json
import os
import secrets
from typing import Any

from cli.errors import Refused
from cli.platform.embedded import Platform
from cli.platform.home import EARLIER_KEYS, Home, write_private

ELSEWHERE = (
    "There: another MLOPS_API_KEY, with this one in MLOPS_PREVIOUS_API_KEYS; start it again."
)


def rotate(home: Home, *, end: bool) -> dict[str, Any]:
    """How many earlier keys still work, or were ended. Raises Refused."""
    if url := os.environ.get("MLOPS_GATEWAY_URL"):
        raise Refused(message=f"The gateway at {url} is not this machine's", fix=ELSEWHERE)
    home.make()
    with home.locked():
        kept = home.secrets()
        earlier = [each for each in kept.get(EARLIER_KEYS, "").split(",") if each]
        if end:
            changed = {EARLIER_KEYS: ""}
        else:
            earlier = [kept["gateway_api_key"], *earlier]
            changed = {EARLIER_KEYS: ",".join(earlier)}
            changed |= {"gateway_api_key": secrets.token_urlsafe(32)}
        write_private(home.secrets_file, json.dumps({**kept, **changed}, indent=2))
        platform = Platform.load(home)
        if platform.is_up("gateway"):
            platform.start(lambda name, took, url: None)
    return {"earlier": len(earlier), "ended": end, "file": str(home.secrets_file)}
