"""`mlops dev new-component`"""

import click

from cli.development.begin import begin, dry_run_option
from cli.development.scaffold import scaffold
from cli.terminal.options import examples, json_option

NEXT = (
    "Do the work in `run`; the types of its parameters are the ports.",
    "Say in the entry what it is; the palette and the form are drawn from it.",
    "python -m pytest tests/serving/test_{name}.py tests/serving/test_components_catalog.py",
)


@examples(
    """
    mlops dev new-component redactor
    mlops dev new-component redactor --dry-run
    """
)
@click.command("new-component", short_help="Begin a component, with its tests and example.")
@click.argument("name")
@dry_run_option
@json_option
def command(name: str, dry_run: bool, as_json: bool) -> None:
    """Begin a component: the class that does the work, its catalog entry and a test."""
    files = scaffold("component", name)
    next = [step.format(name=name.replace("-", "_")) for step in NEXT]
    begin(files, next, dry_run, as_json)
