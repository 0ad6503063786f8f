"""`mlops dev new-step`"""

import click

from cli.development.begin import begin, dry_run_option
from cli.development.scaffold import scaffold
from cli.terminal.options import examples, json_option

NEXT = (
    "Do the work in `main`; Windmill draws its form from the signature.",
    "Say in the playbook what it takes and gives.",
    "python -m pytest tests/steps/test_{name}.py",
)


@examples(
    """
    mlops dev new-step count-words
    mlops dev new-step count-words --dry-run
    """
)
@click.command("new-step", short_help="Begin a step that a playbook runs.")
@click.argument("name")
@dry_run_option
@json_option
def command(name: str, dry_run: bool, as_json: bool) -> None:
    """Begin a step: a Windmill script, a playbook that runs it, and a test."""
    files = scaffold("step", name)
    next = [step.format(name=name.replace("-", "_")) for step in NEXT]
    begin(files, next, dry_run, as_json)
