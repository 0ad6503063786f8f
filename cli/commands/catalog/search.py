"""`mlops catalog search`"""

from pathlib import Path

import click

from cli.actions.catalogs import dir_option, sound
from cli.terminal import console
from cli.terminal.options import examples, json_option


@examples(
    """
    mlops catalog search chatbot pdf
    mlops catalog search speech --json
    """
)
@click.command("search", short_help="Find entries by what they are called or do.")
@click.argument("words", nargs=-1, required=True)
@dir_option
@json_option
def command(words: tuple[str, ...], folder: Path | None, as_json: bool) -> int:
    """Find entries by name, summary, label, input or component; best first."""
    from windmill.scripts.model.show.summary import search

    matching = search(sound(folder), words)
    if as_json:
        console.say_json([item.as_dict() for item in matching])
    elif matching:
        console.say(console.table([[i.key, i.summary] for i in matching], ["NAME", "SUMMARY"]))
    else:
        console.say(f"Nothing in the catalog has {' '.join(words)}.")
    return 0 if matching else 1
