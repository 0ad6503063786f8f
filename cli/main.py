"""`mlops`: one command a verb. Nothing heavy is imported before a command runs."""

import sys
from collections.abc import Iterable, Sequence
from itertools import chain

import click

from cli.errors import HomeUnusable
from cli.terminal.failures import report
from cli.terminal.verbs import Verbs

COMMANDS = {
    "Start here": (
        "platform.up",
        "platform.down",
        "platform.demo",
        "platform.builder",
        "platform.doctor",
    ),
    "Deploy": (
        "deployments.offers",
        "deployments.preview",
        "deployments.deploy",
        "deployments.approve",
        "deployments.rollback",
        "deployments.scale",
        "deployments.destroy",
        "deployments.orphans",
    ),
    "What runs": (
        "deployments.ls",
        "deployments.status",
        "deployments.logs",
        "calling.report",
        "platform.costs",
        "platform.kpis",
    ),
    "Use what is deployed": (
        "calling.chat",
        "calling.predict",
        "calling.ask",
        "deployments.rate",
        "calling.key",
        "calling.tunnel",
    ),
    "Catalog and Git": ("catalog", "sync", "dev"),
    "Keys, people and data": (
        "platform.llm-key",
        "platform.provider-key",
        "access",
        "audit",
        "data",
    ),
    "Run the platform": (
        "platform.setup",
        "platform.backup",
        "platform.restore",
        "platform.resources",
        "platform.wait-for-resources",
        "platform.completion",
    ),
}


@click.command(
    cls=Verbs,
    verbs=tuple(chain.from_iterable(COMMANDS.values())),
    sections=COMMANDS,
    package="cli.commands",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="mlops-platform", prog_name="mlops")
def commands() -> None:
    """Deploy machine-learning pipelines without code, on your own Windmill.

    \b
    Examples:
      mlops up                                      start the platform on this machine
      mlops deploy rag-chatbot --target local --set documents=./handbook
      mlops chat rag-chatbot "What is the notice period?"
      mlops predict tabular-prediction --file machines.csv --out predicted.csv
      mlops ask speech-to-text --file recording.ogg
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
        return report(error, as_json, _secrets())
    return result if isinstance(result, int) else 0


def _secrets() -> Iterable[str]:
    """The platform's own, where it has some that can be read."""
    from cli.platform.home import Home, read_json

    try:
        known = read_json(Home.from_environment().secrets_file).values()
    except (HomeUnusable, RuntimeError):
        return ()
    return [each for each in known if isinstance(each, str)]


def main() -> int:
    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
