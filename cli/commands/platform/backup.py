"""`mlops backup`"""

import shlex
from pathlib import Path

import click

from cli.platform.home import Home
from cli.terminal import console
from cli.terminal.options import examples, json_option


@examples(
    """
    mlops backup platform.tar.gz
    mlops backup stack.tar.gz --database windmill --database n8n --database registry \\
      --database gateway --through "docker compose exec -T postgres" --file .env
    """
)
@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--database", "databases", multiple=True, help="Of Postgres, by its role's name.")
@click.option("--through", default="", help="What runs a program where the database is.")
@click.option(
    "--file",
    "kept",
    multiple=True,
    type=click.Path(path_type=Path),
    help="To be kept with it, such as .env: n8n's key stands there.",
)
@json_option
def command(
    file: Path, databases: tuple[str, ...], through: str, kept: tuple[Path, ...], as_json: bool
) -> None:
    """Keep all that the platform knows in one file. Secrets are in it: keep it like one."""
    from cli.platform.backing_up import back_up

    place, beside = file.absolute(), shlex.split(through)
    made = back_up(Home.from_environment(), place, databases, beside, kept)
    if as_json:
        console.say_json({"file": str(place), **made.model_dump(mode="json", exclude={"files"})})
        return
    console.say(f"{place}: {len(made.files)} files, {len(made.databases)} databases of Postgres.")
    console.say("It has secrets: keep it where you keep those.")
