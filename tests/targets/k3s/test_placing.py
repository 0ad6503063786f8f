"""A cluster is asked before anything is put there; what it must not or cannot be is told."""

import json
from pathlib import Path

import pytest
import yaml

from tests.targets.k3s.test_kubeconfig import GOOD
from tests.targets.support import deployment
from windmill.scripts.model.base.errors import InvalidInput
from windmill.scripts.model.drawing.place import HostPlace
from windmill.scripts.targets.k3s import kubeconfig
from windmill.scripts.targets.k3s.errors import ClusterForbids, NamespaceTaken
from windmill.scripts.targets.k3s.manifests import labels_of
from windmill.scripts.targets.k3s.placing import place_of

pytestmark = pytest.mark.slow
# What the real one prints, as far as it is read.
KUBECTL = """\
#!/bin/sh
shift
case "$*" in
  version*) printf 'clientVersion:\\n  gitVersion: v1.34.1\\n'
            printf 'serverVersion:\\n  gitVersion: v1.33.5+k3s1\\n' ;;
  "auth can-i {forbidden}"*) echo "no - RBAC: role not found"; exit 1 ;;
  "auth can-i"*) echo yes ;;
  get*) cat "{namespace}" ;;
esac
"""


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a worker that speaks to one where all is allowed and nothing is."""
    (tmp_path / "config").write_text(yaml.safe_dump(GOOD))
    (tmp_path / "namespace").touch()
    monkeypatch.setenv(kubeconfig.ALLOWED, str(tmp_path))
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    forbid(tmp_path, "nothing")
    return tmp_path


def forbid(folder: Path, what: str) -> None:
    program = folder / "kubectl"
    program.write_text(KUBECTL.format(forbidden=what, namespace=folder / "namespace"))
    program.chmod(0o755)


def place(folder: Path, **settings: str) -> HostPlace:
    told = {"kubeconfig": str(folder / "config"), **settings}
    return place_of(told, deployment("churn-1"))


def test_the_place_is_the_cluster_and_holds_no_secret(
    cluster: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = place(cluster)
    assert found.identity == "work@10.0.0.7:6443"
    assert found.is_private
    assert found.namespace == "churn-1"
    assert "Kubernetes starts it again" in found.after_reboot
    assert "canary" not in found.model_dump_json()
    assert "runs Kubernetes v1.33.5+k3s1" in capsys.readouterr().out


def test_what_was_said_once_holds_for_the_next_deploy(cluster: Path) -> None:
    before = place(cluster, context="play")
    again = place_of({}, deployment("churn-1", place=before))
    assert again == before


def test_a_missing_right_is_named(cluster: Path) -> None:
    forbid(cluster, "delete namespaces")
    with pytest.raises(ClusterForbids, match="delete namespaces") as told:
        place(cluster)
    assert "create" not in told.value.message


@pytest.mark.parametrize("labels", [None, {}, {"app.kubernetes.io/managed-by": "mlops"}])
def test_a_namespace_of_somebody_else_is_not_taken(
    cluster: Path, labels: dict[str, str] | None
) -> None:
    told = {"metadata": {"name": "churn-1", "labels": labels} if labels is not None else {}}
    (cluster / "namespace").write_text(json.dumps(told))
    with pytest.raises(NamespaceTaken):
        place(cluster)


def test_its_own_namespace_is_used_again(cluster: Path) -> None:
    told = {"metadata": {"labels": {**labels_of("churn-1"), "more": "x"}}}
    (cluster / "namespace").write_text(json.dumps(told))
    assert place(cluster)


@pytest.mark.parametrize("settings", [{"kubeconfig": "../x"}, {"context": "-x y"}, {"other": "x"}])
def test_a_setting_that_cannot_be_is_told(cluster: Path, settings: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        place(cluster, **settings)
