"""Alerts as Alertmanager documents them (version 4), at the address it is configured with."""

from typing import Any

import pytest
import yaml

from tests.e2e.harness import Platform
from tests.monitoring.prometheus import MONITORING
from tests.n8n.conftest import NOTIFY_TOKEN, Sinks
from tests.n8n.server import N8nServer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.xdist_group("n8n")]
LABELS = {"alertname": "DeploymentDown", "deployment": "chat-1"}
ANNOTATIONS = {"summary": "api of chat-1 does not answer", "description": "Look at it."}
TIMES = {"startsAt": "2026-01-01T00:00:00Z", "endsAt": "0001-01-01T00:00:00Z"}
ALERT = {"status": "firing", "labels": LABELS, "annotations": ANNOTATIONS, "fingerprint": "f00d"}
GROUP: dict[str, Any] = {
    "version": "4",
    "groupKey": "{}:{alertname='DeploymentDown', deployment='chat-1'}",
    "truncatedAlerts": 0,
    "status": "firing",
    "receiver": "n8n",
    "groupLabels": LABELS,
    "commonLabels": LABELS,
    "commonAnnotations": ANNOTATIONS,
    "externalURL": "http://alertmanager:9093",
    "alerts": [{**ALERT, **TIMES}],
}
TOLD = "firing: api of chat-1 does not answer. Look at it."
AUTHORIZED = {"Authorization": f"Bearer {NOTIFY_TOKEN}"}


@pytest.fixture(scope="module")
def path() -> str:
    shipped = yaml.safe_load((MONITORING / "alertmanager" / "alertmanager.yml").read_text())
    url = shipped["receivers"][0]["webhook_configs"][0]["url"]
    return str(url.rpartition("/webhook/")[2])


def test_an_alert_reaches_mail_and_channel(
    connected: Platform, n8n: N8nServer, sinks: Sinks, path: str
) -> None:
    assert n8n.webhook(path, json=GROUP, headers=AUTHORIZED).status_code == 200
    assert {"text": TOLD} in sinks.channel.messages
    mail = sinks.smtp.mails_about("DeploymentDown")[-1]
    assert mail["subject"] == "DeploymentDown: firing"
    assert mail.get_content().strip() == TOLD


def test_an_alert_that_not_everybody_got_is_refused_so_that_it_is_sent_again(
    connected: Platform, n8n: N8nServer, sinks: Sinks, path: str
) -> None:
    sinks.channel.status = 500
    try:
        assert n8n.webhook(path, json=GROUP, headers=AUTHORIZED).status_code == 502
    finally:
        sinks.channel.status = 200


def test_an_alert_without_the_token_is_nobody_s(
    connected: Platform, n8n: N8nServer, path: str
) -> None:
    assert n8n.webhook(path, json=GROUP).status_code == 403
