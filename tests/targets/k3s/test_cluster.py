"""What kubectl complains of becomes an error that says what to do; the way to it leaves nothing."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from windmill.scripts.targets.k3s.cluster import explained, opened
from windmill.scripts.targets.k3s.errors import ClusterUnreachable, NoKubectl
from windmill.scripts.targets.k3s.kubeconfig import Access

CASES: list[dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("failures.yaml").read_text("utf-8")
)
ACCESS = Access("work", "https://127.0.0.1:1", {"users": [{"user": {"token": "canary"}}]})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["says"][:60])
def test_what_kubectl_says_becomes_an_error_with_a_fix(case: dict[str, Any]) -> None:
    error = explained("https://10.0.0.7", case["says"])
    assert error.code == case["code"]
    assert "https://10.0.0.7" in error.message


def test_the_kubeconfig_is_the_worker_s_alone_and_gone_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "kubectl"
    program.touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with opened(ACCESS) as cluster:
        assert cluster.config.stat().st_mode & 0o777 == 0o600
        assert cluster.config.parent.stat().st_mode & 0o777 == 0o700
        assert json.loads(cluster.config.read_text()) == ACCESS.config
        assert "canary" not in json.dumps(cluster.environment)
    assert not cluster.config.parent.exists()


def test_without_kubectl_the_worker_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NoKubectl), opened(ACCESS):
        pass


@pytest.mark.slow
def test_a_cluster_that_is_not_there_is_told_by_the_real_kubectl(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from tests.tools.needs import need
    from windmill.scripts.targets.k3s.kubeconfig import _alone

    monkeypatch.setenv("PATH", str(need("kubectl").parent), prepend=":")
    config = _alone({"server": "https://127.0.0.1:1"}, {"token": "canary"})
    with opened(Access("work", "https://127.0.0.1:1", config)) as cluster:
        with pytest.raises(ClusterUnreachable) as told:
            cluster.run("version")
        with pytest.raises(ClusterUnreachable):
            cluster.may("create", "namespaces")
    assert "canary" not in str(told.value)
