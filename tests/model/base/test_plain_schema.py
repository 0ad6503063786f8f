"""What is taken for a JSON Schema at a glance is one."""

import jsonschema
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from windmill.scripts.model.base.schema import is_plain
from windmill.scripts.model.base.short_form import expand

KEYWORDS = ("type", "description", "enum", "minimum", "maximum", "pattern", "default", "items")
WORDS = st.sampled_from(["string", "integer", "array", "x"])
VALUES = st.one_of(WORDS, st.none(), st.booleans(), st.integers(), st.floats(), st.lists(WORDS))
SCHEMAS = st.recursive(
    st.dictionaries(st.sampled_from(KEYWORDS), VALUES),
    lambda inner: st.dictionaries(st.sampled_from(KEYWORDS), st.one_of(VALUES, inner)),
)


@given(SCHEMAS)
def test_plain_ones_are_right(schema: dict[str, object]) -> None:
    assume(is_plain(schema))
    jsonschema.Draft202012Validator.check_schema(expand({"given": schema}))


@pytest.mark.parametrize(
    "schema",
    [
        {"type": 5},
        {"minimum": True},
        {"items": "string"},
        {"enum": "a"},
        {"type": "x"},
        {"anyOf": []},
    ],
    ids=str,
)
def test_whatever_else_is_asked_of_jsonschema(schema: dict[str, object]) -> None:
    assert not is_plain(schema)
