"""`mlops completion`"""

import click
from click.shell_completion import get_completion_class

from cli.terminal import console
from cli.terminal.options import examples, json_option

SHELLS = ("bash", "zsh", "fish")


@examples(
    """
    mlops completion bash >> ~/.bashrc
    mlops completion zsh >> ~/.zshrc
    mlops completion fish > ~/.config/fish/completions/mlops.fish
    """
)
@click.command("completion", short_help="Let a shell complete commands and names.")
@click.argument("shell", type=click.Choice(SHELLS))
@json_option
def command(shell: str, as_json: bool) -> None:
    """Write what makes a shell complete commands, entries and deployments.

    A new shell then completes `mlops deploy rag<TAB>` by the catalog's entries and
    `mlops status rag<TAB>` by what is deployed.
    """
    complete = get_completion_class(shell)
    assert complete is not None  # click brings all of SHELLS
    script = complete(click.Group(), {}, "mlops", "_MLOPS_COMPLETE").source()
    if as_json:
        console.say_json({"shell": shell, "script": script})
    else:
        console.say(script)
