"""By what a worker speaks to a cluster: only data is taken from it, and nothing runs."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from windmill.scripts.targets.k3s import kubeconfig
from windmill.scripts.targets.k3s.errors import KubeconfigRefused

GOOD: dict[str, Any] = {
    "current-context": "work",
    "contexts": [
        {"name": "work", "context": {"cluster": "east", "user": "bot", "namespace": "x"}},
        {"name": "play", "context": {"cluster": "west", "user": "bot"}},
    ],
    "clusters": [
        {"name": "east", "cluster": {"server": "https://10.0.0.7:6443"}},
        {"name": "west", "cluster": {"server": "https://west.example"}},
    ],
    "users": [{"name": "bot", "user": {"token": "canary-token"}}],
}
CASES: list[dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("kubeconfigs.yaml").read_text("utf-8")
)


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Windmill's secret variables."""
    texts: dict[str, str] = {}
    monkeypatch.setattr(kubeconfig, "secret_variable", lambda path: texts.get(path, ""))
    return texts


def test_the_current_context_is_taken_unless_another_is_named(stored: dict[str, str]) -> None:
    stored["f/mlops/kubeconfigs/default"] = yaml.safe_dump(GOOD)
    found = kubeconfig.access("default", "")
    assert (found.context, found.host, found.port) == ("work", "10.0.0.7", 6443)
    other = kubeconfig.access("default", "play")
    assert (other.context, other.host, other.port) == ("play", "west.example", 443)
    assert "east" not in json.dumps(other.config)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["says"])
def test_what_would_run_read_or_trust_is_refused(
    stored: dict[str, str], case: dict[str, Any]
) -> None:
    stored["f/mlops/kubeconfigs/default"] = yaml.safe_dump({**GOOD, **case["replace"]})
    with pytest.raises(KubeconfigRefused) as refused:
        kubeconfig.access("default", "")
    assert case["says"] in refused.value.message
    assert refused.value.fix
    assert "canary" not in str(refused.value)


@pytest.mark.parametrize("text", ["", "- a", "token: [canary", "a: &a [*a]", "x" * 300_000])
def test_what_is_no_kubeconfig_is_told_without_its_text(stored: dict[str, str], text: str) -> None:
    stored["f/mlops/kubeconfigs/default"] = text
    with pytest.raises(KubeconfigRefused) as refused:
        kubeconfig.access("default", "")
    assert "canary" not in str(refused.value)


def test_a_missing_variable_is_named(stored: dict[str, str]) -> None:
    with pytest.raises(KubeconfigRefused, match="f/mlops/kubeconfigs/play"):
        kubeconfig.access("play", "")


def test_a_file_must_be_allowed_and_no_link_leads_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "allowed"
    folder.mkdir()
    (tmp_path / "config").write_text(yaml.safe_dump(GOOD))
    (folder / "link").symlink_to(tmp_path / "config")
    monkeypatch.setenv(kubeconfig.ALLOWED, str(folder))
    for path in (tmp_path / "config", folder / "link"):
        with pytest.raises(KubeconfigRefused, match="has not allowed"):
            kubeconfig.access(str(path), "")
    (folder / "own").write_text(yaml.safe_dump(GOOD))
    assert kubeconfig.access(str(folder / "own"), "").context == "work"
