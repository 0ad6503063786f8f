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
from tests.sync.conftest import NewWindmill, Write
from tests.sync.embedded import EmbeddedWindmill

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


def sent(windmill: EmbeddedWindmill) -> list[str]:
    return [call.removeprefix("POST ") for call in windmill.wire.writes]


def pushed(root: Path, windmill: Windmill, **options: Any) -> PushResult:
    return push(plan(desired(root), windmill), windmill, **options)


def test_first_push_writes_everything_and_the_second_nothing(
    checkout: Write, embedded: EmbeddedWindmill
) -> None:
    root = checkout(FILES)
    first = pushed(root, embedded)
    assert {action.verb for action in first.written} == {Verb.create}
    assert embedded.paths("scripts") == {"f/mlops/price"}
    assert set(embedded.held("f/mlops/price")["modules"]) == {"lib/rates.py"}
    embedded.wire.calls.clear()
    again = plan(desired(root), embedded)
    push(again, embedded)
    assert again.is_empty
    assert embedded.wire.writes == []
    assert len(embedded.wire.calls) == 7


def test_what_a_flow_runs_is_written_before_it(checkout: Write, embedded: EmbeddedWindmill) -> None:
    order = [action.item.path for action in pushed(checkout(FILES), embedded).written]
    assert order.index("f/mlops/price") < order.index("f/mlops/order")


def test_an_edited_library_is_a_write_of_each_script_that_carries_it(
    checkout: Write, embedded: EmbeddedWindmill
) -> None:
    root = checkout({**FILES, "windmill/scripts/other.py": "def main(): ...\n"})
    pushed(root, embedded)
    embedded.wire.calls.clear()
    checkout({"windmill/scripts/lib/rates.py": '"""Rates."""\n\nRATE = 3\n'})
    written = pushed(root, embedded).written
    assert [(action.item.path, action.changed) for action in written] == [
        ("f/mlops/price", ("modules",))
    ]
    assert sent(embedded).count("scripts/create") == 1


def test_a_changed_script_tells_how_far_it_reaches(
    checkout: Write, embedded: EmbeddedWindmill
) -> None:
    root = checkout(FILES)
    pushed(root, embedded)
    checkout({"windmill/scripts/lib/rates.py": "RATE = 3\n"})
    assert plan(desired(root), embedded).explain()[0] == (
        "~ script f/mlops/price (modules)  used by 1"
    )


def as_an_older_push_left_it(embedded: EmbeddedWindmill) -> str:
    """A library that was a script of its own, and that our record tells of."""
    text = FILES["windmill/scripts/lib/rates.py"]
    row = {"path": "f/mlops/lib/rates", "content": text, "language": "python3", "kind": "script"}
    body = {**row, "no_main_func": True, "lock": "# py\n"}
    version = embedded.others.post("scripts/create", body)
    prints = fingerprints(Kind.script, embedded.held(row["path"]))
    told = {name: print for name, print in prints.items() if name != "modules"}
    record = plain_record({f"script/{row['path']}": Entry(told, version)})
    state = embedded.others.get("resources/get_value/f/mlops/sync_state")
    embedded.edit("f/mlops/sync_state", value=state | record)
    return str(row["path"])


def test_libraries_that_an_older_push_wrote_go_when_all_else_is_written(
    checkout: Write, embedded: EmbeddedWindmill
) -> None:
    root = checkout(FILES)
    pushed(root, embedded)
    path = as_an_older_push_left_it(embedded)
    checkout({PRICE: FILES[PRICE] + "\n"})
    planned = plan(desired(root), embedded)
    assert planned.explain() == [
        "~ script f/mlops/price (content)  used by 1",
        f"- script {path}",
        f"0 to create, 1 to change, 1 to remove, {planned.count(Verb.unchanged)} unchanged.",
    ]
    push(planned, embedded)
    assert sent(embedded)[-2] == f"scripts/archive/p/{path}"
    assert path not in embedded.paths("scripts")
    again = plan(desired(root), embedded)
    assert again.is_empty
    assert not again.orphans


def test_one_that_windmill_locked_again_goes_too(
    checkout: Write, embedded: EmbeddedWindmill
) -> None:
    root = checkout(FILES)
    pushed(root, embedded)
    path = as_an_older_push_left_it(embedded)
    embedded.edit(path, lock="# py: 3.12\nother==1\n")
    assert pushed(root, embedded).written[-1].verb is Verb.delete


def test_a_library_that_somebody_edited_there_is_not_removed_unasked(
    checkout: Write, embedded: EmbeddedWindmill
) -> None:
    root = checkout(FILES)
    pushed(root, embedded)
    path = as_an_older_push_left_it(embedded)
    embedded.edit(path, content="RATE = 5\n")
    with pytest.raises(Drift, match=path):
        pushed(root, embedded)
    assert path in embedded.paths("scripts")
    pushed(root, embedded, force=True)
    assert path not in embedded.paths("scripts")


def test_a_library_of_somebody_else_stays(checkout: Write, embedded: EmbeddedWindmill) -> None:
    theirs = {"path": "f/mlops/theirs", "content": "X = 1\n", "no_main_func": True}
    embedded.others.post("scripts/create", {**theirs, "language": "python3"})
    assert [action.verb for action in plan(desired(checkout(FILES)), embedded).writes].count(
        Verb.delete
    ) == 0


def test_an_edit_in_windmill_is_drift_and_nothing_is_written(
    checkout: Write, embedded: EmbeddedWindmill
) -> None:
    root = checkout(FILES)
    pushed(root, embedded)
    embedded.edit("f/mlops/price", content="def main(): return 0\n")
    embedded.wire.calls.clear()
    with pytest.raises(Drift, match="f/mlops/price"):
        pushed(root, embedded)
    assert embedded.wire.writes == []


def test_force_overwrites_an_edit_in_windmill(checkout: Write, embedded: EmbeddedWindmill) -> None:
    root = checkout(FILES)
    pushed(root, embedded)
    embedded.edit("f/mlops/price", content="def main(): return 0\n")
    pushed(root, embedded, force=True)
    assert embedded.held("f/mlops/price")["content"] == FILES[PRICE]
    assert plan(desired(root), embedded).is_empty


@pytest.mark.parametrize("path", ["f/mlops/order", "f/mlops/assets/locks"])
def test_edits_of_flows_and_resources_are_seen_too(
    checkout: Write, embedded: EmbeddedWindmill, path: str
) -> None:
    root = checkout(FILES)
    pushed(root, embedded)
    embedded.edit(path, value={"modules": []})
    assert [action.item.path for action in plan(desired(root), embedded).drifted] == [path]


def test_a_script_whose_lock_was_changed_there_is_drift(
    checkout: Write, embedded: EmbeddedWindmill
) -> None:
    root = checkout(FILES)
    pushed(root, embedded)
    embedded.edit("f/mlops/price", lock="# py: 3.11\nother==1\n")
    (drifted,) = plan(desired(root), embedded).drifted
    assert (drifted.item.path, drifted.changed) == ("f/mlops/price", ("lock",))


def test_a_lock_of_inline_code_that_windmill_computed_again_is_not_drift(
    checkout: Write, embedded: EmbeddedWindmill
) -> None:
    step = "def main():\n    return 1\n"
    value = {"type": "rawscript", "language": "python3", "content": step, "input_transforms": {}}
    flow = {"summary": "x", "value": {"modules": [{"id": "a", "value": value}]}, "schema": {}}
    root = checkout({"windmill/flows/inline.flow/flow.yaml": json.dumps(flow)})
    pushed(root, embedded)
    value = {**value, "lock": "# py: 3.12\nother==1\n"}
    embedded.edit("f/mlops/inline", value={"modules": [{"id": "a", "value": value}]})
    assert plan(desired(root), embedded).is_empty


def test_items_that_are_there_already_are_adopted_without_a_write(
    checkout: Write, embedded: EmbeddedWindmill
) -> None:
    root = checkout(FILES)
    pushed(root, embedded)
    embedded.remove("f/mlops/sync_state")
    embedded.wire.calls.clear()
    again = plan(desired(root), embedded)
    assert again.is_empty
    push(again, embedded)
    assert sent(embedded) == ["resources/create"]
    assert set(plan(desired(root), embedded).record) == {item.key for item in desired(root)}


def test_an_item_of_somebody_else_is_not_overwritten(
    checkout: Write, embedded: EmbeddedWindmill
) -> None:
    theirs = {"path": "f/mlops/price", "content": "theirs", "language": "python3"}
    embedded.others.post("scripts/create", theirs)
    with pytest.raises(Drift):
        pushed(checkout(FILES), embedded)


def test_what_was_deleted_in_windmill_is_written_again(
    checkout: Write, embedded: EmbeddedWindmill
) -> None:
    root = checkout(FILES)
    pushed(root, embedded)
    embedded.remove("f/mlops/price")
    assert [action.item.path for action in pushed(root, embedded).written] == ["f/mlops/price"]


def test_what_git_no_longer_has_is_shown_and_left_alone(
    checkout: Write, embedded: EmbeddedWindmill
) -> None:
    root = checkout(FILES)
    pushed(root, embedded)
    (root / "windmill/flows/order.flow/flow.yaml").unlink()
    (root / "windmill/flows/order.flow").rmdir()
    again = plan(desired(root), embedded)
    push(again, embedded)
    assert again.orphans == ("flow/f/mlops/order",)
    assert "f/mlops/order" in embedded.paths("flows")


def test_a_push_that_fails_at_any_write_says_so_and_the_next_one_finishes(
    checkout: Write, new_windmill: NewWindmill
) -> None:
    root = checkout(FILES)
    total = len(plan(desired(root), new_windmill()).writes)
    for number in range(1, total + 3):  # every item, the intent before and the record after
        windmill = new_windmill()
        windmill.wire.fail_at = number
        with pytest.raises(PushFailed, match="500") as failed:
            pushed(root, windmill)
        assert len(failed.value.written) + len(failed.value.not_written) == total
        windmill.wire.fail_at = 0
        pushed(root, windmill)
        assert plan(desired(root), windmill).is_empty
        assert windmill.paths("flows") == {"f/mlops/order"}


def test_an_edit_of_git_after_a_failed_push_is_not_taken_for_drift(
    checkout: Write, embedded: EmbeddedWindmill
) -> None:
    root = checkout(FILES)
    pushed(root, embedded)
    checkout({PRICE: FILES[PRICE] + "\n# one\n"})
    embedded.wire.fail_at = len(embedded.wire.writes) + 3  # after the script, before the record
    with pytest.raises(PushFailed):
        pushed(root, embedded)
    embedded.wire.fail_at = 0
    checkout({PRICE: FILES[PRICE] + "\n# two\n"})
    assert [action.item.path for action in pushed(root, embedded).written] == ["f/mlops/price"]


def test_an_edit_between_plan_and_push_is_refused_by_the_parent(
    checkout: Write, embedded: EmbeddedWindmill
) -> None:
    root = checkout(FILES)
    pushed(root, embedded)
    checkout({PRICE: FILES[PRICE] + "\n"})
    planned = plan(desired(root), embedded)
    embedded.edit("f/mlops/price", content="theirs")
    with pytest.raises(PushFailed, match="Path conflict"):
        push(planned, embedded)
    assert embedded.held("f/mlops/price")["content"] == "theirs"


def test_after_a_failure_nothing_more_is_begun(checkout: Write, embedded: EmbeddedWindmill) -> None:
    many = {f"windmill/scripts/s{n}.py": f"def main(): return {n}\n" for n in range(60)}
    root = checkout(many)
    embedded.wire.fail_at, embedded.wire.fail_mode = 6, "once"
    with pytest.raises(PushFailed) as failed:
        pushed(root, embedded)
    assert len(failed.value.written) <= 6 + 2 * WRITERS


def test_a_windmill_that_falls_silent_after_the_last_write_is_a_failed_push(
    checkout: Write, embedded: EmbeddedWindmill, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*_: object) -> None:
        raise WindmillError("Windmill does not answer", "there")

    root = checkout(FILES)
    with monkeypatch.context() as patch:
        patch.setattr("sync.instances.windmill.instance.listed_versions", silent)
        with pytest.raises(PushFailed, match="does not answer") as failed:
            pushed(root, embedded)
    assert failed.value.not_written == ()
    assert pushed(root, embedded).written == ()


def test_long_lists_are_read_to_their_end(
    checkout: Write, embedded: EmbeddedWindmill, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.instances.windmill.client.PAGE", 2)
    root = checkout(FILES)
    pushed(root, embedded)
    again = plan(desired(root), embedded)
    assert again.is_empty
    assert not again.adopts


def test_progress_tells_every_written_item(checkout: Write, embedded: EmbeddedWindmill) -> None:
    told = []
    result = pushed(checkout(FILES), embedded, on_progress=lambda action, _: told.append(action))
    assert told == list(result.written)


def test_explain_and_dict_tell_the_same_plan(checkout: Write, embedded: EmbeddedWindmill) -> None:
    planned = plan(desired(checkout(FILES)), embedded)
    lines, data = planned.explain(), planned.as_dict()
    assert lines[-1].startswith(f"{len(data['actions'])} to create, 0 to change")
    for line, action in zip(lines, data["actions"], strict=False):
        assert line == f"+ {action['kind']} {action['path']}"
