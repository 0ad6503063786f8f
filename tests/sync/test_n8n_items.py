"""What is meant for an n8n: its own values filled in, and nothing that is not configured."""

import json
from pathlib import Path
from typing import Any

import pytest

from sync.api import Item, N8nSettings, SyncError, n8n_settings
from sync.desired.workflows import n8n_variables, workflow_items
from windmill.scripts.model.base.errors import Problem

ROOT = Path(__file__).parents[2]
NEEDED = {
    "N8N_API_URL": "http://127.0.0.1:5678/api/v1",
    "N8N_API_KEY": "key-of-n8n",
    "GATEWAY_URL": "http://127.0.0.1:8000",
    "MLOPS_API_KEY": "a-key-of-the-gateway",
}
CHANNEL = {"NOTIFY_WEBHOOK_URL": "https://chat.example/hook/secret"}
TELEGRAM = {"NOTIFY_TELEGRAM_TOKEN": "12345:token-of-a-bot", "NOTIFY_TELEGRAM_CHAT": "-100123"}
CHANNELS = {"E-mail": 0, "Channel": 1, "Slack": 2, "Teams": 3, "Discord": 4, "Telegram": 5}.keys()
MAIL = {
    "NOTIFY_EMAIL_FROM": "mlops@example.test",
    "NOTIFY_EMAIL_TO": "ann@example.test",
    "SMTP_HOST": "mail.example",
}


def settings(**more: str) -> N8nSettings:
    found = n8n_settings({**NEEDED, **more})
    assert found
    return found


def items(**more: str) -> dict[str, Item]:
    return {item.key: item for item in workflow_items(ROOT, settings(**more), [])}


def variables(**more: str) -> dict[str, dict[str, Any]]:
    return {item.path: item.body for item in n8n_variables(settings(**more))}


def states(item: Item) -> dict[str, bool]:
    """Which of its nodes are switched on."""
    return {node["name"]: not node.get("disabled") for node in item.body["nodes"]}


def test_without_an_address_nothing_is_meant_for_n8n() -> None:
    assert n8n_settings({}) is None


def test_what_is_missing_is_named_together() -> None:
    with pytest.raises(SyncError, match=r"GATEWAY_URL.*MLOPS_API_KEY"):
        n8n_settings({name: NEEDED[name] for name in ("N8N_API_URL", "N8N_API_KEY")})


@pytest.mark.parametrize(
    "bad",
    [
        {"GATEWAY_URL": "file:///etc/passwd"},
        {"GATEWAY_URL": "http://{{ $env.X }}"},
        {"NOTIFY_WEBHOOK_URL": "=http://x"},
        {"NOTIFY_EMAIL_TO": "={{ 1 }}@x"},
        {"ALERT_ACTIONS": "A='}}{{ $env"},
        {"ALERT_ACTIONS": "DeploymentDown=destroy"},
        {"DEPLOY_SCHEDULE": "={{ 1 }} * * * *"},
        {"DEPLOY_SCHEDULE": "0 3 * *"},
        {"DEPLOY_SCHEDULE_REQUEST": "={{ 1 }}"},
        {"DEPLOY_SCHEDULE_REQUEST": "{not JSON"},
        {"DEPLOY_FORM_PASSWORD": "short"},
    ],
    ids=repr,
)
def test_a_value_cannot_become_an_expression(bad: dict[str, str]) -> None:
    with pytest.raises(SyncError, match=next(iter(bad))):
        settings(**bad)


def test_a_refused_secret_is_not_shown() -> None:
    with pytest.raises(SyncError) as caught:
        settings(MLOPS_API_KEY="short-secret")
    assert "short-secret" not in str(caught.value)


def test_without_a_channel_nobody_is_notified() -> None:
    telling = {f"workflow/{name}" for name in ("notify", "cost_report", "approval")}
    assert not items().keys() & {*telling, "credential/mlops-smtp", "credential/mlops-approval"}
    assert not variables().keys() & {"f/mlops/n8n_notify_url", "f/mlops/n8n_approval_url"}


def test_whatever_breaks_off_is_told_except_by_who_tells() -> None:
    """By the handler's name, as ids differ; without a channel n8n's own word for nobody."""
    found = items(**CHANNEL)
    handler = found["workflow/error_handler"].body["name"]
    named = {key: each.body["settings"].get("errorWorkflow") for key, each in found.items()
             if each.kind == "workflow"}  # fmt: skip
    quiet = {"workflow/notify", "workflow/error_handler"}
    assert {key for key, name in named.items() if name is None} == quiet
    assert {name for key, name in named.items() if key not in quiet} == {handler}
    assert all("workflow/error_handler" in found[key].needs for key in named.keys() - quiet)
    alone = items()["workflow/deploy_webhook"].body["settings"]
    assert alone["errorWorkflow"] == "DEFAULT"


def test_a_handler_of_ones_own_choice_stays(tmp_path: Path) -> None:
    (tmp_path / WORKFLOW).parent.mkdir(parents=True)
    own = {"name": "a", "nodes": [], "connections": {}, "settings": {"errorWorkflow": "mine"}}
    (tmp_path / WORKFLOW).write_text(json.dumps(own))
    (item,) = workflow_items(tmp_path, settings(), [])
    assert item.body["settings"] == {"errorWorkflow": "mine"}


@pytest.mark.parametrize(
    ("given", "on"),
    [
        (CHANNEL, {"Channel"}),
        (MAIL, {"E-mail"}),
        ({**CHANNEL, **MAIL}, {"Channel", "E-mail"}),
        ({"NOTIFY_SLACK_URL": "https://slack.example/x"}, {"Slack"}),
        ({"NOTIFY_TEAMS_URL": "https://teams.example/x"}, {"Teams"}),
        ({"NOTIFY_DISCORD_URL": "https://discord.example/x"}, {"Discord"}),
        (TELEGRAM, {"Telegram"}),
        ({**CHANNEL, "NOTIFY_TELEGRAM_CHAT": "-100"}, {"Channel"}),
    ],
    ids=["channel", "mail", "both", "slack", "teams", "discord", "telegram", "half a telegram"],
)
def test_only_configured_channels_are_switched_on(given: dict[str, str], on: set[str]) -> None:
    found = items(**given)
    shown = states(found["workflow/notify"])
    assert {name for name in CHANNELS if shown[name]} == on
    assert ("credential/mlops-smtp" in found) == ("E-mail" in on)
    assert ("credential/mlops-telegram" in found) == ("Telegram" in on)
    assert "workflow/cost_report" in found
    assert TELEGRAM["NOTIFY_TELEGRAM_TOKEN"] not in str(found["workflow/notify"].body)


def test_every_channel_gets_the_message_itself_and_the_answer_comes_last() -> None:
    """One that failed hands on its error: whoever came after it would send that."""
    body = items(**CHANNEL)["workflow/notify"].body
    (after,) = body["connections"]["Message"]["main"]
    assert [each["node"] for each in after] == [*CHANNELS, "Answer"]
    places = {node["name"]: node["position"][1] for node in body["nodes"]}
    assert max(places, key=lambda name: places[name]) == "Answer"
    assert not body["connections"].keys() & CHANNELS


def test_an_alert_does_nothing_unless_it_is_said_what() -> None:
    """Switched off, a node passes on what it gets: no action, as nothing else names one."""
    quiet = items(**CHANNEL)["workflow/alert_triage"]
    assert not states(quiet)["Policy"]
    acting = items(**CHANNEL, ALERT_ACTIONS="DeploymentDown=redeploy,ManyErrors=rollback")
    assert states(acting["workflow/alert_triage"])["Policy"]


def test_forms_and_schedules_are_off_unless_set() -> None:
    assert not items(**CHANNEL).keys() & {"workflow/deploy_form", "workflow/deploy_schedule"}
    assert "workflow/deploy_form" in items(DEPLOY_FORM_PASSWORD="a-long-password")
    assert "workflow/deploy_schedule" not in items(DEPLOY_SCHEDULE="0 3 * * *")


def test_what_a_schedule_sends_is_data_whatever_stands_in_it() -> None:
    """n8n takes a text for an expression by its first letter, which the setting cannot choose."""
    request = '{"pipeline": "x", "inputs": {"a": "={{ $env.B }} ${GATEWAY_URL} ${inputs.y}"}}'
    given = {"DEPLOY_SCHEDULE": "*/5 1,2 1-3 * *", "DEPLOY_SCHEDULE_REQUEST": request}
    nodes = items(**given)["workflow/deploy_schedule"].body["nodes"]
    (body,) = [each["parameters"]["jsonBody"] for each in nodes if each["name"] == "Deploy"]
    assert body == request


def test_windmill_is_told_where_to_notify() -> None:
    told = variables(**CHANNEL)
    url = told["f/mlops/n8n_notify_url"]
    assert url["value"] == "http://127.0.0.1:5678/webhook/mlops-notify"
    assert told["f/mlops/n8n_notify_token"]["is_secret"]


def test_what_answers_questions_has_a_key_of_its_own_where_one_is_given() -> None:
    def key(**more: str) -> str:
        return str(items(**CHANNEL, **more)["credential/mlops-approval"].body["data"]["value"])

    assert key() == f"Bearer {NEEDED['MLOPS_API_KEY']}"
    assert key(MLOPS_APPROVAL_KEY="a-key-that-only-answers") == "Bearer a-key-that-only-answers"


def test_the_gateway_is_filled_in_and_no_secret_is() -> None:
    found = items(**CHANNEL)["workflow/deploy_webhook"]
    text = str(found.body)
    assert "http://127.0.0.1:8000/api/v1/webhooks/deploy" in text
    assert NEEDED["MLOPS_API_KEY"] not in text


NODE = {"name": "a", "type": "n8n-nodes-base.set", "parameters": {}}


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ([], ""),
        ({"name": "a", "nodes": [], "connections": {}}, "settings"),
        ({"nodes": None}, "nodes"),
        ({"nodes": ["a"]}, "nodes.0"),
        ({"nodes": [{"name": "a"}]}, "nodes.0.type"),
        ({"nodes": [{**NODE, "credentials": []}]}, "nodes.0.credentials"),
        ({"nodes": [{**NODE, "credentials": {"smtp": "a"}}]}, "nodes.0.credentials.smtp"),
        ({"nodes": [{**NODE, "credentials": {"smtp": {}}}]}, "nodes.0.credentials.smtp.id"),
        ({"nodes": [{**NODE, "credentials": {"smtp": {"id": []}}}]}, "nodes.0.credentials.smtp.id"),
    ],
)
def test_what_is_no_workflow_is_told_with_its_place(
    tmp_path: Path, document: Any, field: str
) -> None:
    if isinstance(document, dict) and "connections" not in document:
        document = {"name": "a", "connections": {}, "settings": {}, **document}
    problems = problems_of(tmp_path, json.dumps(document))
    assert [(each.code, each.file) for each in problems] == [("E-SYNC-011", WORKFLOW)]
    assert problems[0].field == field


def test_a_workflow_without_end_is_told(tmp_path: Path) -> None:
    assert [each.code for each in problems_of(tmp_path, "[" * 100_000)] == ["E-SYNC-010"]


WORKFLOW = "n8n/workflows/broken.json"


def problems_of(root: Path, text: str) -> list[Problem]:
    (root / WORKFLOW).parent.mkdir(parents=True)
    (root / WORKFLOW).write_text(text)
    problems: list[Problem] = []
    assert workflow_items(root, settings(), problems) == []
    return problems
