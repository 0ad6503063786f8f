"""`mlops access keys rotate`"""

import click

from cli.platform.home import Home
from cli.terminal import console
from cli.terminal.options import examples, json_option


@examples(
    """
    mlops access keys rotate          # a new one; the old one goes on working
    mlops doctor                      # tells whether anybody still uses the old one
    mlops access keys rotate --end    # from now on it does not
    """
)
@click.command("rotate")
@click.option("--end", is_flag=True, help="End the earlier keys; make no new one.")
@json_option
def command(end: bool, as_json: bool) -> None:
    """Change the key of this machine's gateway that opens everything.

    The old one goes on working until it is ended, so that whoever has it can be told first. Keys
    that were given out are not touched, and nobody is signed out before the end.
    """
    from cli.actions.rotating import rotate

    done = rotate(Home.from_environment(), end=end)
    if as_json:
        console.say_json(done)
    elif end:
        console.say(f"Earlier keys that opened everything: {done['earlier']} ended.")
    else:
        console.say(
            f"The new key is in {done['file']}; earlier ones that still work: {done['earlier']}."
        )
        console.say("n8n has the old one until: mlops sync push")
