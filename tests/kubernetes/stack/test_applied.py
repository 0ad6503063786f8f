"""k8s/manifests, as a real API server takes them: its own schemas, defaults and admission."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.k8s.test_manifests import OVERLAYS, rendered
from tests.kubernetes.node import Node

ROOT = Path(__file__).parents[3]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("kubernetes")]


@pytest.fixture(scope="module")
def namespace(empty_node: Node) -> Iterator[Node]:
    """A trial in a namespace that is not there cannot be made."""
    empty_node.kubectl("apply", f"--filename={ROOT}/k8s/manifests/platform/namespace.yaml")
    yield empty_node
    empty_node.kubectl("delete", "namespace", "mlops")


def tried(node: Node, overlay: str) -> subprocess.CompletedProcess[str]:
    folder = ROOT / "k8s/manifests/overlays" / overlay
    return node.asked(
        "apply", "--dry-run=server", "--validate=strict", "--output=name", f"--kustomize={folder}"
    )


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_api_server_takes_every_manifest_and_warns_of_none(
    namespace: Node, overlay: str
) -> None:
    done = tried(namespace, overlay)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.split()) == len(rendered(overlay))


def test_it_would_have_warned_of_a_pod_that_has_too_many_rights(
    namespace: Node, tmp_path: Path
) -> None:
    text = (ROOT / "k8s/manifests/bootstrap/job.yaml").read_text()
    job = tmp_path / "job.yaml"
    job.write_text(text.replace("runAsNonRoot: true", "runAsNonRoot: false"))
    done = namespace.asked("apply", "--namespace=mlops", "--dry-run=server", f"--filename={job}")
    assert "would violate PodSecurity" in done.stderr
