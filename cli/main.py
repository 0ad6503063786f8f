"""`mlops`: one command a verb. Nothing heavy is imported before a command runs."""

import importlib
import sys
from collections.abc import Sequence

import click

from cli.failures import report

COMMANDS = (
    "up",
    "down",
    "builder",
    "demo",
    "deploy",
    "ls",
    "status",
    "logs",
    "chat",
    "destroy",
    "sync",
    "doctor",
    "resources",
    "wait-for-resources",
)


class Verbs(click.Group):
    """Loads a command's file when the command is named."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"cli.commands.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            ctx.fail(_unknown(args[0]))
        return super().resolve_command(ctx, args)


def _unknown(word: str) -> str:
    import difflib

    close = difflib.get_close_matches(word, COMMANDS, n=1)
    return f"No command {word!r}." + (f" Did you mean {close[0]!r}?" if close else "")


@click.command(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option("0.1.0", prog_name="mlops")
def commands() -> None:
    """Deploy machine-learning pipelines without code, on your own Windmill.

    \b
    Examples:
      mlops up                                      start the platform on this machine
      mlops deploy rag-chatbot --target local --set documents=./handbook
      mlops chat rag-chatbot "What is the notice period?"
      mlops down --destroy                          stop everything

    Every command takes --json and works in a pipe.
    Exit codes: 0 done, 1 error, 2 changes pending or refused, 130 interrupted.
    """


def run(arguments: Sequence[str]) -> int:
    """The exit code. Never raises."""
    as_json = "--json" in arguments
    try:
        result = commands.main(list(arguments), prog_name="mlops", standalone_mode=False)
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        return 130
    except SystemExit:
        # Only click raises it here: the reader has gone (`mlops logs … | head`).
        return 0
    except Exception as error:  # noqa: BLE001  the one place where every failure becomes words
        return report(error, as_json)
    return result if isinstance(result, int) else 0


def main() -> int:
    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
