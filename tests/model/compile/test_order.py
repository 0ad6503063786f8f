"""Steps as series and branches: never out of order, and as parallel as flows can be."""

from hypothesis import given
from hypothesis import strategies as st

from windmill.scripts.model.compile.parallel_order import Block, Parallel, Series, arrange

Needs = dict[str, frozenset[str]]


def pairs(block: Block) -> set[tuple[str, str]]:
    """(first, later) of every two steps that the block makes wait."""
    match block:
        case Series(blocks=blocks):
            own = {
                (a, b)
                for i, first in enumerate(blocks)
                for later in blocks[i + 1 :]
                for a in names(first)
                for b in names(later)
            }
            return own.union(*(pairs(inner) for inner in blocks))
        case Parallel(blocks=blocks):
            return set().union(*(pairs(inner) for inner in blocks))
    return set()


def names(block: Block) -> list[str]:
    return [block] if isinstance(block, str) else [n for b in block.blocks for n in names(b)]


def closed(needs: Needs) -> set[tuple[str, str]]:
    found = {(need, step) for step, all_needs in needs.items() for need in all_needs}
    while more := {(a, d) for a, b in found for c, d in found if b == c} - found:
        found |= more
    return found


@st.composite
def orders(draw: st.DrawFn) -> Needs:
    count = draw(st.integers(1, 7))
    return {
        f"s{number}": frozenset(
            f"s{other}" for other in range(number) if draw(st.integers(0, 3)) == 0
        )
        for number in range(count)
    }


@st.composite
def series_parallel(draw: st.DrawFn, prefix: str = "s", depth: int = 3) -> Block:
    if depth == 0 or draw(st.booleans()):
        return prefix
    kinds: list[type[Series | Parallel]] = [Series, Parallel]
    kind = draw(st.sampled_from(kinds))
    count = draw(st.integers(2, 3))
    parts = (draw(series_parallel(f"{prefix}{number}", depth - 1)) for number in range(count))
    return kind(tuple(parts))


def needs_of(block: Block) -> Needs:
    waits = pairs(block)
    return {name: frozenset(a for a, b in waits if b == name) for name in names(block)}


@given(needs=orders())
def test_no_step_begins_before_what_it_needs(needs: Needs) -> None:
    block = arrange(needs)
    assert sorted(names(block)) == sorted(needs)
    assert pairs(block) >= closed(needs)


@given(block=series_parallel())
def test_where_flows_can_keep_the_order_exactly_nothing_waits_for_a_stranger(block: Block) -> None:
    needs = needs_of(block)
    assert pairs(arrange(needs)) == closed(needs)


def test_chains_side_by_side_do_not_wait_for_each_others_levels() -> None:
    needs: Needs = {"a": frozenset(), "b": frozenset(), "c": frozenset("a"), "d": frozenset("b")}
    assert arrange(needs) == Parallel((Series(("a", "c")), Series(("b", "d"))))


def test_where_flows_cannot_keep_it_one_step_waits_for_one_stranger() -> None:
    needs: Needs = {"a": frozenset(), "b": frozenset(), "c": frozenset("ab"), "d": frozenset("b")}
    assert len(pairs(arrange(needs)) - closed(needs)) == 1


def test_the_same_needs_give_the_same_blocks_however_they_are_written() -> None:
    needs: Needs = {"a": frozenset(), "b": frozenset("a"), "c": frozenset("a")}
    assert arrange(needs) == arrange(dict(needs)) == Series(("a", Parallel(("b", "c"))))
