"""From what a person typed to what the gateway is sent."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from cli.clients.gateway import Gateway
from cli.errors import BadOption, MissingInput, NoSuchFile
from windmill.scripts.model.base.short_form import Property, ShortForm, must_be_given, shorten
from windmill.scripts.model.base.target import SETTINGS, Target
from windmill.scripts.model.show.printable import printable

TARGETS = tuple(target.value for target in Target)
NUMBERS = {"integer": int, "number": float}
WORDS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def is_file(entry: str) -> bool:
    return entry.endswith((".yaml", ".yml"))


def request_body(
    gateway: Gateway,
    entry: str,
    settings: Iterable[str],
    target: str | None,
    name: str | None,
    may_ask: bool,
    needs_target: bool = True,
) -> dict[str, Any]:
    """Everything asked for that is missing. Raises BadOption, MissingInput, InvalidInput."""
    if is_file(entry):
        drawing, declared = read_drawing(gateway, entry)
    else:
        drawing, declared = {"pipeline": entry}, shorten(gateway.entry(entry)["inputs"])
    of_target = settings_of(target, declared)
    values = parse_settings(settings, {**of_target, **declared})
    inputs = complete(declared, {k: v for k, v in values.items() if k not in of_target}, may_ask)
    chosen = inputs.pop("target", None) or target
    # What deploys nothing is nowhere.
    if needs_target and chosen is None and (is_file(entry) or "target" in declared):
        chosen = ask_target(may_ask)
    named: dict[str, Any] = {"name": name} if name else {}
    if given := {k: v for k, v in values.items() if k in of_target}:
        named["target_settings"] = given
    return {**drawing, **named, "inputs": inputs, "target": chosen}


def settings_of(target: str | None, declared: ShortForm) -> ShortForm:
    """What the target must be told; a name that the entry has too is the entry's."""
    known = SETTINGS.get(target or "", {})
    return {name: each for name, each in known.items() if name not in declared}


def read_drawing(gateway: Gateway, file: str) -> tuple[dict[str, Any], ShortForm]:
    """A catalog entry in a file of one's own: checked here, so that errors name its lines."""
    from windmill.scripts.model.check.check_catalog import load_entry
    from windmill.scripts.model.drawing.component import Component

    try:
        text = Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise NoSuchFile(path=file, reason=reason) from error
    stored = gateway.components()
    components = {name: Component.model_validate(item) for name, item in stored.items()}
    entry = load_entry(text, file, components)
    drawing = entry.pipeline.model_dump(mode="json", exclude_none=True)
    return {**drawing, "declared_inputs": entry.inputs}, entry.inputs


def parse_settings(settings: Iterable[str], declared: ShortForm) -> dict[str, Any]:
    """`k=v` pairs, each value in the type that the pipeline declares."""
    values: dict[str, Any] = {}
    for setting in settings:
        key, equals, text = setting.partition("=")
        if not equals or not key:
            raise BadOption(what=f"--set {setting}: expected name=value")
        if key in values:
            raise BadOption(what=f"--set {key} is given twice")
        values[key] = typed(key, text, declared.get(key, {}))
    return values


def typed(key: str, text: str, declared: Property) -> Any:
    """Raises BadOption when the text cannot be of the declared type."""
    kind = declared.get("type")
    try:
        if kind in NUMBERS:
            return NUMBERS[kind](text)
        if kind == "boolean":
            return WORDS[text.lower()]
        if kind in ("array", "object"):
            return json.loads(text)
    except (ValueError, KeyError) as error:
        raise BadOption(what=f"--set {key}={text}: expected {kind}") from error
    return absolute(text, declared)


def absolute(text: str, declared: Property) -> str:
    """The platform runs in another folder, so a path of here is sent whole."""
    if "enum" in declared or "://" in text or not text:
        return text
    path = Path(text).expanduser()
    return str(path.resolve()) if path.exists() else text


def complete(declared: ShortForm, values: dict[str, Any], may_ask: bool) -> dict[str, Any]:
    """Asks for required inputs that are missing; where nobody can be asked, names them all."""
    missing = [
        name
        for name, each in declared.items()
        if must_be_given(each) and name not in values and name != "target"
    ]
    if missing and not may_ask:
        flags = " ".join(f"--set {name}=…" for name in missing)
        meanings = "; ".join(f"{n}: {_meaning(declared[n])}" for n in missing)
        raise MissingInput(names=_list(missing), where=meanings, fix=f"Add {flags}")
    asked = {name: _ask(name, declared[name]) for name in missing}
    return {**values, **asked}


def ask_target(may_ask: bool) -> str:
    if not may_ask:
        raise MissingInput(
            names="The target is",
            where=f"one of {', '.join(TARGETS)}",
            fix=f"Add --target {TARGETS[0]}",
        )
    choice = click.Choice(TARGETS)
    return str(click.prompt("Where shall it run", type=choice, default=TARGETS[0], err=True))


def _ask(name: str, declared: Property) -> Any:
    text = click.prompt(printable(f"{name} ({_meaning(declared)})"), type=str, err=True)
    return typed(name, text, declared)


def _meaning(declared: Property) -> str:
    return str(declared.get("description") or declared.get("type") or "a value")


def _list(names: list[str]) -> str:
    verb = "is" if len(names) == 1 else "are"
    return f"{', '.join(names)} {verb}"
