"""A group whose commands are files, each loaded when it is named."""

import importlib
from collections.abc import Mapping, Sequence
from typing import Any

import click


class Verbs(click.Group):
    """`package` holds a file a verb, with the click command `command` in it.

    A verb is named with the folder its file stands in, if it has one: `deployments.ls`.
    The help tells them below the headings of `sections`.
    """

    def __init__(
        self,
        *args: Any,
        verbs: tuple[str, ...],
        package: str,
        sections: Mapping[str, Sequence[str]] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.verbs = {_name(verb): verb for verb in verbs}
        self.sections = sections or {"Commands": verbs}
        self.package = package

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.verbs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.verbs:
            return None
        file = self.verbs[cmd_name].replace("-", "_")
        module = importlib.import_module(f"{self.package}.{file}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        width = max(map(len, self.verbs))
        for heading, verbs in self.sections.items():
            with formatter.section(heading):
                # One width for all, so that the sections stand below each other as one table.
                formatter.write_dl([self._told(ctx, verb, width, formatter) for verb in verbs])

    def _told(
        self, ctx: click.Context, verb: str, width: int, formatter: click.HelpFormatter
    ) -> tuple[str, str]:
        command = self.get_command(ctx, _name(verb))
        told = command.get_short_help_str(formatter.width - 6 - width) if command else ""
        return _name(verb).ljust(width), told

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.verbs and not args[0].startswith("-"):
            ctx.fail(self._unknown(args[0]))
        return super().resolve_command(ctx, args)

    def _unknown(self, word: str) -> str:
        import difflib

        close = difflib.get_close_matches(word, self.verbs, n=1)
        return f"No command {word!r}." + (f" Did you mean {close[0]!r}?" if close else "")


def _name(verb: str) -> str:
    return verb.rpartition(".")[2]
