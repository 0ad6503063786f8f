"""Draw what a command printed: `mlops demo … | python docs/images/terminal.py TITLE OUT.svg`."""

import sys
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text


def main() -> None:
    title, target = sys.argv[1:]
    console = Console(record=True, width=100, file=StringIO(), force_terminal=True)
    console.print(Text.from_ansi(sys.stdin.read()))
    Path(target).write_text(console.export_svg(title=title), "utf-8")


if __name__ == "__main__":
    main()
