"""`mlops catalog log`"""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.actions.catalogs import checked, dir_option, full_key, opened
from cli.actions.listing.completing import entries
from cli.terminal import console
from cli.terminal.options import examples, json_option

if TYPE_CHECKING:
    from history.versions import Version

HEADINGS = ["VERSION", "COMMIT", "DATE", "AUTHOR", "WHAT"]


@examples(
    """
    mlops catalog log rag-chatbot
    mlops catalog log pipelines/rag-chatbot --ref catalog-edits --json | jq '.[0].commit'
    """
)
@click.command("log", short_help="List the versions that an entry has had.")
@click.argument("entry", shell_complete=entries)
@click.option("--ref", default="HEAD", show_default=True, help="A commit, tag or branch.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@dir_option
@json_option
def command(entry: str, ref: str, limit: int, folder: Path | None, as_json: bool) -> None:
    """List the versions an entry has had: each commit that changed it or something it uses."""
    from history.versions import log

    with opened(folder) as history:
        versions = log(history, full_key(checked(folder)[0], entry), ref, limit)
    if as_json:
        console.say_json([each.as_dict() for each in versions])
        return
    console.say(console.table([_row(each) for each in versions], HEADINGS))


def _row(each: "Version") -> list[str]:
    who = each.author.partition(" <")[0]
    return [each.version[:12] or "-", each.commit[:12], each.date[:10], who, each.subject]
