from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from windmill.scripts.model.base.topology import find_cycle, in_order

NAMES = st.sampled_from("abcdefg")
GRAPHS = st.dictionaries(NAMES, st.lists(NAMES, max_size=4))


@pytest.mark.parametrize(
    ("after", "cycle"),
    [
        ({"a": "b", "b": "c", "c": "d", "d": "b"}, "bcdb"),
        ({"a": "bc", "b": "c", "c": ""}, ""),
        ({"a": "a"}, "aa"),
        ({"a": "bx", "b": ""}, ""),
        ({"d": "", "b": "a", "a": "b"}, "bab"),
    ],
)
def test_a_cycle_is_named_with_its_path(after: dict[str, str], cycle: str) -> None:
    assert find_cycle(after) == list(cycle)


@given(GRAPHS)
def test_a_cycle_follows_the_graph_and_without_one_there_is_an_order(
    after: dict[str, list[str]],
) -> None:
    order = in_order(after)
    assert sorted(order) == sorted(after)
    cycle = find_cycle(after)
    assert all(later in after[name] for name, later in pairwise(cycle))
    place = {name: number for number, name in enumerate(order)}
    backwards = [
        (name, other)
        for name, others in after.items()
        for other in others
        if place.get(other, -1) >= place[name]
    ]
    assert bool(backwards) == bool(cycle)
    assert not cycle or cycle[0] == cycle[-1]


def test_within_a_cycle_names_keep_the_order_they_are_given_in() -> None:
    assert in_order({"a": "b", "b": "a", "c": ""}) == ["b", "a", "c"]
    assert in_order({"b": "a", "a": "b", "c": ""}) == ["a", "b", "c"]


def test_a_chain_may_be_longer_than_the_stack_is_deep() -> None:
    chain = {str(number): [str(number + 1)] for number in range(5000)}
    assert in_order(chain) == [str(number) for number in range(4999, -1, -1)]
    assert find_cycle(chain) == []
