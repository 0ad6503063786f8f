"""What people, models and servers name, as part of an address: it can lead nowhere else."""

import re
from urllib.parse import quote

from .errors import MlopsError

_BETWEEN = re.compile(r"[/\\]")


class BadAddress(MlopsError):
    """{part!r} is no part of an address"""

    code = "bad_address"
    fix = "Leave out `.` and `..` and what is empty between slashes."


def url_part(text: object) -> str:
    """One segment, slashes quoted. Raises BadAddress for what a server or proxy would walk by."""
    part = str(text)
    if any(segment in ("", ".", "..") for segment in _BETWEEN.split(part)):
        raise BadAddress(part=part[:100])
    try:
        return quote(part, safe="")
    except UnicodeEncodeError:
        raise BadAddress(part=ascii(part[:100])) from None


def url_path(text: str) -> str:
    """Segments between slashes (`f/mlops/notify`), each quoted. Raises BadAddress."""
    return "/".join(url_part(segment) for segment in text.split("/"))
