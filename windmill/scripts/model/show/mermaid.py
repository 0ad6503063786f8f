"""A picture as Mermaid text."""

import re
from collections.abc import Iterator
from itertools import count

from .picture import Box

# Everything else goes as a character code: no text can become markup, a link or a directive.
_PLAIN = re.compile(r"[^A-Za-z0-9 _./×,-]")


def mermaid(box: Box) -> str:
    numbers = count()
    names = {each.path: f"n{next(numbers)}" for each in box.all()}
    return "\n".join(["flowchart LR", *_lines(box, names, "  ")]) + "\n"


def _lines(box: Box, names: dict[str, str], indent: str) -> Iterator[str]:
    name = names[box.path]
    if not box.boxes:
        yield f'{indent}{name}["{_label(box)}"]'
        return
    yield f'{indent}subgraph {name}["{_label(box)}"]'
    yield f"{indent}  direction LR"
    inner = {each.id: names[each.path] for each in box.boxes}
    for each in box.boxes:
        yield from _lines(each, names, f"{indent}  ")
    for start, end in box.arrows:
        yield f"{indent}  {inner[start]} --> {inner[end]}"
    yield f"{indent}end"


def _label(box: Box) -> str:
    hidden = [f"{box.hidden} inside"] if box.hidden else []
    lines = [box.id, *([box.what] if box.what != box.id else []), *box.marks, *hidden]
    return "<br/>".join(_PLAIN.sub(lambda match: f"#{ord(match[0])};", line) for line in lines)
