"""One node for all tests of this folder."""

from collections.abc import Iterator

import pytest

from tests.kubernetes.binaries import are_built
from tests.kubernetes.images import IMAGE, litellm_image, model_server_image, serving_image
from tests.kubernetes.node import Node, running_node
from tests.tools.needs import need


@pytest.fixture(scope="session")
def empty_node() -> Iterator[Node]:
    if not are_built():
        pytest.skip("no Kubernetes is built on this machine: make test-kubernetes")
    for tool in ("debian-image", "docker-engine"):
        need(tool)
    with running_node() as node:
        yield node


@pytest.fixture(scope="session")
def node(empty_node: Node, tmp_path_factory: pytest.TempPathFactory) -> Node:
    """With the images of pipelines."""
    folder = tmp_path_factory.mktemp("images")
    for environment in ("serving", "serving-ml"):
        serving_image(folder / f"{environment}.tar", _named(environment), environment)
    litellm_image(folder / "litellm.tar", _named("litellm"))
    model_server_image(folder / "model-server.tar", _named("model-server"))
    for archive in sorted(folder.glob("*.tar")):
        empty_node.bring(archive)
    return empty_node


def _named(environment: str) -> str:
    return IMAGE.replace("{environment}", environment)
