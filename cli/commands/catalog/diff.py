"""`mlops catalog diff`"""

from dataclasses import asdict
from pathlib import Path

import click

from cli.actions.catalogs import catalog_folder, checked, dir_option, full_key, opened
from cli.actions.listing.completing import entries
from cli.terminal import console
from cli.terminal.options import examples, json_option

CHANGED = 2


@examples(
    """
    mlops catalog diff rag-chatbot v1.0
    mlops catalog diff support-desk main --json | jq '.[].key'
    """
)
@click.command("diff", short_help="Show what changed in an entry since REF.")
@click.argument("entry", shell_complete=entries)
@click.argument("ref")
@dir_option
@json_option
def command(entry: str, ref: str, folder: Path | None, as_json: bool) -> int:
    """Show what changed since REF in an entry and in all it uses; exit code 2 when something did.

    REF is a commit, tag or branch; it is compared with the files as they are now.
    """
    from history.versions import differences

    catalog, _ = checked(folder)
    with opened(folder) as history:
        key = full_key(catalog, entry)
        changed = differences(history, catalog_folder(folder), catalog, key, ref)
    if as_json:
        console.say_json([asdict(each) for each in changed])
    else:
        console.say("\n".join(each.diff for each in changed) or f"{key} is what it was at {ref}.")
    return CHANGED if changed else 0
