"""`mlops dev new-target`"""

import click

from cli.development.begin import begin, dry_run_option
from cli.development.generated import AUTO, OWNERS
from cli.development.scaffold import scaffold
from cli.errors import BadOption
from cli.terminal.options import examples, json_option

NEXT = (
    "Describe the machine in terraform/modules/{name}; what it takes and gives, in target.py.",
    "Prepare and clear its host: host.py beside it, with a class as host_protocol.py tells.",
    "Make tests/fakes/{name}.py answer as the provider's document says.",
    "python -m pytest tests/targets/test_contract.py",
    "Say `planned = ''` once a deployment there comes up and goes away without a trace.",
)


@examples(
    """
    mlops dev new-target lambda_labs
    mlops dev new-target mainframe --owner user
    mlops dev new-target lambda_labs --dry-run
    """
)
@click.command("new-target", short_help="Begin a target, with its Terraform module and tests.")
@click.argument("name")
@click.option(
    "--owner",
    type=click.Choice(OWNERS[1:]),
    default="provider",
    show_default=True,
    help="Whose machine it is: one's own, or rented by the hour.",
)
@dry_run_option
@json_option
def command(name: str, owner: str, dry_run: bool, as_json: bool) -> None:
    """Begin a target: its folder, its Terraform module, a fake, and data for the contract test.

    People may name it at once and are refused in words until it is built.
    """
    if name == AUTO:
        raise BadOption(what=f"{name!r} means the cheapest target that fits")
    files = scaffold("target", name, {"owner": owner})
    next = [step.format(name=name.replace("-", "_")) for step in NEXT]
    begin(files, next, dry_run, as_json)
