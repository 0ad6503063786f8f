"""A drawing that is nested without end is a problem that is told, not one that ends the step."""

from typing import Any

import pytest

from windmill.scripts.model.base.errors import InvalidInput
from windmill.scripts.model.base.windmill_references import MOST_DEPTH, check_references
from windmill.scripts.targets.resolution import resolve_pipeline


def nested(levels: int, inner: Any = "x") -> Any:
    for _ in range(levels):
        inner = [inner]
    return inner


def test_what_a_server_reads_is_looked_through() -> None:
    (problem,) = check_references(nested(MOST_DEPTH, "$var:f/a/b"))
    assert problem.code == "E-CAT-025"
    assert not list(check_references(nested(MOST_DEPTH)))


@pytest.mark.parametrize("levels", [MOST_DEPTH + 1, 50_000])
def test_what_is_nested_deeper_is_one_problem(levels: int) -> None:
    (problem,) = check_references(nested(levels))
    assert problem.message == "is nested more than 128 deep"


def test_a_drawing_given_to_the_flow_is_refused_in_words() -> None:
    drawn = {"name": "a", "nodes": [{"id": "a", "component": "b", "config": {"c": nested(900)}}]}
    with pytest.raises(InvalidInput):
        resolve_pipeline(drawn, {}, {}, {}, "local")
