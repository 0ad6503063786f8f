"""Where our n8n's webhooks are, and what shows it that the caller is us: both pushed by sync."""

import httpx

from ..model.base.url_path import url_part
from ..model.base.windmill_paths import FOLDER
from .instance import ask_windmill


class NotGiven(Exception):
    """Windmill did not give a variable."""


def variable(name: str) -> str:
    """Empty when it is not set. Raises NotGiven with the reason in words."""
    try:
        answer = ask_windmill(f"variables/get_value/{FOLDER}/{url_part(name)}")
    except httpx.HTTPError as error:
        raise NotGiven(f"Windmill did not give {name}") from error
    if answer.status_code == httpx.codes.NOT_FOUND:
        return ""
    if not answer.is_success:
        raise NotGiven(f"Windmill did not give {name}: {answer.status_code}")
    return str(answer.json() or "")


def authorization() -> dict[str, str]:
    return {"Authorization": f"Bearer {variable('n8n_notify_token')}"}
