"""Texts that Windmill takes for a name: it puts the variable, resource or token in their place.

It does so in every argument of every script, wherever the argument comes from, with the rights of
the job. So people may not send such a text, and where a flow hands data to a script the text is
marked: behind a word joiner (U+2060) it means nothing to Windmill. Scripts of ours take it off.
"""

import re
from collections.abc import Iterator
from typing import Any

from .errors import Problem

PREFIXES = ("$var:", "$jsonvar:", "$res:", "$encrypted:")
CODE = "E-CAT-025"
MARK = "\u2060"
MOST_DEPTH = 128  # of serde_json, with which a server reads arguments
MOST_SHOWN = 200  # characters of where it stands
_NAME = re.compile(r"\$WM_\w+")

# As JavaScript. Windmill looks through an argument only if one of these stands anywhere in it.
_ANY = r'/\$(?:var|jsonvar|res|encrypted):|"\$interpolate"/'
# In JSON, a quote after one of these begins a text; a bare name is no key.
_BEGINS = r'/(^|[[{,:])"\$(?=(?:var|jsonvar|res|encrypted):|interpolate"|[A-Za-z_]\w*"(?!:))/g'


def marked(expression: str, beside_secret: bool = False) -> str:
    """The JavaScript expression, with what Windmill would replace in its value marked.

    A secret beside it makes Windmill look through the whole argument, whatever this part holds.
    """
    wanted = "/./" if beside_secret else _ANY
    mark = f"""JSON.parse(s.replace({_BEGINS}, '$1"\\u2060$'))"""
    return f'((v, s = JSON.stringify(v) ?? "") => {wanted}.test(s) ? {mark} : v)({expression})'


def unmarked(value: Any) -> Any:
    """The value as it was before a flow marked it."""
    if isinstance(value, str):
        return value[1:] if value.startswith(f"{MARK}$") else value
    if isinstance(value, list):
        return [unmarked(item) for item in value]
    if isinstance(value, dict):
        return {unmarked(key): unmarked(item) for key, item in value.items()}
    return value


def check_references(value: Any, place: str = "", depth: int = 1) -> Iterator[Problem]:
    """A problem for each text that Windmill would replace, at any depth; keys it leaves alone.

    What is nested deeper than a server reads is a problem of its own, and not looked through.
    """
    if depth > MOST_DEPTH and isinstance(value, dict | list):
        yield Problem(f"is nested more than {MOST_DEPTH} deep", place[:MOST_SHOWN])
    elif isinstance(value, dict):
        if "$interpolate" in value:
            yield _problem("$interpolate", place)
        for key, item in value.items():
            yield from check_references(item, f"{place}.{key}" if place else str(key), depth + 1)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from check_references(item, f"{place}[{index}]", depth + 1)
    elif isinstance(value, str) and (value.startswith(PREFIXES) or _NAME.fullmatch(value)):
        yield _problem(value.partition(":")[0], place)


def _problem(kind: str, place: str) -> Problem:
    """The rest of the text stays untold: it is somebody's secret that is asked for."""
    message = f"a text that begins with {kind} is a name to Windmill, which would be replaced"
    fix = "Write the value itself. A secret is named by the entry: `run: {secret: PATH}` in Git."
    return Problem(message, place, fix, code=CODE)
