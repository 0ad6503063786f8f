"""Draw what a command printed: `mlops demo … | python docs/images/terminal.py TITLE OUT.svg`."""

import re
import sys
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text


def main() -> None:
    title, target = sys.argv[1:]
    console = Console(record=True, width=100, file=StringIO(), force_terminal=True)
    console.print(Text.from_ansi(sys.stdin.read()))
    # Readers' own monospace font: a picture fetches nothing from elsewhere.
    drawn = re.sub(r"@font-face \{.*?\}", "", console.export_svg(title=title), flags=re.DOTALL)
    Path(target).write_text(drawn, "utf-8")


if __name__ == "__main__":
    main()
