"""What the palette and the platform's checks are drawn from, and what the server does, agree."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from serving.component import Component
from serving.components import load_components
from serving.tables.reader import ENDINGS as TABLES

FOLDER = Path(__file__).parents[2] / "catalog" / "components"
ENTRIES = {path.stem: yaml.safe_load(path.read_text()) for path in sorted(FOLDER.glob("*.yaml"))}
KINDS = load_components()
FAMILIES = {"data_source", "preprocessing", "model", "storage", "deployment"}
OURS = {"required", "optional"}

each = pytest.mark.parametrize("name", sorted(ENTRIES))


def test_every_component_has_its_entry_and_every_entry_its_component() -> None:
    assert set(ENTRIES) == set(KINDS)


@each
def test_an_entry_says_what_it_is(name: str) -> None:
    entry = ENTRIES[name]
    assert (entry["kind"], entry["name"]) == ("component", name)
    assert entry["type"] in FAMILIES
    assert entry["title"]
    assert entry["summary"]
    assert tuple(entry.get("services", ())) == KINDS[name].services
    assert entry.get("environment", "serving") == KINDS[name].environment


@each
def test_the_ports_agree(name: str) -> None:
    entry, component = ENTRIES[name], KINDS[name]
    assert entry.get("inputs", {}) == {
        port: {"type": given.type.type_name()} | ({"optional": True} if given.optional else {})
        for port, given in component.inputs().items()
    }
    assert entry.get("outputs", {}) == {
        port: {"type": type.type_name()} for port, type in component.outputs().items()
    }


def schema(component: type[Component]) -> dict[str, Any]:
    """Ours in the catalog's short form: JSON Schema without titles, null and const."""
    content = component.Config.model_json_schema()
    return {
        name: _short(field, name in content.get("required", ()))
        for name, field in content.get("properties", {}).items()
    }


def _short(field: dict[str, Any], required: bool) -> dict[str, Any]:
    if "anyOf" in field:
        field = {**field["anyOf"][0], "optional": True}
    if "const" in field:
        field = {**field, "enum": [field["const"]]}
    if required:
        field = {**field, "required": True}
    return {key: value for key, value in field.items() if key not in ("title", "const")}


@each
def test_the_settings_agree_in_name_type_bounds_and_default(name: str) -> None:
    entry = {
        field: {key: value for key, value in given.items() if key != "description"}
        for field, given in ENTRIES[name].get("config", {}).items()
    }
    assert entry == schema(KINDS[name])


@each
def test_every_setting_is_described(name: str) -> None:
    assert all(given["description"] for given in ENTRIES[name].get("config", {}).values())


@each
def test_the_defaults_are_accepted(name: str) -> None:
    config = ENTRIES[name].get("config", {})
    defaults = {field: given["default"] for field, given in config.items() if "default" in given}
    needed = {
        field: given.get("examples", ["x"])[0]
        for field, given in config.items()
        if given.get("required")
    }
    KINDS[name].Config.model_validate(defaults | needed)
    with pytest.raises(ValidationError):
        KINDS[name].Config.model_validate(defaults | needed | {"no_such_setting": 1})


@pytest.mark.parametrize("name", ["table", "batch-inference", "evaluation"])
def test_the_endings_that_are_checked_are_those_that_are_read(name: str) -> None:
    (rule,) = ENTRIES[name]["rules"]
    assert sorted(rule["in"]) == sorted(TABLES)


def test_the_overlap_that_is_checked_is_the_one_that_serves() -> None:
    (rule,) = ENTRIES["text-splitter"]["rules"]
    size = 100
    most = int(size * rule["times"]) - 1
    KINDS["text-splitter"].Config.model_validate({"chunk_size": size, "overlap": most})
    with pytest.raises(ValidationError):
        KINDS["text-splitter"].Config.model_validate({"chunk_size": size, "overlap": most + 1})
