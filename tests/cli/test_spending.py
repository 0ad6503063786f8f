"""Paid targets ask before they spend, and in a pipe they are refused."""

from typing import Any

import click
import pytest

from cli.actions.spending import with_permission
from cli.errors import PriceNotConfirmed, PriceNotKnown, Refused
from cli.terminal import console
from cli.terminal.failures import report
from tests.cli.test_plan import PLAN, WHOLE

ASKED = {"pipeline": "desk", "target": "runpod"}


class Planning:
    """A gateway that was asked for plans only."""

    def __init__(self, **plan: Any) -> None:
        self.told = {**PLAN, "max_hourly_usd": None, **plan}
        self.plans = 0

    def plan(self, body: dict[str, Any]) -> dict[str, Any]:
        self.plans += 1
        return self.told


def permitted(gateway: Any, yes: bool = False, **body: Any) -> dict[str, Any] | None:
    return with_permission(gateway, {**ASKED, **body}, yes)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Somebody at a terminal, who says yes; what they were asked."""
    questions: list[str] = []

    def confirm(question: str, **_: Any) -> bool:
        questions.append(question)
        return True

    monkeypatch.setattr(console, "can_ask", lambda: True)
    monkeypatch.setattr(click, "confirm", confirm)
    return questions


def test_a_person_is_shown_the_plan_and_says_yes_to_its_price(
    asked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert permitted(Planning()) == {**ASKED, "max_hourly_usd": 0.4}
    assert asked == ["Rent it for 0.40 USD an hour?"]
    assert "would be updated on runpod" in capsys.readouterr().err


def test_who_says_no_has_nothing_deployed(
    asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(click, "confirm", lambda *_, **__: False)
    assert permitted(Planning()) is None


def test_yes_is_said_to_the_price_of_now() -> None:
    assert permitted(Planning(), yes=True) == {**ASKED, "max_hourly_usd": 0.4}


def test_in_a_pipe_it_is_refused_with_the_flag_that_allows_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(PriceNotConfirmed) as refused:
        permitted(Planning())
    assert report(refused.value, as_json=False) == 2
    assert "--max-hourly 0.40" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("plan", "body"),
    [
        ({"max_hourly_usd": 3}, {}),
        ({"hourly_usd": 0}, {}),
        ({"hourly_usd": None}, {}),
        ({"action": "nothing"}, {}),
    ],
    ids=["a budget", "free", "nothing fits", "nothing changes"],
)
def test_nobody_is_asked_where_nothing_is_left_to_allow(
    plan: dict[str, Any], body: dict[str, Any]
) -> None:
    assert permitted(Planning(**plan), **body) == {**ASKED, **body}


@pytest.mark.parametrize(
    "body", [{"target": "local"}, {"target": None}, {"max_hourly_usd": 2}], ids=str
)
def test_no_plan_is_made_where_nothing_is_spent_or_it_was_said(body: dict[str, Any]) -> None:
    gateway = Planning()
    assert permitted(gateway, **body) == {**ASKED, **body}
    assert gateway.plans == 0


def test_what_cannot_be_planned_is_left_to_the_flow() -> None:
    class Unplanned:
        def plan(self, body: dict[str, Any]) -> dict[str, Any]:
            raise Refused(code="nothing_to_plan", message="", where="", fix="")

    assert permitted(Unplanned()) == ASKED


def test_of_a_meta_pipeline_the_sum_is_asked_for(asked: list[str]) -> None:
    whole = {**WHOLE, "hourly_usd": 0.8}
    gateway = Planning(**whole)
    assert permitted(gateway) == {**ASKED, "max_hourly_usd": 0.8}
    assert asked == ["Rent it for 0.80 USD an hour?"]


def test_what_may_become_dearer_than_anybody_can_tell_is_not_agreed_to(asked: list[str]) -> None:
    with pytest.raises(PriceNotKnown, match=r"cost 0\.80 USD an hour or more"):
        permitted(Planning(**{**WHOLE, "at_least": True}), yes=True)
    assert not asked
