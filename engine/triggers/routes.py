"""HTTP routes: `shop/:id` has a parameter, `files/*rest` takes all that follows."""

import re
from collections.abc import Iterable
from typing import Any

from engine.store.items import Item

_ROUTE = re.compile(r"(\*[-\w]+$|:?[-\w]+)(/(\*[-\w]+$|:?[-\w]+))*")
_NAME = re.compile(r"([:*])[-\w]+")


def is_route(text: str) -> bool:
    return _ROUTE.fullmatch(text) is not None


def route_key(doc: dict[str, Any], workspace: str) -> str:
    """Equal for two routes that take the same requests, whatever they call their parameters."""
    return _NAME.sub(r"\1key", _address(doc, workspace))


def find(
    triggers: Iterable[Item], workspace: str, method: str, called: str
) -> tuple[Item, dict[str, str]] | None:
    """The trigger that takes the request, and the parameters in the path.
    Of several, the one that has plain words where the others have parameters."""
    found = [
        (_generality(item.doc["route_path"]), item, matched.groupdict())
        for item in triggers
        if item.doc["http_method"] == method
        and (matched := _pattern(_address(item.doc, workspace)).fullmatch(called))
    ]
    if not found:
        return None
    _, item, groups = min(found, key=lambda each: each[0])
    return item, dict(zip(_names(item.doc["route_path"]), groups.values(), strict=True))


def _address(doc: dict[str, Any], workspace: str) -> str:
    route: str = doc["route_path"]
    return f"{workspace}/{route}" if doc["workspaced_route"] else route


def _names(route: str) -> list[str]:
    return [part[1:] for part in route.split("/") if part[0] in ":*"]


def _pattern(route: str) -> re.Pattern[str]:
    parts = enumerate(route.split("/"))
    return re.compile("/".join(_part(number, part) for number, part in parts))


def _part(number: int, part: str) -> str:
    if part[0] in ":*":
        return f"(?P<p{number}>{'[^/]+' if part[0] == ':' else '.+'})"
    return re.escape(part)


def _generality(route: str) -> list[int]:
    return [" :*".index(part[0]) if part[0] in ":*" else 0 for part in route.split("/")]
