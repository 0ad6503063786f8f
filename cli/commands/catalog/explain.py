"""`mlops catalog explain`"""

import json
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.actions.catalogs import dir_option, find_entry, sound
from cli.actions.listing.completing import entries
from cli.terminal import console
from cli.terminal.options import examples, json_option

if TYPE_CHECKING:
    from windmill.scripts.model.show.explain import Origin, Value


@examples(
    """
    mlops catalog explain support-desk
    mlops catalog explain support-desk chat                 one step and all below it
    mlops catalog explain support-desk chat.target          one value
    mlops catalog explain support-desk regional/chat/top_k --json
    """
)
@click.command("explain", short_help="Tell every value of an entry, and who set it.")
@click.argument("entry", shell_complete=entries)
@click.argument("path", default="")
@dir_option
@json_option
def command(entry: str, path: str, folder: Path | None, as_json: bool) -> None:
    """Tell every value an entry will run with, and which levels set or overrode it, with places."""
    from windmill.scripts.model.show.explain import explain

    catalog = sound(folder)
    key = find_entry(catalog, entry).key
    values = explain(catalog, key, path)
    if as_json:
        found = [value.as_dict() for value in values]
        console.say_json({"entry": key, "path": path, "values": found})
    else:
        console.say("\n".join(_lines(key, values)))


def _lines(key: str, values: "list[Value]") -> Iterator[str]:
    for level, group in groupby(values, lambda value: (value.level, value.use)):
        told = list(group)
        indent = "  " * (level[0].count("/") + bool(level[0]))
        name = f"{level[0].rpartition('/')[2]}  {console.dim(level[1])}" if level[0] else level[1]
        yield indent + (name if level[0] else console.bold(name))
        width = max(len(_name(value)) for value in told)
        for value in told:
            head = f"{indent}  {_name(value).ljust(width)}  {_shown(value)}"
            yield head + ("" if value.chain else console.dim("  not set"))
            yield from (f"{indent}      {_origin(origin)}" for origin in value.chain)
    if not values:
        yield f"{key} has nothing that could be set."


def _name(value: "Value") -> str:
    return value.name.removeprefix("inputs.")


def _shown(value: "Value") -> str:
    return "?" if value.value is None else _text(value.value)


def _origin(origin: "Origin") -> str:
    place = f"{origin.file}:{origin.line}:{origin.column}"
    written = "" if origin.written is None else f"  {_text(origin.written)}"
    return console.dim(f"{origin.how} ({place})  {origin.field}{written}".rstrip())


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:79]}…"
