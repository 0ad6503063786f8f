"""`mlops catalog lock`"""

from pathlib import Path

import click

from cli.actions.catalogs import catalog_folder, dir_option, opened
from cli.terminal import console
from cli.terminal.options import examples, json_option

STALE = 2


@examples(
    """
    mlops catalog lock
    mlops catalog lock --update     go on to what the refs name today
    mlops catalog lock --check      for CI: exit code 2 when it is not up to date
    """
)
@click.command("lock", short_help="Write the commits of what is pinned.")
@click.option("--update", is_flag=True, help="Also what is locked already.")
@click.option("--check", "only_check", is_flag=True, help="Write nothing.")
@dir_option
@json_option
def command(update: bool, only_check: bool, folder: Path | None, as_json: bool) -> int:
    """Write catalog.lock: the commit and content that each pinned use (`x@ref`) stands for.

    What is locked stays so though its branch goes on; what nobody uses any more is dropped.
    """
    from history.locking import wanted_lock
    from windmill.scripts.model.catalog.lock import LOCK_FILE, lock_text

    root = catalog_folder(folder)
    with opened(folder) as history:
        lock = wanted_lock(root, history, update)
    file, text = root / LOCK_FILE, lock_text(lock)
    before = file.read_text("utf-8") if file.is_file() else lock_text(type(lock)())
    changed = text != before
    if changed and not only_check:
        file.write_text(text, "utf-8")
    if as_json:
        console.say_json({"changed": changed, **lock.model_dump(mode="json")})
    else:
        console.say(_words(len(lock.pins), changed, only_check))
    return STALE if changed and only_check else 0


def _words(pins: int, changed: bool, only_check: bool) -> str:
    if not changed:
        return f"catalog.lock is up to date: {pins} pinned."
    return "catalog.lock is stale: `mlops catalog lock`." if only_check else f"{pins} pinned."
