"""References that only newer Windmills know, or that the cases for any Windmill cannot reach."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.errors import CannotResolve
from engine.store.db import Database
from engine.store.items import Items
from engine.values import Values


@pytest.fixture
def values(tmp_path: Path) -> Iterator[Values]:
    db = Database(tmp_path / "db")
    variables, resources = Items(db, "variable"), Items(db, "resource")
    variables.put("w", "f/x/v", {"value": "[1]"})
    resources.put("w", "f/x/r", {"value": {"again": "$res:f/x/r"}})
    yield Values(variables, resources)
    db.close()


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ("$jsonvar:f/x/v", [1]),
        ({"$interpolate": ["a ", {"$var": "f/x/v"}, " b"]}, "a [1] b"),
        ({"$interpolate": ["a", {"$res": "f/x/v"}]}, {"$interpolate": ["a", {"$res": "f/x/v"}]}),
        ({"$interpolate": ["$var:f/x/v", 1]}, {"$interpolate": ["[1]", 1]}),
        (["$WM_TOKEN", "$var:f/x/v"], ["t", "[1]"]),
        (["$WM_OTHER", "$var:f/x/v"], ["$WM_OTHER", "[1]"]),
        (["$var:f/x/v"] * 1001, ["$var:f/x/v"] * 1001),
    ],
)
def test_what_takes_the_place_of_a_reference(values: Values, given: Any, seen: Any) -> None:
    assert values.arguments("w", {"x": given}, {"WM_TOKEN": "t"}) == {"x": seen}


@pytest.mark.parametrize("given", ["$encrypted:abc", "$res:f/x/r"])
def test_what_cannot_be_resolved_names_the_argument(values: Values, given: str) -> None:
    with pytest.raises(CannotResolve, match="for `x`"):
        values.arguments("w", {"x": given}, {})
