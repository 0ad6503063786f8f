"""From untrusted data to a model, or to problems a person can act on."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from .errors import InvalidInput, Problem
from .names import (
    FILE_PATH,
    INPUT_NAME_PATTERN,
    NAME_PATTERN,
    NAME_RULE,
    NODE_ID_PATTERN,
    USE_PATTERN,
    WINDMILL_PATH,
    did_you_mean,
    slug,
)
from .source import Source

ID_FIXES = {
    NODE_ID_PATTERN: "Use letters, digits, '-' and '_', beginning with a letter.",
    INPUT_NAME_PATTERN: "Use lower-case letters, digits and '_', beginning with a letter.",
}
PATH_FIXES = {
    USE_PATTERN: "Name folder and entry, such as pipelines/rag-chatbot.",
    WINDMILL_PATH: "Name it as Windmill does, such as f/team/clean_table.",
    FILE_PATH: "Name a module or playbook of the checkout, without `..`.",
}
PATTERNS = {NAME_PATTERN, *ID_FIXES, *PATH_FIXES}
Model = TypeVar("Model", bound=BaseModel)


def parse(model: type[Model], source: Source, at: str = "") -> Model:
    """Raises InvalidInput with every problem, each with its place in the source."""
    data = source.data
    if not isinstance(data, Mapping):
        raise InvalidInput([source.problem("expected a mapping of fields", at)])
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise InvalidInput([_problem(item, source, model) for item in error.errors()]) from error


def _problem(item: Any, source: Source, model: type[BaseModel]) -> Problem:
    field = dotted(item["loc"])
    message, fix = _words(item, model)
    return source.problem(message, field, fix)


def dotted(location: tuple[int | str, ...]) -> str:
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _words(item: Any, model: type[BaseModel]) -> tuple[str, str]:
    kind, value, context = item["type"], item.get("input"), item.get("ctx", {})
    name = item["loc"][-1] if item["loc"] else "value"
    if kind == "missing":
        return f"{name} is missing", f"Add `{name}:`."
    if kind == "extra_forbidden":
        fields = model.model_fields if len(item["loc"]) == 1 else {}
        return f"{name} is not a field here", did_you_mean(str(name), fields) if fields else ""
    if kind == "string_pattern_mismatch" and context.get("pattern") in PATTERNS:
        return _of_pattern(context["pattern"], value)
    if kind == "enum":
        return f"{value!r} is not known", f"Expected {context['expected']}."
    return f"{item['msg']}, got {_short(value)}", ""


def _of_pattern(pattern: str, value: Any) -> tuple[str, str]:
    if pattern == NAME_PATTERN:
        return f"{value!r} is not a valid name: {NAME_RULE}", f"For example {slug(value)!r}."
    if pattern in ID_FIXES:
        return f"{value!r} is not a valid id", ID_FIXES[pattern]
    return f"{_short(value)} is not a path that can stand here", PATH_FIXES[pattern]


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
