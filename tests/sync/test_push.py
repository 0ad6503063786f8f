import json
from pathlib import Path
from typing import Any

import pytest

from sync.api import (
    Drift,
    PushFailed,
    PushResult,
    Verb,
    Windmill,
    WindmillError,
    desired,
    plan,
    push,
)
from sync.items import Kind, fingerprints
from sync.push import WRITERS
from sync.record import Entry, plain_record
from tests.sync.conftest import MemoryWindmill, Write

FILES = {
    "windmill/scripts/lib/rates.py": '"""Rates."""\n\nRATE = 2\n',
    "windmill/scripts/price.py": (
        '"""Price an order."""\n\nfrom .lib.rates import RATE\n\n\n'
        "def main(amount: int) -> int:\n    return amount * RATE\n"
    ),
    "windmill/flows/order.flow/flow.yaml": (
        "summary: Order\nvalue:\n  modules:\n    - id: price\n      value:\n"
        "        {type: script, path: f/mlops/price,\n"
        "         input_transforms: {amount: {type: javascript, expr: flow_input.amount}}}\n"
        "schema: {type: object, properties: {amount: {type: integer}}}\n"
    ),
}
PRICE = "windmill/scripts/price.py"


def sent(windmill: MemoryWindmill) -> list[str]:
    return [call.removeprefix("POST ") for call in windmill.writes]


def pushed(root: Path, windmill: Windmill, **options: Any) -> PushResult:
    return push(plan(desired(root), windmill), windmill, **options)


def test_first_push_writes_everything_and_the_second_nothing(
    checkout: Write, memory: MemoryWindmill
) -> None:
    root = checkout(FILES)
    first = pushed(root, memory)
    assert {action.verb for action in first.written} == {Verb.create}
    assert set(memory.scripts) == {"f/mlops/price"}
    assert set(memory.scripts["f/mlops/price"]["modules"]) == {"lib/rates.py"}
    memory.calls.clear()
    again = plan(desired(root), memory)
    push(again, memory)
    assert again.is_empty
    assert memory.writes == []
    assert len(memory.calls) == 7


def test_what_a_flow_runs_is_written_before_it(checkout: Write, memory: MemoryWindmill) -> None:
    order = [action.item.path for action in pushed(checkout(FILES), memory).written]
    assert order.index("f/mlops/price") < order.index("f/mlops/order")


def test_an_edited_library_is_a_write_of_each_script_that_carries_it(
    checkout: Write, memory: MemoryWindmill
) -> None:
    root = checkout({**FILES, "windmill/scripts/other.py": "def main(): ...\n"})
    pushed(root, memory)
    memory.calls.clear()
    checkout({"windmill/scripts/lib/rates.py": '"""Rates."""\n\nRATE = 3\n'})
    written = pushed(root, memory).written
    assert [(action.item.path, action.changed) for action in written] == [
        ("f/mlops/price", ("modules",))
    ]
    assert sent(memory).count("scripts/create") == 1


def test_a_changed_script_tells_how_far_it_reaches(checkout: Write, memory: MemoryWindmill) -> None:
    root = checkout(FILES)
    pushed(root, memory)
    checkout({"windmill/scripts/lib/rates.py": "RATE = 3\n"})
    assert plan(desired(root), memory).explain()[0] == (
        "~ script f/mlops/price (modules)  used by 1"
    )


def as_an_older_push_left_it(memory: MemoryWindmill) -> str:
    """A library that was a script of its own, and that our record tells of."""
    text = FILES["windmill/scripts/lib/rates.py"]
    row = {"path": "f/mlops/lib/rates", "content": text, "language": "python3", "kind": "script"}
    memory.scripts[row["path"]] = {**row, "hash": "old", "no_main_func": True, "lock": "# py\n"}
    prints = fingerprints(Kind.script, memory.scripts[row["path"]])
    told = {name: print for name, print in prints.items() if name != "modules"}
    record = plain_record({f"script/{row['path']}": Entry(told, "old")})
    memory.resources["f/mlops/sync_state"]["value"] |= record
    return str(row["path"])


def test_libraries_that_an_older_push_wrote_go_when_all_else_is_written(
    checkout: Write, memory: MemoryWindmill
) -> None:
    root = checkout(FILES)
    pushed(root, memory)
    path = as_an_older_push_left_it(memory)
    checkout({PRICE: FILES[PRICE] + "\n"})
    planned = plan(desired(root), memory)
    assert planned.explain() == [
        "~ script f/mlops/price (content)  used by 1",
        f"- script {path}",
        f"0 to create, 1 to change, 1 to remove, {planned.count(Verb.unchanged)} unchanged.",
    ]
    push(planned, memory)
    assert sent(memory)[-2] == f"scripts/archive/p/{path}"
    assert path not in memory.scripts
    again = plan(desired(root), memory)
    assert again.is_empty
    assert not again.orphans


def test_one_that_windmill_locked_again_goes_too(checkout: Write, memory: MemoryWindmill) -> None:
    root = checkout(FILES)
    pushed(root, memory)
    path = as_an_older_push_left_it(memory)
    memory.edit(path, lock="# py: 3.12\nother==1\n")
    assert pushed(root, memory).written[-1].verb is Verb.delete


def test_a_library_that_somebody_edited_there_is_not_removed_unasked(
    checkout: Write, memory: MemoryWindmill
) -> None:
    root = checkout(FILES)
    pushed(root, memory)
    path = as_an_older_push_left_it(memory)
    memory.edit(path, content="RATE = 5\n")
    with pytest.raises(Drift, match=path):
        pushed(root, memory)
    assert path in memory.scripts
    pushed(root, memory, force=True)
    assert path not in memory.scripts


def test_a_library_of_somebody_else_stays(checkout: Write, memory: MemoryWindmill) -> None:
    theirs = {"path": "f/mlops/theirs", "hash": "x", "content": "X = 1\n", "no_main_func": True}
    memory.scripts["f/mlops/theirs"] = theirs
    assert [action.verb for action in plan(desired(checkout(FILES)), memory).writes].count(
        Verb.delete
    ) == 0


def test_an_edit_in_windmill_is_drift_and_nothing_is_written(
    checkout: Write, memory: MemoryWindmill
) -> None:
    root = checkout(FILES)
    pushed(root, memory)
    memory.edit("f/mlops/price", content="def main(): return 0\n")
    memory.calls.clear()
    with pytest.raises(Drift, match="f/mlops/price"):
        pushed(root, memory)
    assert memory.writes == []


def test_force_overwrites_an_edit_in_windmill(checkout: Write, memory: MemoryWindmill) -> None:
    root = checkout(FILES)
    pushed(root, memory)
    memory.edit("f/mlops/price", content="def main(): return 0\n")
    pushed(root, memory, force=True)
    assert memory.scripts["f/mlops/price"]["content"] == FILES[PRICE]
    assert plan(desired(root), memory).is_empty


@pytest.mark.parametrize("path", ["f/mlops/order", "f/mlops/assets/locks"])
def test_edits_of_flows_and_resources_are_seen_too(
    checkout: Write, memory: MemoryWindmill, path: str
) -> None:
    root = checkout(FILES)
    pushed(root, memory)
    memory.edit(path, value={"modules": []})
    assert [action.item.path for action in plan(desired(root), memory).drifted] == [path]


def test_a_script_whose_lock_was_changed_there_is_drift(
    checkout: Write, memory: MemoryWindmill
) -> None:
    root = checkout(FILES)
    pushed(root, memory)
    memory.edit("f/mlops/price", lock="# py: 3.11\nother==1\n")
    (drifted,) = plan(desired(root), memory).drifted
    assert (drifted.item.path, drifted.changed) == ("f/mlops/price", ("lock",))


def test_a_lock_of_inline_code_that_windmill_computed_again_is_not_drift(
    checkout: Write, memory: MemoryWindmill
) -> None:
    step = "def main():\n    return 1\n"
    value = {"type": "rawscript", "language": "python3", "content": step, "input_transforms": {}}
    flow = {"summary": "x", "value": {"modules": [{"id": "a", "value": value}]}, "schema": {}}
    root = checkout({"windmill/flows/inline.flow/flow.yaml": json.dumps(flow)})
    pushed(root, memory)
    value = {**value, "lock": "# py: 3.12\nother==1\n"}
    memory.edit("f/mlops/inline", value={"modules": [{"id": "a", "value": value}]})
    assert plan(desired(root), memory).is_empty


def test_items_that_are_there_already_are_adopted_without_a_write(
    checkout: Write, memory: MemoryWindmill
) -> None:
    root = checkout(FILES)
    pushed(root, memory)
    del memory.resources["f/mlops/sync_state"]
    memory.calls.clear()
    again = plan(desired(root), memory)
    assert again.is_empty
    push(again, memory)
    assert sent(memory) == ["resources/create"]
    assert set(plan(desired(root), memory).record) == {item.key for item in desired(root)}


def test_an_item_of_somebody_else_is_not_overwritten(
    checkout: Write, memory: MemoryWindmill
) -> None:
    memory.scripts["f/mlops/price"] = {"path": "f/mlops/price", "hash": "x", "content": "theirs"}
    with pytest.raises(Drift):
        pushed(checkout(FILES), memory)


def test_what_was_deleted_in_windmill_is_written_again(
    checkout: Write, memory: MemoryWindmill
) -> None:
    root = checkout(FILES)
    pushed(root, memory)
    del memory.scripts["f/mlops/price"]
    assert [action.item.path for action in pushed(root, memory).written] == ["f/mlops/price"]


def test_what_git_no_longer_has_is_shown_and_left_alone(
    checkout: Write, memory: MemoryWindmill
) -> None:
    root = checkout(FILES)
    pushed(root, memory)
    (root / "windmill/flows/order.flow/flow.yaml").unlink()
    (root / "windmill/flows/order.flow").rmdir()
    again = plan(desired(root), memory)
    push(again, memory)
    assert again.orphans == ("flow/f/mlops/order",)
    assert "f/mlops/order" in memory.flows


def test_a_push_that_fails_at_any_write_says_so_and_the_next_one_finishes(
    checkout: Write, memory: MemoryWindmill
) -> None:
    root = checkout(FILES)
    total = len(plan(desired(root), memory).writes)
    for number in range(1, total + 3):  # every item, the intent before and the record after
        windmill = type(memory)()
        windmill.fail_at = number
        with pytest.raises(PushFailed, match="500") as failed:
            pushed(root, windmill)
        assert len(failed.value.written) + len(failed.value.not_written) == total
        windmill.fail_at = 0
        pushed(root, windmill)
        assert plan(desired(root), windmill).is_empty
        assert set(windmill.flows) == {"f/mlops/order"}


def test_an_edit_of_git_after_a_failed_push_is_not_taken_for_drift(
    checkout: Write, memory: MemoryWindmill
) -> None:
    root = checkout(FILES)
    pushed(root, memory)
    checkout({PRICE: FILES[PRICE] + "\n# one\n"})
    memory.fail_at = len(memory.writes) + 3  # the script is written, the record is not
    with pytest.raises(PushFailed):
        pushed(root, memory)
    memory.fail_at = 0
    checkout({PRICE: FILES[PRICE] + "\n# two\n"})
    assert [action.item.path for action in pushed(root, memory).written] == ["f/mlops/price"]


def test_an_edit_between_plan_and_push_is_refused_by_the_parent(
    checkout: Write, memory: MemoryWindmill
) -> None:
    root = checkout(FILES)
    pushed(root, memory)
    checkout({PRICE: FILES[PRICE] + "\n"})
    planned = plan(desired(root), memory)
    memory.edit("f/mlops/price", content="theirs")
    with pytest.raises(PushFailed, match="Path conflict"):
        push(planned, memory)
    assert memory.scripts["f/mlops/price"]["content"] == "theirs"


def test_after_a_failure_nothing_more_is_begun(checkout: Write, memory: MemoryWindmill) -> None:
    many = {f"windmill/scripts/s{n}.py": f"def main(): return {n}\n" for n in range(60)}
    root = checkout(many)
    memory.fail_at, memory.fail_mode = 6, "once"
    with pytest.raises(PushFailed) as failed:
        pushed(root, memory)
    assert len(failed.value.written) <= 6 + 2 * WRITERS


def test_a_windmill_that_falls_silent_after_the_last_write_is_a_failed_push(
    checkout: Write, memory: MemoryWindmill, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*_: object) -> None:
        raise WindmillError("Windmill does not answer", "there")

    root = checkout(FILES)
    with monkeypatch.context() as patch:
        patch.setattr("sync.instances.windmill.instance.listed_versions", silent)
        with pytest.raises(PushFailed, match="does not answer") as failed:
            pushed(root, memory)
    assert failed.value.not_written == ()
    assert pushed(root, memory).written == ()


def test_long_lists_are_read_to_their_end(
    checkout: Write, memory: MemoryWindmill, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.instances.windmill.client.PAGE", 2)
    root = checkout(FILES)
    pushed(root, memory)
    again = plan(desired(root), memory)
    assert again.is_empty
    assert not again.adopts


def test_progress_tells_every_written_item(checkout: Write, memory: MemoryWindmill) -> None:
    told = []
    result = pushed(checkout(FILES), memory, on_progress=lambda action, _: told.append(action))
    assert told == list(result.written)


def test_explain_and_dict_tell_the_same_plan(checkout: Write, memory: MemoryWindmill) -> None:
    planned = plan(desired(checkout(FILES)), memory)
    lines, data = planned.explain(), planned.as_dict()
    assert lines[-1].startswith(f"{len(data['actions'])} to create, 0 to change")
    for line, action in zip(lines, data["actions"], strict=False):
        assert line == f"+ {action['kind']} {action['path']}"
