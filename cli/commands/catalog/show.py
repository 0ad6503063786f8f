"""`mlops catalog show`"""

from pathlib import Path
from typing import Any

import click

from cli.actions.catalogs import dir_option, find_entry, sound
from cli.actions.listing.completing import entries
from cli.terminal import console
from cli.terminal.options import examples, json_option
from windmill.scripts.model.base.short_form import must_be_given


@examples(
    """
    mlops catalog show rag-chatbot
    mlops catalog show meta-pipelines/support-desk --json
    """
)
@click.command("show")
@click.argument("entry", shell_complete=entries)
@dir_option
@json_option
def command(entry: str, folder: Path | None, as_json: bool) -> None:
    """Show what an entry takes, gives and is made of."""
    from windmill.scripts.model.show.summary import details

    catalog = sound(folder)
    shown = details(catalog, find_entry(catalog, entry))
    if as_json:
        console.say_json(shown)
    else:
        _print(shown)


def _print(shown: dict[str, Any]) -> None:
    console.say(f"{console.bold(shown['key'])} {shown['version']}  {console.dim(shown['file'])}")
    console.say(shown["summary"])
    inputs = [
        [name, str(i.get("type", "any")), _default(i), i.get("description", "")]
        for name, i in shown["inputs"].items()
    ]
    _table("inputs", inputs, ["INPUT", "TYPE", "DEFAULT", "MEANING"])
    _table("outputs", [[name, str(v)] for name, v in shown["outputs"].items()], ["OUTPUT", "FROM"])
    steps = [[s["id"], s["use"], ", ".join(s["after"])] for s in shown["steps"]]
    _table("steps", steps, ["STEP", "USES", "AFTER"])
    nodes = [[n["id"], n["component"]] for n in shown["nodes"]]
    _table("nodes", nodes, ["NODE", "COMPONENT"])
    if shown["used_by"]:
        console.say(f"\nused by {', '.join(shown['used_by'])}")


def _table(name: str, rows: list[list[str]], headings: list[str]) -> None:
    if rows:
        console.say(f"\n{console.table(rows, headings)}")


def _default(schema: dict[str, Any]) -> str:
    if must_be_given(schema):
        return "required"
    return str(schema["default"]) if "default" in schema else ""
