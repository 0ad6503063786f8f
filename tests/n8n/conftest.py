"""One n8n and one platform that pushed into it, as `mlops up` does with N8N_API_URL set."""

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.harness import Platform
from tests.n8n.server import N8nServer, running_n8n
from tests.n8n.sinks import ChannelSink, SmtpSink, served
from tests.tools.needs import need

OTHERS = ("SLACK", "TEAMS", "DISCORD")
TELEGRAM_TOKEN = "12345:token-of-the-bot"
NOTIFY_TOKEN = "a-token-that-callers-show"
GIT_SECRET = "a-secret-of-the-git-host"
FORM_PASSWORD = "a-password-of-the-form"
BY_CLOCK = {
    "pipeline": "rag-chatbot",
    "name": "by-clock",
    "target": "local",
    "inputs": {"documents": "/no/such/folder"},
}
WITHIN_SECONDS = 500.0


def until(condition: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + WITHIN_SECONDS
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.2)
    return found


@pytest.fixture(scope="session")
def n8n(tmp_path_factory: pytest.TempPathFactory) -> Iterator[N8nServer]:
    with running_n8n(tmp_path_factory.mktemp("n8n")) as server:
        yield server


@dataclass(frozen=True)
class Sinks:
    smtp: SmtpSink
    channel: ChannelSink
    others: ChannelSink  # Slack, Teams, Discord and Telegram, by their paths


@pytest.fixture(scope="session")
def sinks() -> Iterator[Sinks]:
    others = ChannelSink(answer=b'{"ok": true}')
    with served(SmtpSink()) as smtp, served(ChannelSink()) as channel, served(others):
        yield Sinks(smtp, channel, others)


@pytest.fixture(scope="session")
def connected(n8n: N8nServer, sinks: Sinks) -> Iterator[Platform]:
    need("builder")
    environment = {
        "N8N_API_URL": n8n.url,
        "N8N_API_KEY": n8n.api_key,
        "NOTIFY_EMAIL_FROM": "mlops@example.test",
        "NOTIFY_EMAIL_TO": "ann@example.test, bob@example.test",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(sinks.smtp.port),
        "SMTP_STARTTLS": "false",
        "NOTIFY_WEBHOOK_URL": sinks.channel.url,
        **{f"NOTIFY_{name}_URL": f"{sinks.others.base}/{name.lower()}" for name in OTHERS},
        "NOTIFY_TELEGRAM_URL": sinks.others.base,
        "NOTIFY_TELEGRAM_TOKEN": TELEGRAM_TOKEN,
        "NOTIFY_TELEGRAM_CHAT": "-100123",
        "NOTIFY_TOKEN": NOTIFY_TOKEN,
        "GIT_PUSH_SECRET": GIT_SECRET,
        "GIT_PUSH_BRANCH": "main",
        "DEPLOY_FORM_PASSWORD": FORM_PASSWORD,
        "DEPLOY_SCHEDULE": "0 0 29 2 *",
        "DEPLOY_SCHEDULE_REQUEST": json.dumps(BY_CLOCK),
        "ALERT_ACTIONS": "DeploymentDown=redeploy,AnswersSlow=rollback",
    }
    # Not pytest's own folder: its long path would not fit a socket's name.
    with tempfile.TemporaryDirectory(prefix="mlops-") as folder:
        platform = Platform(Path(folder), environment)
        try:
            platform.run("up")
            yield platform
        finally:
            platform.run("down", "--destroy", fine=(0, 1, 2))


@pytest.fixture
def unreachable(connected: Platform) -> Iterator[None]:
    """n8n is down, as Windmill sees it."""
    path = "f/mlops/n8n_notify_url"
    with connected.windmill() as windmill:
        before = windmill.get(f"/variables/get_value/{path}").json()
        nobody = {"value": "http://127.0.0.1:9/webhook/mlops-notify"}
        assert windmill.post(f"/variables/update/{path}", json=nobody).is_success
        yield
        assert windmill.post(f"/variables/update/{path}", json={"value": before}).is_success
