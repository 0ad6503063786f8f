"""What is named to go on with is answered by what was deployed, whichever pipeline that is."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.terminal.asking.next_steps import next_lines, served_ports
from windmill.scripts.model.catalog.catalog import read_catalog
from windmill.scripts.model.drawing.validation import normalize

CATALOG, _ = read_catalog(Path(__file__).parents[2] / "catalog")
DRAWN = {entry.name: entry for entry in CATALOG.entries.values() if entry.graph is not None}
NEXT = yaml.safe_load(Path(__file__).with_name("next_steps.yaml").read_text())
LIVE = {"name": "mine", "endpoint_url": "http://127.0.0.1:20100"}


def ports_of(name: str) -> set[str]:
    settled = normalize(DRAWN[name].pipeline, CATALOG.components)
    return served_ports(settled.model_dump(mode="json"))


def test_every_pipeline_has_a_next_step() -> None:
    assert NEXT.keys() == DRAWN.keys()


@pytest.mark.parametrize("name", sorted(DRAWN))
def test_the_next_step_is_one_that_this_pipeline_answers(name: str) -> None:
    (line,) = next_lines(LIVE, ports_of(name), is_private=False)
    if NEXT[name] == "mlops chat":
        assert line == 'mlops chat mine "your question"'
        return
    method, route = NEXT[name].split()
    assert re.search(rf" {LIVE['endpoint_url']}{re.escape(route)}( |$)", line)
    assert line.startswith('curl -H "Authorization: Bearer $(mlops key mine)"')
    assert (" -d " in line) == (method == "POST")


@pytest.mark.parametrize(
    ("name", "says"), [("forecast", "mlops tunnel mine"), ("rag-chatbot", "mlops chat mine")]
)
def test_what_is_on_a_host_of_ones_own_is_reached_as_it_can_be(name: str, says: str) -> None:
    (line,) = next_lines(LIVE, ports_of(name), is_private=True)
    assert line.startswith(says)


@pytest.mark.parametrize(
    "pipeline", [{}, {"nodes": [{"id": "a", "component": "table"}], "edges": []}]
)
def test_where_nobody_knows_what_is_served_nothing_is_promised(pipeline: dict[str, Any]) -> None:
    assert [*next_lines(LIVE, served_ports(pipeline), is_private=False)] == []
