"""What Postgres keeps and what it does not: the JSON of a job is bound for a real Windmill, too."""

import re

_NUL = r"(?<!\\)(?:\\\\)*\\u0000"
_HALF = r"\\ud[89ab]..(?!\\ud[c-f])|(?<!\\ud[89ab]..)\\ud[c-f].."
UNSTORABLE = "error returned from database: invalid input syntax for type json"
_UNSTORABLE = re.compile(f"{_NUL}|{_HALF}")


def storable(text: str) -> bool:
    """Whether this JSON, all of it ASCII, has neither a NUL nor half of a surrogate pair."""
    return "\\u" not in text or _UNSTORABLE.search(text) is None
