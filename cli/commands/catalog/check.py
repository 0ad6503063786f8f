"""`mlops catalog check`"""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.actions.catalogs import checked, dir_option, find_entry
from cli.actions.deploying import parse_settings
from cli.actions.listing.completing import entries
from cli.terminal import console
from cli.terminal.options import examples, json_option

if TYPE_CHECKING:
    from windmill.scripts.model.base.errors import Problem
    from windmill.scripts.model.catalog.catalog import Catalog


@examples(
    """
    mlops catalog check
    mlops catalog check --dir ../our-catalog --json | jq .problems
    mlops catalog check rag-chatbot --set documents=handbook --set top_k=8
    """
)
@click.command("check", short_help="Tell all that is wrong, with its place and its fix.")
@click.argument("entry", default="", shell_complete=entries)
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="An input of ENTRY.")
@dir_option
@json_option
def command(entry: str, settings: tuple[str, ...], folder: Path | None, as_json: bool) -> int:
    """Tell everything that is wrong, each with its place and what mends it.

    With ENTRY, also what would be refused when it is deployed with these inputs, at every level
    below it. Reads files and nothing else: nothing is run, started or fetched.
    """
    if settings and not entry:
        raise click.UsageError("Say whose inputs these are: mlops catalog check ENTRY --set …")
    catalog, problems = checked(folder)
    named = find_entry(catalog, entry).key if entry else ""
    if named and not problems:
        problems = _as_deployed(catalog, named, settings)
    _tell(catalog, named, problems, as_json)
    return 1 if problems else 0


def _as_deployed(catalog: "Catalog", key: str, settings: tuple[str, ...]) -> "list[Problem]":
    from windmill.scripts.model.compile.given_inputs import check_given

    return check_given(catalog, key, parse_settings(settings, catalog.entries[key].inputs))


def _tell(catalog: "Catalog", named: str, problems: "list[Problem]", as_json: bool) -> None:
    entries, components = len(catalog.entries), len(catalog.components)
    if as_json:
        told = [problem.as_dict() for problem in problems]
        console.say_json({"entries": entries, "components": components, "problems": told})
    elif problems:
        console.say("\n".join(map(str, problems)))
        console.note(f"\n{_count(len(problems), 'problem')} in {_count(entries, 'entry')}.")
    elif named:
        console.say(f"{named} can be deployed with these inputs.")
    else:
        console.say(f"{_count(entries, 'entry')} and {_count(components, 'component')} are right.")


def _count(number: int, word: str) -> str:
    many = f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"
    return f"{number} {word if number == 1 else many}"
