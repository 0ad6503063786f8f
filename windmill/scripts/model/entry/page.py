"""What Windmill's page of a script or flow says of it, as Markdown."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Schema = Mapping[str, Any]


def page(texts: Sequence[str], schema: Schema, gives: Mapping[str, str] | None = None) -> str:
    """`texts`: paragraphs. `schema`: of the arguments, as a form. `gives`: what each result is."""
    lists = [_list("Needs", _needs(schema)), _list("Gives", _gives(gives or {}))]
    return "\n\n".join(text.strip() for text in (*texts, *lists) if text.strip())


def sentence(text: str) -> str:
    text = text.strip()
    ended = text if text.endswith((".", "!", "?", ":")) or not text else f"{text}."
    return ended[:1].upper() + ended[1:]


def _list(heading: str, items: Iterator[str]) -> str:
    lines = [f"- {item}" for item in items]
    return "\n".join([f"**{heading}**", "", *lines]) if lines else ""


def _needs(schema: Schema) -> Iterator[str]:
    fields = schema.get("properties") or {}
    for name in schema.get("order") or fields:
        if "showExpr" not in fields[name]:
            yield _need(name, fields[name], name in (schema.get("required") or ()))


def _need(name: str, field: Schema, required: bool) -> str:
    about = [str(field.get("type") or ""), "required" if required else _left_out(field)]
    meaning = f": {field['description']}" if field.get("description") else ""
    return f"`{name}` ({', '.join(part for part in about if part)}){meaning}"


def _left_out(field: Schema) -> str:
    if field.get("default") in (None, "", [], {}):
        return ""
    return f"{json.dumps(field['default'], ensure_ascii=False)} when left out"


def _gives(gives: Mapping[str, str]) -> Iterator[str]:
    for name, meaning in gives.items():
        yield f"`{name}`: {meaning}" if meaning else f"`{name}`"
