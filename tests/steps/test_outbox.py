"""What nobody could be told is kept, and told once somebody answers; nothing waits for ever."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.n8n.sinks import ChannelSink, served
from windmill.scripts import deliver_notifications, notify
from windmill.scripts.model.base.target import Target
from windmill.scripts.model.drawing.deployment import Deployment, State
from windmill.scripts.model.drawing.pipeline import Node, Pipeline
from windmill.scripts.store.messages.outbox import waiting
from windmill.scripts.store.registry import Registry
from windmill.scripts.worker import notifications

pytestmark = pytest.mark.slow
KEY = "k" * 40
AWAY = "http://127.0.0.1:9/webhook/mlops-notify"


@dataclass
class Clock:
    now: datetime = field(default_factory=lambda: datetime(2026, 1, 1, 12, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def registry(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    registry = Registry(f"sqlite:///{tmp_path}/registry.db", clock, keys=[KEY])
    for step in (notify, deliver_notifications):
        monkeypatch.setattr(step, "open_registry", lambda: registry)
    monkeypatch.setattr(notifications, "authorization", dict)
    monkeypatch.setattr(notifications, "PAUSE_SECONDS", 0)
    yield registry
    registry.engine.dispose()


@pytest.fixture
def live(registry: Registry) -> Deployment:
    drawing = Pipeline(name="bot", nodes=(Node(id="docs", component="documents"),))
    found = registry.begin(drawing, str(uuid.uuid4()), "root", lambda _: True)
    registry.assign_target(found.id, Target.local, {"api": 9000})
    registry.mark_changed(found.id)
    registry.publish(found.id, {"api": "http://127.0.0.1:9000"})
    return registry.finish(found.id, State.live)


@pytest.fixture
def n8n_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    def at(url: str) -> None:
        monkeypatch.setattr(notifications, "variable", lambda _: url)

    return at


@pytest.fixture
def n8n() -> Iterator[ChannelSink]:
    """Takes what *notify* takes, and says that every channel took it."""
    with served(ChannelSink(answer=b'{"failed": []}')) as sink:
        yield sink


def words(registry: Registry, deployment: Deployment) -> list[str]:
    return [event.message for event in registry.events(deployment.id) if event.step == "notify"]


def test_what_nobody_could_be_told_is_told_once_n8n_answers(
    registry: Registry, live: Deployment, n8n_at: Callable[[str], None], n8n: ChannelSink
) -> None:
    n8n_at(AWAY)
    assert notify.main(live.id)["state"] == "live"
    again = deliver_notifications.main()
    assert (again["sent"], again["waiting"]) == (0, 1)
    assert "n8n does not answer" in again["why"]
    n8n_at(n8n.url)
    assert deliver_notifications.main() == {"sent": 1, "too_old": 0, "waiting": 0, "why": ""}
    (told,) = n8n.messages
    assert told["subject"] == "bot: live"
    assert "is live at http://127.0.0.1:9000 (of 2026-01-01 12:00 UTC)" in told["text"]
    assert words(registry, live)[-1] == "people were told later, through n8n"
    assert deliver_notifications.main()["sent"] == 0


def test_what_people_were_told_is_not_kept(
    registry: Registry, live: Deployment, n8n_at: Callable[[str], None], n8n: ChannelSink
) -> None:
    n8n_at(n8n.url)
    notify.main(live.id)
    assert (len(n8n.messages), waiting(registry)) == (1, [])


def test_one_channel_that_refuses_is_no_reason_to_tell_all_again(
    registry: Registry, live: Deployment, n8n_at: Callable[[str], None]
) -> None:
    with served(ChannelSink(answer=b'{"failed": ["Channel"]}')) as sink:
        n8n_at(sink.url)
        notify.main(live.id)
    assert waiting(registry) == []
    assert "Channel did not take it" in words(registry, live)[-1]


def test_old_news_is_told_nobody(
    registry: Registry,
    clock: Clock,
    live: Deployment,
    n8n_at: Callable[[str], None],
    n8n: ChannelSink,
) -> None:
    n8n_at(AWAY)
    notify.main(live.id)
    clock.now += timedelta(days=3, seconds=1)
    n8n_at(n8n.url)
    assert deliver_notifications.main()["too_old"] == 1
    assert (n8n.messages, waiting(registry)) == ([], [])


def test_one_that_was_sent_when_the_worker_died_is_sent_again_and_none_is_lost(
    registry: Registry,
    live: Deployment,
    n8n_at: Callable[[str], None],
    n8n: ChannelSink,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    n8n_at(AWAY)
    notify.main(live.id)
    n8n_at(n8n.url)
    with monkeypatch.context() as dying:
        dying.setattr(registry, "record", _die)
        with pytest.raises(KeyboardInterrupt):
            deliver_notifications.main()
    assert deliver_notifications.main()["sent"] == 1
    assert len(n8n.messages) == 2


def _die(*_: object) -> None:
    raise KeyboardInterrupt


def test_what_waits_is_sealed_on_the_disk(
    registry: Registry, live: Deployment, n8n_at: Callable[[str], None], tmp_path: Path
) -> None:
    n8n_at(AWAY)
    notify.main(live.id)
    registry.engine.dispose()
    assert b"is live at" not in (tmp_path / "registry.db").read_bytes()


@pytest.mark.parametrize("status", [httpx.codes.NOT_FOUND, httpx.codes.BAD_GATEWAY])
def test_an_n8n_without_our_workflow_is_waited_for_too(
    registry: Registry,
    live: Deployment,
    n8n_at: Callable[[str], None],
    n8n: ChannelSink,
    status: int,
) -> None:
    n8n.status = status
    n8n_at(n8n.url)
    notify.main(live.id)
    assert len(waiting(registry)) == 1
