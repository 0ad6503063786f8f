"""`mlops restore`"""

import shlex
from pathlib import Path

import click

from cli.platform.home import Home
from cli.terminal import console
from cli.terminal.options import examples, json_option


@examples(
    """
    mlops restore platform.tar.gz
    mlops restore stack.tar.gz --through "docker compose exec -T postgres" --files-into .
    """
)
@click.command("restore", short_help="Put back what `mlops backup` kept.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--through", default="", help="What runs a program where the database is.")
@click.option(
    "--files-into",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the files go that were kept with it.",
)
@json_option
def command(file: Path, through: str, files_into: Path | None, as_json: bool) -> None:
    """Put back what `mlops backup` kept, where there is no platform yet."""
    from cli.platform.backing_up import restore

    home = Home.from_environment()
    done = restore(home, file, shlex.split(through), files_into)
    if as_json:
        console.say_json({"home": str(home.path), "databases": done.databases})
        return
    made = f"{done.made_at:%Y-%m-%d %H:%M} UTC, version {done.version}"
    console.say(f"Restored what was kept at {made}.\nNext: mlops up")
