"""What is named to go on with is answered by what was deployed, whichever pipeline that is."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.actions.asking.served import served_ports
from cli.terminal.asking.next_steps import after_status, next_lines
from windmill.scripts.model.catalog.catalog import read_catalog
from windmill.scripts.model.drawing.validation import normalize

CATALOG, _ = read_catalog(Path(__file__).parents[2] / "catalog")
DRAWN = {entry.name: entry for entry in CATALOG.entries.values() if entry.graph is not None}
NEXT = yaml.safe_load(Path(__file__).with_name("next_steps.yaml").read_text())


def served(name: str) -> dict[str, str]:
    settled = normalize(DRAWN[name].pipeline, CATALOG.components)
    return served_ports(settled.model_dump(mode="json"))


def test_every_pipeline_has_a_next_step() -> None:
    assert NEXT.keys() == DRAWN.keys()


@pytest.mark.parametrize("name", sorted(DRAWN))
def test_the_next_step_is_one_that_this_pipeline_answers(name: str) -> None:
    assert [*next_lines("mine", served(name))] == [NEXT[name]]


@pytest.mark.parametrize(
    "pipeline", [{}, {"nodes": [{"id": "a", "component": "table"}], "edges": []}]
)
def test_where_nobody_knows_what_is_served_nothing_is_promised(pipeline: dict[str, Any]) -> None:
    assert [*next_lines("mine", served_ports(pipeline))] == []


def test_a_predictor_of_one_s_own_is_asked_for_what_it_takes() -> None:
    (line,) = next_lines("mine", {"predictor": "sentiment-of-mine"})
    assert line.startswith("mlops predict mine")


@pytest.mark.parametrize(
    ("status", "served", "says"),
    [
        ({"state": "deploying"}, {}, "mlops status run-1 --watch"),
        ({"state": "destroying"}, {}, "mlops status run-1 --watch"),
        ({"state": "destroyed", "entry": "pipelines/rag"}, {}, "mlops deploy rag --plan"),
        ({"state": "destroyed"}, {}, ""),
        ({"state": "live"}, {"chat": "llm-chat"}, 'mlops chat mine "your question"'),
        ({"state": "live", "deployments": [{"name": "mine-sort"}]}, {}, "mlops status mine-sort"),
        ({"state": "live"}, {}, ""),
        ({"state": "failed"}, {}, ""),
        ({"state": "waiting_for_approval"}, {}, ""),
    ],
)
def test_a_status_names_the_command_to_go_on_with(
    status: dict[str, Any], served: dict[str, str], says: str
) -> None:
    known = {"id": "run-1", "name": "mine", "entry": "", "deployments": [], **status}
    assert after_status(known, served) == says
