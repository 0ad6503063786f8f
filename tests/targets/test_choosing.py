"""The step that settles where a deployment goes, and for how much."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from windmill.scripts import choose_target
from windmill.scripts.model.base.target import Target
from windmill.scripts.model.catalog.catalog import Catalog
from windmill.scripts.model.cost.offer import Offer
from windmill.scripts.model.drawing.pipeline import Compute, Pipeline
from windmill.scripts.store.opened import open_registry
from windmill.scripts.store.registry import Registry
from windmill.scripts.targets import selection
from windmill.scripts.targets.registry import TARGETS
from windmill.scripts.targets.runpod.target import Runpod

Choose = Callable[..., dict[str, Any]]


class Renting(Runpod):
    """RunPod where the key is there and one machine is free."""

    planned = ""

    def unavailable(self) -> str:
        return ""

    def misfits(self, *_: Any) -> list[str]:
        return []

    def offers(self, needs: Compute) -> list[Offer]:
        return [
            Offer(target=Target.runpod, name="L4", gpu="L4", gpus=1, hourly_usd=0.4, region="EU")
        ]


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, embedded: None) -> Registry:
    monkeypatch.setenv("MLOPS_LOCAL_ROOT", str(tmp_path / "deployments"))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/registry.db")
    return open_registry()


@pytest.fixture
def choose(registry: Registry, catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> Choose:
    with_runpod = {**TARGETS, Target.runpod: Renting()}
    for module in (selection, choose_target):
        monkeypatch.setattr(module, "TARGETS", with_runpod)
    monkeypatch.setattr(choose_target, "components", lambda: catalog.components)
    monkeypatch.setattr(choose_target, "baselines", lambda: ())
    drawing = Pipeline.model_validate(
        {"name": "rag", "nodes": [{"id": "docs", "component": "documents"}]}
    )
    found = registry.begin(drawing, "job", "job", lambda _: True)

    def chosen(target: str, **more: Any) -> dict[str, Any]:
        return choose_target.main(found.id, json.dumps(target), **more)

    return chosen


def test_the_offer_that_was_taken_is_kept_with_the_deployment(
    choose: Choose, registry: Registry
) -> None:
    choose("runpod")
    (found,) = registry.list()
    (charge,) = found.charges
    assert (charge.target, charge.offer, charge.gpu, charge.region) == ("runpod", "L4", "L4", "EU")
    assert found.price_of_revision() == 0.4


def test_a_machine_of_one_s_own_is_kept_as_free(choose: Choose, registry: Registry) -> None:
    choose("local")
    (found,) = registry.list()
    assert ([each.target for each in found.charges], found.hourly_usd) == (["local"], 0)
