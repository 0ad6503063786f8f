"""`mlops catalog ls`"""

from pathlib import Path

import click

from cli.actions.catalogs import dir_option, sound
from cli.terminal import console
from cli.terminal.options import examples, json_option

KINDS = ("playbook", "pipeline", "meta-pipeline", "component")
HEADINGS = ["NAME", "VERSION", "LEAVES", "SUMMARY"]


@examples(
    """
    mlops catalog ls
    mlops catalog ls meta-pipeline
    mlops catalog ls --json | jq '.[].key'
    """
)
@click.command("ls")
@click.argument("kind", required=False, type=click.Choice(KINDS))
@dir_option
@json_option
def command(kind: str | None, folder: Path | None, as_json: bool) -> None:
    """List entries and components."""
    from windmill.scripts.model.show.summary import summaries

    items = [item for item in summaries(sound(folder)) if kind in (None, item.kind)]
    if as_json:
        console.say_json([item.as_dict() for item in items])
        return
    rows = [[item.key, item.version, str(item.leaves or ""), item.summary] for item in items]
    console.say(console.table(rows, HEADINGS) if rows else "There is nothing of that kind.")
