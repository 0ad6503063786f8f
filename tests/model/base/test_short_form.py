from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from windmill.scripts.model.base.short_form import expand, shorten
from windmill.scripts.model.catalog.catalog import read_catalog

CATALOG, _ = read_catalog(Path(__file__).parents[3] / "catalog")
DECLARED = {
    **{key: entry.inputs for key, entry in CATALOG.entries.items()},
    **{name: component.config for name, component in CATALOG.components.items()},
}
PROPERTY = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["string", "integer"]),
        "default": st.none() | st.integers(),
        "required": st.just(True),
    },
)


@given(st.dictionaries(st.text(min_size=1, max_size=5), PROPERTY))
def test_the_way_there_and_back_changes_nothing(short: dict[str, Any]) -> None:
    assert shorten(expand(short)) == short


@pytest.mark.parametrize("key", DECLARED)
def test_what_is_shipped_means_the_same_after_both_ways(key: str) -> None:
    schema = expand(DECLARED[key])
    assert expand(shorten(schema)) == schema


def test_a_schema_without_properties_declares_nothing() -> None:
    assert shorten({}) == shorten({"properties": None, "required": None}) == {}
