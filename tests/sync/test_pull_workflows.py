"""A workflow edited in n8n comes back with its placeholders, and no other line changes."""

import copy
import difflib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.actions import Action, Verb
from sync.api import Plan
from sync.desired.workflows import WORKFLOWS, workflow_items
from sync.items import Item, Kind, fingerprints
from sync.n8n_settings import n8n_settings
from sync.pull.pull import Pulled, pull
from sync.pull.workflows import written_again
from sync.record import Entry
from tests.sync.conftest import ROOT
from tests.sync.test_n8n_items import NEEDED

TOLD = {**NEEDED, "NOTIFY_WEBHOOK_URL": "https://chat.example/hook"}
SETTINGS = n8n_settings(TOLD)
assert SETTINGS
PUSHED = {
    item.path: item for item in workflow_items(ROOT, SETTINGS, []) if item.kind is Kind.workflow
}


def pushed(stem: str) -> Item:
    return PUSHED[stem]


def back(item: Item, held: dict[str, Any]) -> Pulled:
    changed = tuple(
        name
        for name, print in fingerprints(Kind.workflow, held).items()
        if print != item.prints[name]
    )
    action = Action(Verb.update, item, changed, drifted=True, held=lambda: held)
    record = {item.key: Entry(item.prints)}
    return pull(Plan((action,), record, read=record), ROOT)


def changed_lines(stem: str, text: str) -> list[str]:
    before = (ROOT / WORKFLOWS / f"{stem}.json").read_text("utf-8").splitlines()
    lines = difflib.unified_diff(before, text.splitlines(), n=0, lineterm="")
    return [line for line in lines if line[0] in "+-" and line[:3] not in ("+++", "---")]


@pytest.mark.parametrize("stem", sorted(PUSHED))
def test_one_moved_node_is_one_changed_place(stem: str) -> None:
    item = pushed(stem)
    held = copy.deepcopy(item.body)
    held["nodes"][-1]["position"][0] += 17
    held["nodes"].reverse()
    pulled = back(item, {**held, "createdAt": "n8n's own"})
    (text,) = pulled.files.values()
    document = json.loads((ROOT / WORKFLOWS / f"{stem}.json").read_text("utf-8"))
    document["nodes"][-1]["position"][0] += 17
    document["nodes"].reverse()
    assert json.loads(text) == document
    assert pulled.left == ()


def test_a_new_node_an_edited_text_and_one_that_went() -> None:
    item = pushed("notify")
    held = copy.deepcopy(item.body)
    note = {"id": "new", "name": "Mine", "type": "n8n-nodes-base.noOp", "parameters": {}}
    held["nodes"].append(note)
    held["nodes"][0]["parameters"]["content"] = "## Another title"
    (text,) = back(item, held).files.values()
    document = json.loads(text)
    assert document["nodes"][-1] == note
    assert "## Another title" in text
    assert "https://chat.example/hook" not in text
    assert len([line for line in changed_lines("notify", text) if "${" in line]) == 0


def test_what_is_not_published_there_is_told_and_changes_no_file() -> None:
    item = pushed("notify")
    pulled = back(item, {**item.body, "active": False})
    assert pulled.files == {}
    assert [(left.fields, left.why) for left in pulled.left] == [
        (("active",), "it is not published there")
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just("${URL}/x"),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=12,
)


def filled(value: Any) -> Any:
    return json.loads(json.dumps(value).replace("${URL}", "http://gateway"))


@given(JSON)
def test_what_nobody_edited_is_written_as_it_was(written: Any) -> None:
    assert written_again(written, filled(written), filled(written)) == written


@given(JSON, JSON)
def test_what_comes_back_is_pushed_as_it_stands_there(written: Any, edited: Any) -> None:
    held = filled(edited)
    assert filled(written_again(written, filled(written), held)) == held
