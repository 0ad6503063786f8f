"""A chatbot whose model vLLM serves on a GPU: the pod, its GPU, its keys and its answer.

The node has no GPU. It is told to count one, as a device plugin would, and vLLM's image is a
stand-in of its name that takes the same options.
"""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.kubernetes.images import vllm_image
from tests.kubernetes.node import Node
from tests.kubernetes.test_k3s import KEY, Deployed, catalog, worker
from tests.targets.support import settled
from windmill.scripts.model.base.errors import MlopsError
from windmill.scripts.model.catalog.catalog import Catalog
from windmill.scripts.model.drawing.pipeline import Gpu, Pipeline
from windmill.scripts.provision.ansible import TaskEvent
from windmill.scripts.provision.host_configuration import HostConfiguration
from windmill.scripts.targets.k3s import rollout

__all__ = ["catalog", "worker"]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.xdist_group("kubernetes")]
MODEL = "Qwen/Qwen3-8B"
MODEL_KEY, LITELLM_KEY = "canary-model-key-0123456789", "sk-canary-litellm-0123456789"
FACT = "Every rented machine is returned after two idle days."


class Chatbot(Deployed):
    """Two GPUs are never asked for here: a node has as many as it counts."""

    @property
    def pipeline(self) -> Pipeline:
        documents = self.folder / "documents"
        documents.mkdir(exist_ok=True)
        (documents / "rules.md").write_text(FACT)
        drawn = settled(self.catalog, "rag-chatbot", documents=str(documents))
        nodes = tuple(
            node.model_copy(update={"config": {**node.config, "model": MODEL}})
            if node.component == "llm-chat"
            else node
            for node in drawn.nodes
        )
        needs = {"gpu": Gpu(memory_gb=24), "cpus": 0.75}
        compute = drawn.compute.model_copy(update=needs)
        return drawn.model_copy(update={"nodes": nodes, "compute": compute})

    def prepare(self) -> list[TaskEvent]:
        told: list[TaskEvent] = []
        wanted = HostConfiguration(
            deployment=self.seen,
            pipeline=self.pipeline,
            components=self.catalog.components,
            playbooks={},
            serving={},
            locks={},
            api_key=KEY,
            litellm_key=LITELLM_KEY,
            model_server_key=MODEL_KEY,
        )
        self.host.prepare(wanted, told.append)
        return told

    def chat(self, question: str) -> httpx.Response:
        asked = {"json": {"message": question}, "headers": {"Authorization": f"Bearer {KEY}"}}
        with self.target.reach(self.seen) as reach, reach.client(60) as client:
            return client.post(f"{self.target.urls(self.seen, ())['api']}/chat", **asked)  # type: ignore[arg-type]


def count_gpus(node: Node, count: str | None) -> None:
    """As a device plugin tells it; extended resources may be advertised by hand too."""
    (found,) = node.get("nodes")
    status: dict[str, Any] = {"capacity": {"nvidia.com/gpu": count}}
    patch = json.dumps({"status": status})
    name = found["metadata"]["name"]
    node.kubectl("patch", "node", name, "--subresource=status", "--type=merge", f"--patch={patch}")


def server_of(node: Node, id: str) -> dict[str, Any]:
    (held,) = node.get("deployments", f"--namespace={id}")
    containers = held["spec"]["template"]["spec"]["containers"]
    (found,) = (each for each in containers if each["name"] == "model-server")
    return dict(found)


def test_a_chatbot_whose_model_is_on_a_gpu(
    node: Node, catalog: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = catalog.components["vllm-server"].config["image"]["default"]
    vllm_image(tmp_path / "vllm.tar", image)
    node.bring(tmp_path / "vllm.tar")
    one = Chatbot(catalog, tmp_path, "chat-1")
    one.place()
    assert not one.apply().changes, "a second plan is empty"

    with monkeypatch.context() as sooner:
        sooner.setattr(rollout, "PATIENCE_SECONDS", 2)
        with pytest.raises(MlopsError) as told:
            one.prepare()
    assert told.value.code == "no_room"
    assert "Insufficient nvidia.com/gpu" in told.value.message

    count_gpus(node, "1")
    try:
        one.up()
        server = server_of(node, one.seen.id)
        assert server["image"] == image
        assert server["resources"]["limits"]["nvidia.com/gpu"] == "1"
        assert server["args"][:4] == ["--model", MODEL, "--served-model-name", MODEL]
        assert {each["name"] for each in server["env"]} >= {"HF_HOME", "VLLM_API_KEY"}
        assert MODEL_KEY not in json.dumps(server)
        answer = one.chat("When is a machine returned?")
        assert answer.status_code == 200, answer.text
        assert f"{MODEL} was asked" in answer.text
        assert FACT in answer.text, "with the passage that was found"
    finally:
        count_gpus(node, None)
        one.destroy()
    assert one.seen.id not in [each["metadata"]["name"] for each in node.get("namespaces")]
