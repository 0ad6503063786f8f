"""What a shell offers after a TAB. What cannot be known is no reason to say anything there."""

from collections.abc import Iterable
from contextlib import suppress

import click
from click.shell_completion import CompletionItem

from cli.actions.catalogs import catalog_folder

# Someone waits at a prompt.
PATIENCE_SECONDS = 2.0
FOLDERS = ("playbooks", "pipelines", "meta-pipelines")


def entries(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Of the catalog's files, by their names; a file of one's own completes as any file."""
    kinds = (catalog_folder(None) / each for each in FOLDERS)
    found = (file.stem for kind in kinds for file in kind.glob("*.yaml"))
    names = [CompletionItem(each) for each in sorted(set(found)) if each.startswith(incomplete)]
    return names or [CompletionItem(incomplete, type="file")]


def deployments(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """By their names and those of the meta-pipelines that made them, each with its state."""
    found: dict[str, str] = {}
    with suppress(Exception):
        found = dict(_deployed())
    return [
        CompletionItem(name, help=state)
        for name, state in sorted(found.items())
        if name.startswith(incomplete)
    ]


def _deployed() -> Iterable[tuple[str, str]]:
    from cli.clients.gateway import find_gateway
    from cli.platform.home import Home

    gateway = find_gateway(Home.from_environment())
    gateway.http.timeout = PATIENCE_SECONDS
    for each in gateway.deployments():
        yield each["name"], each["state"]
        if each["part_of"]:
            yield each["part_of"], "meta-pipeline"
