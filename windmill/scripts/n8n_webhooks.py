"""Where our n8n's webhooks are, and what shows it that the caller is us: both pushed by sync."""

import httpx
import wmill

from .instance import FOLDER


class NotGiven(Exception):
    """Windmill did not give a variable."""


def variable(name: str) -> str:
    """Empty when it is not set. Raises NotGiven with the reason in words."""
    client = wmill.Windmill()  # type: ignore[no-untyped-call]  # its __init__ has no annotations
    path = f"w/{client.workspace}/variables/get_value/{FOLDER}/{name}"
    try:
        # get_variable would raise a bare Exception, whatever was wrong.
        answer = client.get(path, raise_for_status=False)
    except httpx.HTTPError as error:
        raise NotGiven(f"Windmill did not give {name}") from error
    if answer.status_code == httpx.codes.NOT_FOUND:
        return ""
    if not answer.is_success:
        raise NotGiven(f"Windmill did not give {name}: {answer.status_code}")
    return str(answer.json() or "")


def authorization() -> dict[str, str]:
    return {"Authorization": f"Bearer {variable('n8n_notify_token')}"}
