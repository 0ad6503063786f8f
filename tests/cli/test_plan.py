"""`mlops deploy --plan`: told before anything is done, with an exit code for scripts."""

from typing import Any

import pytest

from cli.terminal.plans import lines
from tests.cli.conftest import Mlops

DEPLOY = ("deploy", "rag-chatbot", "--target", "local", "--set", "documents=/data")
PLAN: dict[str, Any] = {
    "name": "desk",
    "action": "update",
    "target": "runpod",
    "hourly_usd": 0.4,
    "max_hourly_usd": 3,
    "creates": [],
    "changes": [{"change": "changed", "what": "node model", "settings": ["context"]}],
    "live": {"id": "desk-1", "state": "live", "revision": 3, "target": "runpod"},
    "candidates": [
        {
            "offer": {"target": "runpod", "name": "L4", "hourly_usd": 0.4},
            "reason": "40% less than AWS",
        }
    ],
    "refused": [
        {"target": "vastai", "name": "T4", "hourly_usd": 0.1, "reason": "16 GB of GPU memory"},
        {"target": "k3s", "name": "", "hourly_usd": None, "reason": "not built yet"},
    ],
    "fix": "",
}


def test_it_tells_what_would_be_done_and_ends_with_2(platform: Mlops) -> None:
    told = platform(*DEPLOY, "--plan")
    assert (told.code, told.err) == (2, "")
    assert told.out.startswith("rag-chatbot: would be created on local.\n  + its API\n")
    assert "costs 0.00 USD an hour; no budget" in told.out


def test_json_is_the_plan_itself(platform: Mlops) -> None:
    told = platform(*DEPLOY, "--plan", "--json")
    assert (told.code, told.json["action"], told.json["target"]) == (2, "create", "local")


def test_nothing_is_deployed(platform: Mlops) -> None:
    platform(*DEPLOY, "--name", "only-planned", "--plan")
    assert platform("status", "only-planned", "--json").code == 1


def test_changes_prices_and_reasons_are_shown() -> None:
    shown = "\n".join(lines(PLAN))
    assert "revision 3, which is live, would be updated on runpod." in shown
    assert "  ~ node model: context" in shown
    assert "costs 0.40 USD an hour; budget 3.00 USD an hour" in shown
    for says in ("40% less than AWS", "16 GB of GPU memory", "not built yet"):
        assert says in shown


@pytest.mark.parametrize(
    ("plan", "says"),
    [
        ({"action": "nothing"}, "nothing would change: revision 3 runs."),
        ({"action": "refused", "fix": "Choose local."}, "would not be deployed."),
        ({"action": "create", "target": None}, "on a target that the run will ask for."),
        ({"hourly_usd": None}, "costs: not settled yet"),
        ({"refused": PLAN["refused"] * 6}, "and 2 more: --json tells all."),
    ],
)
def test_each_outcome_has_its_words(plan: dict[str, object], says: str) -> None:
    assert says in "\n".join(lines({**PLAN, **plan}))
