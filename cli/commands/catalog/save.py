"""`mlops catalog save`"""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.actions.catalogs import dir_option, opened
from cli.errors import NoSuchFile
from cli.terminal import console
from cli.terminal.options import examples, json_option
from history.names import EDITS

if TYPE_CHECKING:
    from windmill.scripts.model.catalog.history import Conflict

REFUSED = 2


@examples(
    """
    mlops catalog save catalog/pipelines/rag-chatbot.yaml
    mlops catalog save draft.yaml --branch support-desk --message "Ask twice"
    git merge catalog-edits
    """
)
@click.command("save", short_help="Check an entry and commit it on a branch.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--branch", default=EDITS, show_default=True, help="Made from HEAD when missing.")
@click.option("--message", "-m", default="", help="What you did and why.")
@click.option("--base", help="The commit at which you saw it.  [default: HEAD]")
@dir_option
@json_option
def command(
    file: Path, branch: str, message: str, base: str | None, folder: Path | None, as_json: bool
) -> int:
    """Check an entry and commit it on a branch; no file of the checkout is touched.

    Where others have changed it since, nothing is saved and both sides are shown (exit code 2).
    """
    from history.save import Draft, author, head, save_entry
    from windmill.scripts.model.catalog.history import Conflict

    text = _text(file)
    with opened(folder) as history:
        draft = Draft(text, base or head(history), author(history), message, branch)
        try:
            saved = save_entry(history, draft)
        except Conflict as conflict:
            return _refused(conflict, as_json)
    if as_json:
        console.say_json(asdict(saved))
    else:
        done = "Saved" if saved.changed else "Nothing to save:"
        console.say(f"{done} {saved.key} on {branch}, commit {saved.commit[:12]}.")
    return 0


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise NoSuchFile(path=str(file), reason=reason) from error


def _refused(conflict: "Conflict", as_json: bool) -> int:
    if as_json:
        console.say_json({"error": conflict.as_dict()})
    else:
        diffs = "\n".join(conflict.sides.diffs().values())
        console.note(f"error: {conflict}\n\n{diffs}")
    return REFUSED
