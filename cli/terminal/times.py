"""Times as people write them."""

import re

from cli.errors import BadOption

DAYS = {"d": 1, "w": 7, "y": 365}


def days_of(written: str) -> int | None:
    """None for never. Raises BadOption."""
    if written == "never":
        return None
    match = re.fullmatch(r"([1-9][0-9]{0,3})([dwy])", written)
    if match is None:
        raise BadOption(what=f"{written!r} is not a time", fix="Write it as 30d, 4w, 1y or never.")
    return int(match[1]) * DAYS[match[2]]
