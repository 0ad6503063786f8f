"""A failed update of what is live: degraded where it was touched, and as it was where not."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from windmill.scripts import fail_deployment
from windmill.scripts.model.base.target import Target
from windmill.scripts.model.drawing.deployment import Deployment, State
from windmill.scripts.model.drawing.pipeline import Node, Pipeline
from windmill.scripts.store.registry import Registry

Begin = Callable[..., Deployment]


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    registry = Registry(f"sqlite:///{tmp_path}/registry.db")
    monkeypatch.setattr(fail_deployment, "open_registry", lambda: registry)
    monkeypatch.setattr(fail_deployment, "tell_of", lambda *told: None)
    return registry


def begun(registry: Registry, run: str, target: Target, summary: str) -> Deployment:
    drawing = Pipeline(name="chat", nodes=(Node(id=summary, component="summarizer"),))
    made = registry.begin(drawing, run, run, lambda _: True)
    return registry.assign_target(made.id, target, {"api": 9000})


def failed(registry: Registry, deployment: Deployment, step: str) -> Deployment:
    error: dict[str, Any] = {"step_id": step, "name": "Error", "message": "it does not fit"}
    fail_deployment.main(json.dumps(error), deployment.id)
    return registry.require(deployment.id)


@pytest.mark.parametrize(
    ("step", "changed", "state"),
    [
        ("target", False, State.live),
        ("generate", False, State.live),
        ("Approval", False, State.live),
        ("apply", False, State.live),
        ("apply", True, State.degraded),
        ("configure", False, State.degraded),
        ("health", True, State.degraded),
        ("unheard-of", False, State.degraded),
    ],
)
def test_what_was_not_touched_stays_live(
    registry: Registry, step: str, changed: bool, state: State
) -> None:
    registry.finish(begun(registry, "one", Target.local, "a").id, State.live)
    updating = begun(registry, "two", Target.local, "b")
    if changed:
        registry.mark_changed(updating.id)
    after = failed(registry, updating, step)
    assert after.state == state
    assert (after.live_revision, after.error == "") == (1, state == State.live)
    assert after.revision == (1 if state == State.live else 2)


@pytest.mark.parametrize("name", ["SuspendedDisapproved", "SuspendedTimedOut"])
def test_what_nobody_approved_is_as_it_was(registry: Registry, name: str) -> None:
    """Windmill names no step then."""
    registry.finish(begun(registry, "one", Target.local, "a").id, State.live)
    updating = begun(registry, "two", Target.local, "b")
    told = {"name": name, "message": "Disapproved by admin"}
    fail_deployment.main(json.dumps(told), updating.id)
    after = registry.require(updating.id)
    assert (after.state, after.revision, after.error) == (State.live, 1, "")


def test_a_refused_update_does_not_heal_what_was_degraded(registry: Registry) -> None:
    registry.finish(begun(registry, "one", Target.local, "a").id, State.live)
    failed(registry, begun(registry, "two", Target.local, "b"), "health")
    after = failed(registry, begun(registry, "three", Target.local, "c"), "target")
    assert after.state == State.degraded
    assert "it does not fit" in after.error


def test_an_update_on_a_machine_of_its_own_leaves_what_people_use_live(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_back: list[str] = []
    monkeypatch.setattr(
        fail_deployment,
        "give_back_others",
        lambda _, deployment, say: given_back.append(deployment.id),
    )
    live = begun(registry, "one", Target.runpod, "a")
    registry.finish(live.id, State.live)
    updating = begun(registry, "two", Target.runpod, "b")
    registry.mark_changed(updating.id)
    assert failed(registry, updating, "health").state == State.live
    assert given_back == [live.id]
