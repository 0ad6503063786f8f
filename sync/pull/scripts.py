"""A script that was edited in Windmill: its text, and that of the modules it carries."""

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from windmill.scripts.model.base.windmill_paths import FOLDER

from ..desired.scripts import SOURCES
from ..items import MODULES
from .pulled import Edit, Left, Part

CONTENT = "content"
_DERIVED = "this is made from the script's own text; change it there"


def pull_script(edit: Edit) -> Part:
    texts = dict(_edited(edit))
    broken = {name: why for name, text in texts.items() if (why := _not_python(text))}
    left = [*edit.left(_derived(edit), _DERIVED)] if not texts else []
    left += [Left(edit.action.item.key, (name,), why) for name, why in broken.items()]
    files = {name: text for name, text in texts.items() if name not in broken}
    return Part(files, tuple(left))


def _derived(edit: Edit) -> tuple[str, ...]:
    """With the text its schema and its description change, too; a push then finds them equal."""
    return tuple(name for name in edit.fields if name not in (CONTENT, MODULES))


def _edited(edit: Edit) -> Iterator[tuple[str, str]]:
    item, held = edit.action.item, edit.held
    below = item.path.removeprefix(f"{FOLDER}/")
    if CONTENT in edit.fields:
        yield f"{SOURCES}/{below}.py", held[CONTENT]
    if MODULES in edit.fields:
        folder = "".join(below.rpartition("/")[:2])
        wanted = _texts(item.body)
        for name, text in _texts(held).items():
            if text != wanted.get(name):
                yield f"{SOURCES}/{folder}{name}", text


def _texts(body: Mapping[str, Any]) -> dict[str, str]:
    modules: Mapping[str, Mapping[str, str]] = body.get(MODULES) or {}
    return {name: module.get(CONTENT, "") for name, module in modules.items()}


def _not_python(text: str) -> str:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError) as error:
        return f"it is not Python any more: {error}"
    return ""
