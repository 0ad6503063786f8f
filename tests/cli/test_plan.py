"""`mlops deploy --plan`: told before anything is done, with an exit code for scripts."""

from typing import Any

import pytest

from cli.terminal.asking.next_steps import after_plan
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
    command = "mlops deploy rag-chatbot --target local --set documents=/data"
    assert told.out.splitlines()[-1] == f"Next: {command}"


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


def test_of_a_meta_pipeline_each_pipeline_has_its_line(platform: Mlops) -> None:
    told = platform("deploy", "storey-1", "--target", "local", "--name", "house", "--plan")
    assert (told.code, told.err) == (2, "")
    assert "house: would be created." in told.out
    assert [line.split() for line in told.out.splitlines()[2:4]] == [
        [">", "side", "playbooks/note", "0.00", "is", "run"],
        ["+", "up", "house-up", "local", "0.00"],
    ]
    assert "all together costs 0.00 USD an hour; no budget" in told.out
    command = "mlops deploy storey-1 --target local --name house"
    assert told.out.splitlines()[-1] == f"Next: {command}"


STEP: dict[str, Any] = {
    "path": "desks/chat",
    "use": "pipelines/rag-chatbot",
    "runs": "yes",
    "why": "",
    "several": False,
    "unknown": [],
    "approval": False,
    "hourly_usd": 0.4,
    "plan": PLAN,
    "refused": "",
    "fix": "",
}
WHOLE: dict[str, Any] = {
    "action": "update",
    "name": "house",
    "entry": "meta-pipelines/house",
    "hourly_usd": 0.8,
    "at_least": False,
    "max_hourly_usd": None,
    "steps": [STEP],
    "left_off": 0,
    "stays": [],
    "refused": [],
    "fix": "",
}


@pytest.mark.parametrize(
    ("step", "whole", "says"),
    [
        ({}, {}, "~  desks/chat  desk     runpod  L4     0.40         revision 3 is live now"),
        ({}, {}, "  ~ desks/chat: changed node model: context"),
        ({"refused": "no GPU"}, {"action": "refused"}, "!  desks/chat"),
        ({"refused": "no GPU"}, {"action": "refused"}, "no GPU"),
        ({"runs": "no", "why": "when x", "plan": None}, {}, "not run: when x"),
        ({"runs": "unknown", "why": "when x"}, {}, "known only while it runs: when x"),
        ({"several": True}, {"at_least": True}, "0.40 each"),
        ({"several": True}, {"at_least": True}, "all together costs at least 0.80 USD an hour"),
        ({"unknown": ["documents"]}, {}, "documents: known only while it runs"),
        ({"approval": True}, {}, "somebody is asked before"),
        ({}, {"max_hourly_usd": 2.0}, "budget 2.00 USD an hour"),
        ({}, {"stays": ["house-old"]}, "is no part of it now: house-old"),
        ({}, {"left_off": 3}, "and 3 more that were not looked at."),
        ({}, {"refused": ["it is too dear"]}, "refused: it is too dear"),
    ],
)
def test_what_is_to_know_of_a_meta_pipeline_is_told(
    step: dict[str, Any], whole: dict[str, Any], says: str
) -> None:
    assert says in "\n".join(lines({**WHOLE, "steps": [{**STEP, **step}], **whole}))


@pytest.mark.parametrize(
    ("plan", "following"),
    [
        (PLAN, "mlops deploy desk"),
        ({**PLAN, "max_hourly_usd": None}, "mlops deploy desk --max-hourly 0.40"),
        (
            {**PLAN, "max_hourly_usd": None, "hourly_usd": 0.4031},
            "mlops deploy desk --max-hourly 0.41",
        ),
        ({**PLAN, "action": "nothing", "name": "law"}, "mlops status law"),
        ({**PLAN, "action": "refused"}, ""),
    ],
)
def test_it_names_the_command_to_go_on_with(plan: dict[str, Any], following: str) -> None:
    assert after_plan(plan, ["mlops", "deploy", "desk"]) == following
