"""One node for all tests of this folder, with the image of a pipeline's API."""

from collections.abc import Iterator

import pytest

from tests.kubernetes.binaries import are_built
from tests.kubernetes.images import IMAGE, serving_image
from tests.kubernetes.node import Node, running_node
from tests.tools.needs import need


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    if not are_built():
        pytest.skip("no Kubernetes is built on this machine: make test-kubernetes")
    for tool in ("debian-image", "docker-engine"):
        need(tool)
    with running_node() as node:
        archive = tmp_path_factory.mktemp("images") / "serving.tar"
        serving_image(archive, IMAGE.replace("{environment}", "serving-ml"), "serving-ml")
        node.bring(archive)
        yield node
