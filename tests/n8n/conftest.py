"""One n8n and one platform that pushed into it, as `mlops up` does with N8N_API_URL set."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.harness import Platform
from tests.n8n.server import N8nServer, running_n8n
from tests.n8n.sinks import ChannelSink, SmtpSink, served
from tests.tools.needs import need

OTHERS = ("SLACK", "TEAMS", "DISCORD")
TELEGRAM_TOKEN = "12345:token-of-the-bot"
NOTIFY_TOKEN = "a-token-that-callers-show"


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
