"""`mlops catalog check`"""

from pathlib import Path

import click

from cli.actions.catalogs import checked, dir_option
from cli.terminal import console
from cli.terminal.options import examples, json_option


@examples(
    """
    mlops catalog check
    mlops catalog check --dir ../our-catalog --json | jq .problems
    """
)
@click.command("check")
@dir_option
@json_option
def command(folder: Path | None, as_json: bool) -> int:
    """Tell everything that is wrong, each with its place and what mends it.

    Reads files and nothing else: nothing is run, started or fetched.
    """
    catalog, problems = checked(folder)
    entries, components = len(catalog.entries), len(catalog.components)
    if as_json:
        told = [problem.as_dict() for problem in problems]
        console.say_json({"entries": entries, "components": components, "problems": told})
    elif problems:
        console.say("\n".join(map(str, problems)))
        console.note(f"\n{_count(len(problems), 'problem')} in {_count(entries, 'entry')}.")
    else:
        console.say(f"{_count(entries, 'entry')} and {_count(components, 'component')} are right.")
    return 1 if problems else 0


def _count(number: int, word: str) -> str:
    many = f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"
    return f"{number} {word if number == 1 else many}"
