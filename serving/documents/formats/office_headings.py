"""Which paragraphs of an office file are headings, and of which level; 0 is a title."""

import re
from collections.abc import Mapping
from typing import Any

from serving.documents.formats.markup import TEXT, A, W

P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
STYLE = re.compile(r"heading (\d)", re.IGNORECASE)
BODY = 9  # an outline level that says that it is none (ECMA-376, 17.3.1.20)


def of_word(root: Any, styles: Mapping[str, int]) -> dict[Any, int]:
    """`styles` are the levels of the styles that make headings, by their ids."""
    found = ((each, _level_in_word(each, styles)) for each in root.iter(f"{W}p"))
    return {paragraph: level for paragraph, level in found if level is not None}


def _level_in_word(paragraph: Any, styles: Mapping[str, int]) -> int | None:
    style = paragraph.find(f"{W}pPr/{W}pStyle")
    named = None if style is None else styles.get(style.get(f"{W}val"))
    return _outline_level(paragraph) if named is None else named


def word_styles(root: Any) -> dict[str, int]:
    """By id, which is in the language of whoever wrote the file; the name is not."""
    levels = ((style.get(f"{W}styleId"), _level_of(style)) for style in root.iter(f"{W}style"))
    return {name: level for name, level in levels if level is not None}


def _level_of(style: Any) -> int | None:
    named = style.find(f"{W}name")
    name = "" if named is None else named.get(f"{W}val", "")
    if name.casefold() == "title":
        return 0
    digits = STYLE.fullmatch(name)
    return int(digits[1]) if digits else _outline_level(style)


def _outline_level(node: Any) -> int | None:
    found = node.find(f"{W}pPr/{W}outlineLvl")
    level = BODY if found is None else int(found.get(f"{W}val", BODY))
    return level + 1 if level < BODY else None


def of_slide(root: Any) -> dict[Any, int]:
    shapes = (each for each in root.iter(f"{P}sp") if _is_title(each))
    return {paragraph: 1 for shape in shapes for paragraph in shape.iter(f"{A}p")}


def _is_title(shape: Any) -> bool:
    kind = shape.find(f"{P}nvSpPr/{P}nvPr/{P}ph")
    return kind is not None and kind.get("type") in ("title", "ctrTitle")


def of_open_document(root: Any) -> dict[Any, int]:
    return {each: int(each.get(f"{TEXT}outline-level", "1")) for each in root.iter(f"{TEXT}h")}
