"""`mlops sync plan`, `pull`, `push`, `prune`, `follow` and `export`"""

import os
import time
from pathlib import Path

import click

from cli.actions.syncing import differences, export, make_plan, prune, pull, push
from cli.clients.windmill import WindmillAddress, find_windmill
from cli.errors import Refused
from cli.platform.home import Home
from cli.terminal import console
from cli.terminal.options import examples, json_option


@examples(
    """
    mlops sync plan
    mlops sync push
    N8N_API_URL=http://127.0.0.1:5678 N8N_API_KEY=… mlops sync push
    WINDMILL_API_URL=https://windmill.example WINDMILL_API_KEY=… mlops sync plan
    """
)
@click.group("sync", short_help="Bring the checkout into a Windmill and an n8n.")
def command() -> None:
    """Bring this checkout's scripts, flows and catalog into Windmill.

    With N8N_API_URL and N8N_API_KEY its workflows go into that n8n too.
    """


@examples(
    """
    mlops sync plan            exit code 2 when something would be written
    mlops sync plan --json | jq .actions
    mlops sync plan --out release.plan    to be looked at, then pushed
    """
)
@command.command("plan")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Keep it for `push FILE`."
)
@click.option("--diff", is_flag=True, help="Line by line; secrets are never shown.")
@json_option
def plan(out: Path | None, diff: bool, as_json: bool) -> int:
    """Show what a push would write; writes nothing there."""
    wanted = make_plan(find_windmill(Home.from_environment()), out)
    lines = differences(wanted) if diff else {}
    if as_json:
        console.say_json({**wanted.as_dict(), **({"diff": lines} if diff else {})})
    else:
        console.say("\n".join(wanted.explain()))
        for key, changed in lines.items():
            console.say("\n".join(["", console.bold(key), *changed]))
    return 0 if wanted.is_empty else 2


@examples(
    """
    mlops sync pull --dry-run    what would change here; exit code 2 when something stays there
    mlops sync pull && git diff
    """
)
@command.command("pull", short_help="Bring edits made in Windmill or n8n into the files.")
@click.option("--dry-run", is_flag=True, help="Change no file.")
@json_option
def pull_command(dry_run: bool, as_json: bool) -> int:
    """Bring what was edited in Windmill or n8n into the files that it came from.

    Code of scripts and steps, schedules, and n8n's workflows with their placeholders. What Git
    changed as well, and what is compiled from the catalog, is told and stays there.
    """
    done = pull(find_windmill(Home.from_environment()), write_files=not dry_run)
    explained = done.pop("explained")
    if as_json:
        console.say_json({**done, "written": not dry_run})
    else:
        changes = [f"{'would change' if dry_run else 'changed'}  {name}" for name in done["files"]]
        stays = [f"stays there  {text}" for text in explained]
        console.say("\n".join([*changes, *stays]) or "Nothing was edited there.")
    return 2 if explained else 0


@examples(
    """
    mlops sync push
    mlops sync push --force           also over changes made there
    mlops sync push release.plan      that plan, or nothing
    """
)
@command.command("push")
@click.argument(
    "planned",
    metavar="[PLAN]",
    required=False,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
)
@click.option("--force", is_flag=True, help="Overwrite what was changed there.")
@json_option
def push_command(planned: Path | None, force: bool, as_json: bool) -> None:
    """Write what differs.

    Who pushes at the same time waits. With PLAN, a file of `mlops sync plan --out`, nothing is
    written unless it is still exactly what would be.
    """
    done = push(find_windmill(Home.from_environment()), force, planned=planned)
    if as_json:
        console.say_json(done)
    else:
        console.say(
            f"{done['create']} created, {done['update']} changed, {done['unchanged']} unchanged."
        )


@examples(
    """
    mlops sync prune           exit code 2 when something would be deleted
    mlops sync prune --yes     delete it
    """
)
@command.command("prune")
@click.option("--yes", is_flag=True, help="Delete; without it this only shows what.")
@click.option("--force", is_flag=True, help="Also what was changed there since.")
@json_option
def prune_command(yes: bool, force: bool, as_json: bool) -> int:
    """Delete what earlier pushes wrote and Git no longer has.

    Scripts and flows are archived, so that their history stays; workflows of n8n are deleted. What
    nobody pushed from here is never touched.
    """
    done = prune(find_windmill(Home.from_environment()), for_good=yes, force=force)
    explained = done.pop("explained")
    if as_json:
        console.say_json({**done, "deleted": yes})
    elif yes:
        console.say(f"{done['delete']} deleted.")
    else:
        console.say("\n".join(explained))
    return 0 if yes or not done["actions"] else 2


@examples(
    """
    mlops sync follow           of GIT_PUSH_REPOSITORY, its GIT_PUSH_BRANCH
    mlops sync follow --once    answer what waits now, and end
    """
)
@command.command("follow")
@click.option("--once", is_flag=True, help="Do not wait for more.")
@click.option("--every", default=3.0, show_default=True, help="Seconds between two looks.")
@click.option(
    "--secrets-dir",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    help="Sign in as `mlops setup` did, with what it kept there.",
)
@json_option
def follow_command(once: bool, every: float, secrets_dir: Path | None, as_json: bool) -> None:
    """Push what a repository has, when its host tells of it.

    The host's event begins a run of `git_push` in Windmill; here the repository is fetched, the
    plan made and, once people agreed to what it deletes or overwrites, pushed. It runs until it is
    interrupted, with all that `mlops sync push` is told.
    """
    from cli.actions.git.following import answer_all, folder_of
    from cli.clients.git_host import GitSettings

    home, settings = Home.from_environment(), GitSettings.of(os.environ)
    address = None
    while True:
        try:
            address = address or _address(home, secrets_dir)
            for line in answer_all(address, settings, folder_of(home.path)):
                console.say_json({"told": line}) if as_json else console.say(line)
        except Refused as error:
            if once:
                raise
            console.note(str(error))
            address = None  # a session ends, and a Windmill that was away is asked as a new one
        if once:
            return
        time.sleep(every)


def _address(home: Home, secrets_dir: Path | None) -> WindmillAddress:
    from cli.actions.first_logins import signed_in_again
    from cli.platform.secret_files import SecretsFolder

    address = find_windmill(home)
    return signed_in_again(address, SecretsFolder(secrets_dir)) if secrets_dir else address


@examples(
    """
    mlops sync export ../windmill-repository
    cd ../windmill-repository && wmill sync push
    mlops sync export ../windmill-repository --owner u/alice
    """
)
@command.command("export")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--owner", default="u/admin", show_default=True, help="Who owns f/mlops there.")
@json_option
def export_command(folder: Path, owner: str, as_json: bool) -> None:
    """Write the files that Windmill's own CLI pushes."""
    done = export(folder, owner)
    if as_json:
        console.say_json(done)
    else:
        console.say(
            f"{done['written']} written, {done['removed']} removed, {done['unchanged']} unchanged."
        )
