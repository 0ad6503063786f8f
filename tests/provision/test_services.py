"""What a pipeline is installed with, and where it answers, follow from its components."""

import re
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

import pytest

from sync.desired.assets import LOCKS
from windmill.scripts.model.check.check_catalog import load_catalog
from windmill.scripts.model.drawing.deployment import Deployment, State
from windmill.scripts.model.drawing.pipeline import Node, Pipeline
from windmill.scripts.model.drawing.services import environments_of
from windmill.scripts.targets.addresses import urls_of

PROJECT = Path(__file__).parents[2]
COMPONENTS = load_catalog(PROJECT / "catalog").components
ENVIRONMENTS = sorted({component.environment for component in COMPONENTS.values()})


def drawn(*components: str) -> Pipeline:
    nodes = [Node(id=f"n{at}", component=name) for at, name in enumerate(components)]
    return Pipeline(name="drawn", nodes=tuple(nodes))


@pytest.mark.parametrize(
    ("components", "environments"),
    [
        (["documents", "llm-chat", "api-endpoint"], ["serving"]),
        (["table", "text-classifier", "api-endpoint"], ["serving-ml"]),
        (["speech-to-text", "image-classifier"], ["serving-ml", "serving-speech"]),
    ],
)
def test_only_who_needs_a_library_installs_it(
    components: list[str], environments: list[str]
) -> None:
    assert environments_of(drawn(*components), COMPONENTS) == environments


def test_every_environment_travels_to_the_worker() -> None:
    assert set(ENVIRONMENTS) <= set(LOCKS)


@pytest.mark.parametrize(("one", "other"), list(combinations(ENVIRONMENTS, 2)))
def test_environments_can_be_joined_and_hold_all_of_serving(one: str, other: str) -> None:
    pins = [
        dict(re.findall(r"^([\w.-]+)==(\S+)", text, re.M))
        for name in (one, other, "serving")
        for text in [(PROJECT / "requirements" / f"{name}.lock").read_text("utf-8")]
    ]
    shared = pins[0].keys() & pins[1].keys()
    assert pins[2].keys() <= shared
    assert {name: pins[0][name] for name in shared} == {name: pins[1][name] for name in shared}


def test_an_address_is_told_only_of_what_runs() -> None:
    now = datetime.now(UTC)
    ports = {"api": 20001, "litellm": 20002, "model_server": 20003}
    deployment = Deployment(
        id="a-1", name="a", state=State.live, ports=ports, created_at=now, updated_at=now
    )
    alone = urls_of(deployment, [])
    assert set(alone) == {"api", "docs", "health", "metrics"}
    both = urls_of(deployment, ["litellm", "model-server"])
    assert both["model_server"] == "http://127.0.0.1:20003"
