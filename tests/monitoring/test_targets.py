"""Whom Prometheus is told to scrape, and that it never reads half a file."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.platform.monitoring import keep_watchable
from windmill.scripts.model.base.target import Target
from windmill.scripts.model.drawing.deployment import Deployment, State
from windmill.scripts.provision.metrics_targets import forget_targets, register_targets

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LIVE = Deployment(
    id="chat-1", name="chat", target=Target.local, state=State.live, created_at=NOW, updated_at=NOW,
    urls={"api": "http://127.0.0.1:9000", "metrics": "http://127.0.0.1:9000/metrics",
          "litellm": "http://127.0.0.1:9001", "model_server": "http://127.0.0.1:9002"},
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MLOPS_MONITORING_TARGETS", str(tmp_path / "targets"))
    return tmp_path / "targets"


def test_every_service_is_an_address_with_the_labels_of_its_deployment(folder: Path) -> None:
    assert register_targets(LIVE) == 3
    groups = json.loads((folder / "chat-1.json").read_text())
    assert [group["targets"] for group in groups] == [
        ["127.0.0.1:9000"], ["127.0.0.1:9001"], ["127.0.0.1:9002"],
    ]  # fmt: skip
    assert groups[0]["labels"] == {
        "__scheme__": "http", "__metrics_path__": "/metrics",
        "deployment": "chat-1", "pipeline": "chat", "service": "api", "target": "local",
    }  # fmt: skip


def test_a_server_elsewhere_is_scraped_as_it_is_reached_and_one_without_metrics_is_not(
    folder: Path,
) -> None:
    api = "https://x-8000.proxy.runpod.net"
    rented = LIVE.model_copy(update={"urls": {"api": api, "metrics": f"{api}/metrics"}})
    register_targets(rented)
    (group,) = json.loads((folder / "chat-1.json").read_text())
    assert group["targets"] == ["x-8000.proxy.runpod.net"]
    assert (group["labels"]["__scheme__"], group["labels"]["service"]) == ("https", "api")
    assert register_targets(LIVE.model_copy(update={"urls": {"api": api}})) == 0


def test_a_new_revision_replaces_the_file_whole(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    register_targets(LIVE)
    before = (folder / "chat-1.json").read_text()

    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(Path, "replace", full_disk)
        with pytest.raises(OSError, match="No space"):
            register_targets(LIVE.model_copy(update={"urls": {}}))
    assert (folder / "chat-1.json").read_text() == before
    register_targets(LIVE)
    assert [path.name for path in folder.glob("*.json")] == ["chat-1.json"]


def test_destroying_forgets_the_file_and_only_this_one(folder: Path) -> None:
    register_targets(LIVE)
    register_targets(LIVE.model_copy(update={"id": "chat-2"}))
    forget_targets("chat-1")
    forget_targets("chat-1")
    assert [path.name for path in folder.iterdir()] == ["chat-2.json"]


def test_where_nobody_watches_nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLOPS_MONITORING_TARGETS", raising=False)
    assert register_targets(LIVE) == 0
    forget_targets("chat-1")


def test_the_platform_s_own_parts_move_with_their_ports(tmp_path: Path) -> None:
    folder = tmp_path / "m"
    for port in (3000, 3001):
        urls = {"engine": f"http://127.0.0.1:{port}", "gateway": f"http://127.0.0.1:{port + 10}"}
        keep_watchable(folder, urls, "token")
    engine, _ = json.loads((folder / "platform" / "local.json").read_text())
    assert engine == {"targets": ["127.0.0.1:3001"], "labels": {"service": "engine"}}
    (gateway,) = json.loads((folder / "figures" / "local.json").read_text())
    assert gateway == {"targets": ["127.0.0.1:3011"], "labels": {"service": "gateway"}}
    token = folder / "private" / "metrics-token"
    assert (token.read_text(), token.stat().st_mode & 0o777) == ("token", 0o600)
