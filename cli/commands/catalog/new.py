"""`mlops catalog new`"""

from pathlib import Path

import click

from cli.actions.catalogs import catalog_folder, dir_option, sound
from cli.errors import BadOption, EntryExists
from cli.terminal import console
from cli.terminal.options import examples, json_option

KINDS = ("playbook", "pipeline", "meta-pipeline")


@examples(
    """
    mlops catalog new pipeline my-chatbot
    mlops catalog new meta-pipeline support-desk --use pipelines/rag-chatbot
    """
)
@click.command("new", short_help="Begin an entry: a file that is right already.")
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("name")
@click.option("--use", "uses", multiple=True, metavar="ENTRY", help="A step that uses it.")
@dir_option
@json_option
def command(
    kind: str, name: str, uses: tuple[str, ...], folder: Path | None, as_json: bool
) -> None:
    """Begin an entry: a file that is right already, to be filled in."""
    from windmill.scripts.model.check.check_catalog import load_entry
    from windmill.scripts.model.entry.scaffold import scaffold

    root = catalog_folder(folder)
    file = root / f"{kind}s" / f"{name}.yaml"
    if file.exists():
        raise EntryExists(path=file)
    catalog = sound(folder)
    unknown = [use for use in uses if use not in catalog.entries]
    if unknown:
        raise BadOption(what=f"--use {unknown[0]}: the catalog has no such entry")
    text = scaffold(kind, name, [catalog.entries[use] for use in uses])
    load_entry(text, f"{kind}s/{name}.yaml", catalog.components, catalog)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    if as_json:
        console.say_json({"file": str(file)})
    else:
        console.say(f"{file}\nNext: fill it in, then mlops catalog check")
