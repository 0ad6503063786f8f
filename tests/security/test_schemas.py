"""Whoever writes a schema makes nobody fetch anything, and nobody wait."""

import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from windmill.scripts.model.base.errors import InvalidInput
from windmill.scripts.model.base.source import Source
from windmill.scripts.model.catalog.catalog import read_catalog
from windmill.scripts.model.check.check_entry import check_shape
from windmill.scripts.model.entry.entry import Entry
from windmill.scripts.model.schemas.safe_schema import MOST_PARTS, unusable
from windmill.scripts.model.schemas.values import check_values
from windmill.scripts.targets.resolution import resolve_pipeline

Schema = dict[str, Any]
CATALOG, _ = read_catalog(Path(__file__).parents[2] / "catalog")
BAD = yaml.safe_load(Path(__file__).with_name("bad_schemas.yaml").read_text())
DRAWING = {"name": "a", "nodes": [{"id": "docs", "component": "documents"}], "edges": []}
SOON = 2.0  # seconds; each of these took minutes, or never ended


def written(case: Schema) -> Any:
    if "nested" in case:
        return nested(case["nested"])
    if "doubled" in case:
        return doubled(case["doubled"])
    if "patterns" in case:
        return {"anyOf": [{"pattern": f"^{number}$"} for number in range(case["patterns"])]}
    return case["schema"]


def nested(depth: int) -> Schema:
    schema: Schema = {}
    for _ in range(depth):
        schema = {"items": schema}
    return schema


def doubled(times: int) -> Schema:
    both = {f"a{n}": {"allOf": [{"$ref": f"#/$defs/a{n + 1}"}] * 2} for n in range(times)}
    return {"$defs": {**both, f"a{times}": {"type": "string"}}, "$ref": "#/$defs/a0"}


@pytest.mark.parametrize("case", BAD, ids=lambda case: case["case"])
def test_a_schema_that_reaches_out_or_never_ends_is_refused(case: Schema) -> None:
    declared = {"fine": {"type": "string"}, "given": written(case)}
    began = time.monotonic()
    with pytest.raises(InvalidInput) as refused:
        resolve_pipeline(DRAWING, {}, {"given": "a"}, declared, None)
    assert time.monotonic() - began < SOON
    (problem,) = [one for one in refused.value.problems if one.field == "inputs.given"]
    assert case["says"] in problem.message


@pytest.mark.parametrize(
    "case", [case for case in BAD if isinstance(written(case), dict)], ids=lambda case: case["case"]
)
def test_an_entry_with_such_an_input_is_refused(case: Schema) -> None:
    entry = Entry.model_construct(kind="playbook", name="a", inputs={"given": written(case)})
    told = [one.message for one in check_shape(entry, Source({})) if "given" in one.message]
    assert case["says"] in "".join(told)


def test_all_inputs_together_have_a_bound() -> None:
    many = {f"a{n}": {"enum": ["x"], "pattern": "x"} for n in range(MOST_PARTS // 20)}
    (wrong,) = check_values(many, {})
    assert "with all before it" in wrong[1]


@pytest.mark.parametrize("pattern", ["^(a+)+$", "^(a|a)*$", r"^(\w+\s?)*$", "^(.*a){20}$"])
def test_a_pattern_takes_no_more_time_than_its_text_is_long(pattern: str) -> None:
    declared: Schema = {"given": {"type": "string", "pattern": pattern}}
    began = time.monotonic()
    (wrong,) = check_values(declared, {"given": "a" * 50_000 + "!b"})
    assert time.monotonic() - began < SOON
    assert "does not match" in wrong[1]
    assert len(wrong[1]) < 300


def test_a_value_that_is_too_much_for_its_schema_is_refused() -> None:
    declared: Schema = {"given": {"items": {"anyOf": [{"const": n} for n in range(900)]}}}
    began = time.monotonic()
    assert check_values(declared, {"given": [0] * 100_000}) == [
        ("given", "is too much to be checked", "")
    ]
    assert time.monotonic() - began < SOON


def test_a_value_with_half_a_character_is_refused() -> None:
    assert check_values({"given": {"minLength": 1}}, {"given": "\ud800"})[0][1] == "is not JSON"


def test_what_people_write_is_read_as_ever() -> None:
    point = {"$defs": {"number": {"type": "number"}}, "type": "array"}
    declared: Schema = {
        "place": {**point, "prefixItems": [{"$ref": "#/$defs/number"}] * 2, "required": True},
        "name": {"type": "string", "pattern": r"^[\w-]{1,200}$"},
    }
    assert check_values(declared, {"place": [1, 2.5], "name": "a-b"}) == []
    assert check_values(declared, {"place": [1, "x"], "nam": 1}) == [
        ("nam", "is not known here", "Did you mean 'name'?"),
        ("place[1]", '"x" is not of type "number"', "Expected type array."),
    ]
    assert check_values(declared, {}) == [("place", "is missing", "Expected type array.")]


def test_a_secret_is_in_no_message_about_it() -> None:
    declared: Schema = {"key": {"type": "string", "writeOnly": True, "maxLength": 3}}
    (wrong,) = check_values(declared, {"key": "the-canary"})
    assert "canary" not in " ".join(wrong)


def test_every_form_of_the_catalog_is_used() -> None:
    forms = {name: each.config for name, each in CATALOG.components.items()}
    forms |= {key: entry.inputs for key, entry in CATALOG.entries.items()}
    assert [told for form in forms.values() for told in unusable(form)] == []
