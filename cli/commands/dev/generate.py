"""`mlops dev generate`"""

import click

from cli.development.regeneration import regenerate
from cli.platform.home import ROOT
from cli.terminal import console
from cli.terminal.options import examples, json_option


@examples(
    """
    mlops dev generate
    """
)
@click.command("generate", short_help="Write again what follows from other files.")
@json_option
def command(as_json: bool) -> None:
    """Write again what follows from other files: names of targets, forms, the reference."""
    changed = [str(file) for file in regenerate(ROOT)]
    if as_json:
        console.say_json({"changed": changed})
    else:
        console.say("\n".join(changed) or "nothing changed")
