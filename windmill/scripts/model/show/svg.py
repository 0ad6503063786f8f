"""A picture as SVG: light and dark as the reader has it, and no text of a catalog as markup."""

import re
import unicodedata
import xml.etree.ElementTree as Xml
from collections.abc import Sequence
from dataclasses import dataclass

from .layout import Layout, Placed, Point, arrange
from .picture import Box

MARGIN, PAD, HEAD = 24.0, 20.0, 44.0
LINE, TOP = 17.0, 26.0
NARROWEST, LONGEST = 132.0, 36
NAME, NOTE = 13.0, 11.0
STYLE = """
svg { --ground: #f7f7f8; --surface: #fff; --inside: #1c1d22; --line: #d9dae0; --ink: #1c1d22;
  --quiet: #6b6e7b; --arrow: #9a9dab; background: var(--ground);
  font-family: Inter, ui-sans-serif, system-ui, -apple-system, "Segoe UI", sans-serif }
@media (prefers-color-scheme: dark) {
  svg { --ground: #131418; --surface: #1f2027; --inside: #fff; --line: #363944; --ink: #e8e9ee;
    --quiet: #9a9dab; --arrow: #6b6e7b } }
.box { fill: var(--surface); stroke: var(--line) }
.level { fill: var(--inside); fill-opacity: .025; stroke: var(--line) }
.name { fill: var(--ink); font-size: 13px; font-weight: 600 }
.note { fill: var(--quiet); font-size: 11px }
.mark { fill: var(--ink); font-size: 11px; font-weight: 500 }
.arrow { fill: none; stroke: var(--arrow); stroke-width: 1.5 }
.tip { fill: var(--arrow) }
.playbook { fill: #2f9e9e } .pipeline { fill: #5b8def } .meta-pipeline { fill: #8b6fe8 }
.data_source { fill: #5b8def } .preprocessing { fill: #2f9e9e } .model { fill: #8b6fe8 }
.storage { fill: #c98a2b } .deployment { fill: #3f9d63 } .component { fill: #9a9dab }
"""
# What XML cannot hold at all.
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def svg(box: Box) -> str:
    drawn = _measure(box)
    width, height = drawn.width + 2 * MARGIN, drawn.height + 2 * MARGIN
    size = {"width": f"{width:.0f}", "height": f"{height:.0f}"}
    view = {"viewBox": f"0 0 {width:.0f} {height:.0f}", "role": "img"}
    root = Xml.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", **size, **view})
    _add(root, "title", text=f"{box.id}: {box.what}")
    _add(root, "style", text=STYLE)
    tip = {"id": "tip", "viewBox": "0 0 8 8", "refX": "7", "refY": "4", "orient": "auto"}
    marker = _add(_add(root, "defs"), "marker", {**tip, "markerWidth": "7", "markerHeight": "7"})
    _add(marker, "path", {"class": "tip", "d": "M0 0.8 7.4 4 0 7.2Z"})
    _draw(root, drawn, MARGIN, MARGIN)
    Xml.indent(root, " ")
    return Xml.tostring(root, "unicode") + "\n"


@dataclass(frozen=True)
class _Drawn:
    """A box with its size, and the layout of what is in it."""

    box: Box
    width: float
    height: float
    lines: tuple[str, ...]
    below: tuple["_Drawn", ...] = ()
    layout: Layout | None = None


def _measure(box: Box) -> _Drawn:
    lines = tuple(_short(line) for line in _lines(box))
    widest = max(_width(line, NAME if n == 0 else NOTE) for n, line in enumerate(lines))
    if not box.boxes:
        width = max(NARROWEST, widest + 2 * PAD)
        return _Drawn(box, width, TOP + LINE * (len(lines) - 1) + 12, lines)
    below = tuple(_measure(each) for each in box.boxes)
    layout = arrange({each.box.id: (each.width, each.height) for each in below}, box.arrows)
    head = sum(_width(line, NAME if n == 0 else NOTE) + 10 for n, line in enumerate(lines))
    width = max(layout.width, head) + 2 * PAD
    return _Drawn(box, width, layout.height + HEAD + PAD, lines, below, layout)


def _lines(box: Box) -> list[str]:
    what = [box.what] if box.what and box.what != box.id else []
    hidden = [f"{box.hidden} inside"] if box.hidden else []
    return [box.id, *what, *box.marks, *hidden]


def _draw(parent: Xml.Element, drawn: _Drawn, x: float, y: float) -> None:
    group = _add(parent, "g", {"transform": f"translate({x:.1f} {y:.1f})"})
    _add(group, "title", text=" · ".join(_lines(drawn.box)))
    size = {"width": f"{drawn.width:.1f}", "height": f"{drawn.height:.1f}"}
    if drawn.layout is None:
        _add(group, "rect", {"class": "box", "rx": "8", **size})
        edge = {"x": "6", "y": "8", "width": "3", "height": f"{drawn.height - 16:.1f}", "rx": "1.5"}
        _add(group, "rect", {"class": drawn.box.kind, **edge})
        for number, line in enumerate(drawn.lines):
            _text(group, _class(drawn.box, number), PAD, TOP - 4 + LINE * number, line)
        return
    _add(group, "rect", {"class": "level", "rx": "12", **size})
    _add(
        group,
        "rect",
        {"class": drawn.box.kind, "x": "20", "y": "17", "width": "10", "rx": "3"}
        | {"height": "10"},
    )
    _head(group, drawn)
    _inside(group, drawn, drawn.layout)


def _head(group: Xml.Element, drawn: _Drawn) -> None:
    x = PAD + 18
    for number, line in enumerate(drawn.lines):
        _text(group, _class(drawn.box, number), x, 26.5, line)
        x += _width(line, NAME if number == 0 else NOTE) + 10


def _inside(group: Xml.Element, drawn: _Drawn, layout: Layout) -> None:
    offset = (drawn.width - layout.width) / 2
    for points in layout.arrows:
        moved = [(x + offset, y + HEAD) for x, y in points]
        _add(group, "path", {"class": "arrow", "d": _curve(moved), "marker-end": "url(#tip)"})
    for each in drawn.below:
        place: Placed = layout.places[each.box.id]
        _draw(group, each, place.x + offset, place.y + HEAD)


def _curve(points: Sequence[Point]) -> str:
    """Level where it leaves, passes and arrives."""
    (x, y), *rest = points
    text = f"M{x:.1f} {y:.1f}"
    for next_x, next_y in rest:
        if (next_x, next_y) == (x, y):
            continue
        middle = (x + next_x) / 2
        text += f"C{middle:.1f} {y:.1f} {middle:.1f} {next_y:.1f} {next_x:.1f} {next_y:.1f}"
        x, y = next_x, next_y
    return text


def _class(box: Box, line: int) -> str:
    if line == 0:
        return "name"
    text = _lines(box)[line]
    return "mark" if text in box.marks else "note"


def _text(parent: Xml.Element, kind: str, x: float, y: float, text: str) -> None:
    _add(parent, "text", {"class": kind, "x": f"{x:.1f}", "y": f"{y:.1f}"}, text)


def _add(
    parent: Xml.Element, tag: str, attributes: dict[str, str] | None = None, text: str = ""
) -> Xml.Element:
    made = Xml.SubElement(parent, tag, attributes or {})
    if text:
        made.text = _UNWRITABLE.sub("\ufffd", text)
    return made


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _width(text: str, size: float) -> float:
    """About as wide as it will be: nobody knows the reader's typeface."""
    return size * sum(_em(character) for character in text)


def _em(character: str) -> float:
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    if character in "iljtfr.,:;|'!()[]/ ":
        return 0.36
    return 0.86 if character in "mwMW@%…" else 0.7 if character.isupper() else 0.59
