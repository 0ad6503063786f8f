"""A group whose commands are files, each loaded when it is named."""

import importlib
from typing import Any

import click


class Verbs(click.Group):
    """`package` holds a file a verb, with the click command `command` in it.

    A verb is named with the folder its file stands in, if it has one: `deployments.ls`.
    """

    def __init__(self, *args: Any, verbs: tuple[str, ...], package: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.verbs = {verb.rpartition(".")[2]: verb for verb in verbs}
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
