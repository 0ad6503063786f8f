"""Any history of edits here, edits there, and pushes that fail: what is planned stays right."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from sync.api import Drift, Item, Kind, PushFailed, WindmillError, plan, push
from sync.items import in_dependency_order
from tests.sync.conftest import NewWindmill

PATHS: Mapping[str, Kind] = {
    "f/mlops/lib": Kind.script,
    "f/mlops/step": Kind.script,
    "f/mlops/flow": Kind.flow,
    "f/mlops/assets/files": Kind.resource,
}
NEEDS = {"f/mlops/step": {"script/f/mlops/lib"}, "f/mlops/flow": {"script/f/mlops/step"}}
THEIRS = "theirs"


def flow_value(text: str) -> dict[str, Any]:
    return {"modules": [{"id": "a", "summary": text, "value": {"type": "identity"}}]}


def body(kind: Kind, path: str, text: str) -> dict[str, Any]:
    fields: dict[Kind, dict[str, Any]] = {
        Kind.script: {"content": text, "language": "python3", "kind": "script", "schema": {}},
        Kind.flow: {"value": flow_value(text), "schema": {}},
        Kind.resource: {"value": {"a": text}, "resource_type": "mlops_files"},
    }
    return {"path": path, "summary": "", "description": "", **fields[kind]}


class Histories(RuleBasedStateMachine):
    make: NewWindmill

    @initialize()
    def start(self) -> None:
        self.remote = self.make()
        self.local: dict[str, str] = {}
        self.number = 0

    def items(self) -> list[Item]:
        folder = Item(Kind.folder, "mlops", {"name": "mlops"})
        ours = [
            Item(kind, path, body(kind, path, self.local[path]), frozenset(NEEDS.get(path, ())))
            for path, kind in PATHS.items()
            if path in self.local
        ]
        return in_dependency_order([folder, *ours])

    def held(self, path: str) -> str | None:
        doc = self.remote.held(path)
        if not doc:
            return None
        if PATHS[path] is Kind.flow:
            return str(doc["value"]["modules"][0]["summary"])
        return str(doc["lock"] or doc["content"] if "content" in doc else doc["value"]["a"])

    def fresh(self, word: str) -> str:
        self.number += 1
        return f"{word} {self.number}"

    @rule(path=st.sampled_from(sorted(PATHS)))
    def edit_here(self, path: str) -> None:
        self.local[path] = self.fresh("ours")

    @rule(path=st.sampled_from(sorted(PATHS)))
    def edit_there(self, path: str) -> None:
        if self.held(path):
            text = self.fresh(THEIRS)
            edited = body(PATHS[path], path, text)
            self.remote.edit(edited.pop("path"), **edited)

    @rule(path=st.sampled_from(["f/mlops/lib", "f/mlops/step"]))
    def relock_there(self, path: str) -> None:
        if self.held(path):
            self.remote.edit(path, lock=self.fresh(THEIRS))

    @rule(
        force=st.booleans(), after=st.integers(1, 9), mode=st.sampled_from(["down", "once", "lost"])
    )
    def push_that_fails(self, force: bool, after: int, mode: str) -> None:
        wire = self.remote.wire
        wire.fail_at, wire.fail_mode = len(wire.writes) + after, mode
        with suppress(PushFailed, Drift, WindmillError):
            push(plan(self.items(), self.remote), self.remote, force=force)
        wire.fail_at = 0

    @rule()
    def push_by_force(self) -> None:
        push(plan(self.items(), self.remote), self.remote, force=True)
        assert {path: self.held(path) for path in self.local} == self.local
        count = len(self.remote.wire.writes)
        push(plan(self.items(), self.remote), self.remote)
        assert len(self.remote.wire.writes) == count

    @invariant()
    def the_plan_is_right(self) -> None:
        planned = plan(self.items(), self.remote)
        differing = {path for path, text in self.local.items() if self.held(path) != text}
        writes = {action.item.path for action in planned.writes} - {"mlops"}
        assert writes == differing
        theirs = {path for path in differing if str(self.held(path)).startswith(THEIRS)}
        assert {action.item.path for action in planned.drifted} == theirs


@pytest.mark.slow
def test_any_history(new_windmill: NewWindmill) -> None:
    class Run(Histories):
        make = staticmethod(new_windmill)

    case = Run.TestCase
    case.settings = settings(max_examples=25, stateful_step_count=12)
    case().runTest()
