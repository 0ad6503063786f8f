"""`mlops catalog graph`"""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.actions.catalogs import dir_option, find_entry, sound
from cli.actions.listing.completing import entries
from cli.terminal import console
from cli.terminal.options import examples, json_option

if TYPE_CHECKING:
    from windmill.scripts.model.catalog.catalog import Catalog

# More than anybody reads; deeper levels then need --depth.
MOST = 600


@examples(
    """
    mlops catalog graph support-desk                           Mermaid text
    mlops catalog graph support-desk --format svg > desk.svg
    mlops catalog graph support-desk --depth 1 --json
    """
)
@click.command("graph", short_help="Draw an entry with all that is in it.")
@click.argument("entry", shell_complete=entries)
@click.option(
    "--format",
    "form",
    type=click.Choice(["mermaid", "svg", "json"]),
    default="mermaid",
    show_default=True,
)
@click.option("--depth", type=click.IntRange(0), help="Levels to open; all that can be read.")
@dir_option
@json_option
def command(entry: str, form: str, depth: int | None, folder: Path | None, as_json: bool) -> None:
    """Draw an entry: its steps, what they wait for, and what is inside them."""
    from windmill.scripts.model.show.picture import picture

    catalog = sound(folder)
    key = find_entry(catalog, entry).key
    box = picture(catalog, key, _readable(catalog, key) if depth is None else depth)
    if as_json or form == "json":
        console.say_json(box.as_dict())
    elif form == "svg":
        from windmill.scripts.model.show.svg import svg

        console.say(svg(box).rstrip())
    else:
        from windmill.scripts.model.show.mermaid import mermaid

        console.say(mermaid(box).rstrip())


def _readable(catalog: "Catalog", key: str) -> int | None:
    """None for all levels; else as many as stay readable, and it is said."""
    from windmill.scripts.model.entry.rollup import Rollups
    from windmill.scripts.model.show.picture import count

    levels = Rollups(catalog.entries)[key].depth
    fitting = [depth for depth in range(1, levels + 1) if count(catalog, key, depth) <= MOST]
    if len(fitting) == levels:
        return None
    depth = max(fitting, default=1)
    console.note(f"{depth} of {levels} levels are shown; --depth {levels} shows all.")
    return depth
