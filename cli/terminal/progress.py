"""A run's steps as they happen: a live list at a terminal, a line a change in a pipe."""

from collections.abc import Iterable
from typing import Any

from cli.terminal import console
from windmill.scripts.model.show.printable import printable

MARKS = {"waiting": "·", "running": "▸", "done": "✓", "failed": "✗", "skipped": "-"}
STYLES = {"waiting": "dim", "running": "bold", "done": "green", "failed": "red", "skipped": "dim"}

Status = dict[str, Any]


class Silent:
    def __enter__(self) -> "Silent":
        return self

    def __exit__(self, *_: object) -> None:
        return

    def show(self, status: Status) -> None:
        return


class Lines(Silent):
    """One line when a step begins to matter, one when it has ended."""

    def __init__(self) -> None:
        self.shown: dict[str, str] = {}
        self.told: set[str] = set()

    def __enter__(self) -> "Lines":
        return self

    def show(self, status: Status) -> None:
        for step in status["steps"]:
            state = step["state"]
            if self.shown.get(step["id"], "waiting") != state:
                self.shown[step["id"]] = state
                console.say(plain_line(step))
        for line in waiting_lines(status):
            if line not in self.told:
                self.told.add(line)
                console.say(line)


class Live(Silent):
    def __init__(self) -> None:
        from rich.console import Console
        from rich.live import Live as RichLive

        self.live = RichLive(
            console=Console(highlight=False, no_color=not console.colourful()),
            auto_refresh=False,
        )

    def __enter__(self) -> "Live":
        self.live.__enter__()
        return self

    def __exit__(self, *details: Any) -> None:
        self.live.__exit__(*details)

    def show(self, status: Status) -> None:
        from rich.console import Group

        parts = [_table(status["steps"]), *map(printable, waiting_lines(status))]
        self.live.update(Group(*parts), refresh=True)


def progress(as_json: bool) -> Silent:
    if as_json:
        return Silent()
    return Live() if console.is_terminal() else Lines()


def waiting_lines(status: Status) -> list[str]:
    """What a run waits for, and how it is told."""
    id, several = status["id"], len(status["questions"]) > 1
    lines = []
    for question in status["questions"]:
        if question["asks"] == "target":
            how = "the builder and POST /pipelines/{id}/target choose one"
            lines.append(f"  It waits for its target; {how.format(id=id)}.")
            continue
        which = f" --step {question['step']}" if several else ""
        lines.append(f"  {question['step']} waits for an approval: {question['message']}")
        lines += (f"    {line}" for line in question.get("plan", ()))
        lines.append(f"    mlops approve {id}{which}   (or add --refuse)")
    return lines


def plain_line(step: Status) -> str:
    time = console.seconds(step["seconds"]) if step["state"] in ("done", "failed") else ""
    parts = (f"{step['state']:8}", f"{step['title']:32}", time, step["detail"])
    return "  ".join(part for part in parts if part.strip()).rstrip()


def reason(error: Status) -> str:
    """A step is named as in the lines above."""
    return f"{error['title']}: {error['message']}" if error["title"] else str(error["message"])


def _table(steps: Iterable[Status]) -> Any:
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    for step in steps:
        style = STYLES[step["state"]]
        time = console.seconds(step["seconds"])
        mark = Text(f"  {MARKS[step['state']]}", style)
        title, detail = printable(step["title"]), printable(step["detail"])
        table.add_row(mark, Text(title, style), Text(time, "dim"), Text(detail))
    return table
