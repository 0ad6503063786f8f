"""What stands beside a pipeline's API in its pod: LiteLLM, and the server of its model.

On a GPU that is vLLM with a model of Hugging Face's; else llama.cpp with the embedded one.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ...model.drawing.component import Component
from ...model.drawing.pipeline import Pipeline
from ...model.drawing.services import services_of
from ...provision.llms.embedded import LITELLM_KEY, MODEL, MODEL_SERVER_KEY, asked_of, held_in
from ...provision.llms.litellm_models import litellm_settings
from ..pods import WORKSPACE
from ..protocol import Order
from .container import LLM_SECRET, Workload
from .images import image_of

LITELLM, MODEL_SERVER = "litellm", "model-server"
COMPANIONS = (LITELLM, MODEL_SERVER)
PORTS = {LITELLM: 4000, MODEL_SERVER: 8081}
# Of the API and of LiteLLM, each.
CPUS, MEMORY_GB = 0.25, {"api": 1.0, LITELLM: 1.5}
CONFIG = "/etc/litellm/config.json"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - of the pod: its kubelet asks there, and both want a key
# As a name at Hugging Face is written: nothing that vLLM could take for an option or a path.
HUGGING_FACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}/[A-Za-z0-9][A-Za-z0-9._-]{0,95}")
MAX_MODEL_LEN = "8192"
LITELLM_ENV = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_MODE": "PRODUCTION",
    "LITELLM_TELEMETRY": "False",
}


def language_model(order: Order) -> tuple[dict[str, str], dict[str, tuple[str, str]]]:
    """Where the API asks, and the key it shows there; nothing where it asks no model."""
    if LITELLM not in services_of(order.pipeline, order.components):
        return {}, {}
    asked = {"LLM_BASE_URL": f"http://{_address(LITELLM)}/v1"}
    return asked, {"LLM_API_KEY": (LLM_SECRET, LITELLM_KEY)}


def beside(order: Order) -> Sequence[Workload]:
    services = services_of(order.pipeline, order.components)
    made = {LITELLM: _litellm, MODEL_SERVER: _model_server}
    return [made[name](order) for name in COMPANIONS if name in services]


def models_of(pipeline: Pipeline, components: Mapping[str, Component]) -> list[str]:
    """Names that the nodes of a language model ask for."""
    asking = (n for n in pipeline.nodes if LITELLM in components[n.component].services)
    return sorted({str(node.config["model"]) for node in asking if "model" in node.config})


def companion_misfits(pipeline: Pipeline, components: Mapping[str, Component]) -> Iterator[str]:
    services = services_of(pipeline, components)
    for name in services:
        if name not in COMPANIONS:
            yield f"it does not run {name} beside an API, which the pipeline needs"
    names = models_of(pipeline, components)
    fits = len(names) == 1 and HUGGING_FACE.fullmatch(names[0])
    if pipeline.compute.gpu and LITELLM in services and not fits:
        told = ", ".join(map(repr, names)) or "none"
        yield (
            "on a GPU vLLM serves one model of Hugging Face's, so that `model` must be its name "
            f"there (org/name); it is {told}"
        )


def config_name(revision: int) -> str:
    """Of the ConfigMap that the pods of that revision wait for."""
    return f"litellm-{revision}"


def litellm_configuration(
    pipeline: Pipeline, components: Mapping[str, Component], endpoints: Iterable[str] = ()
) -> str:
    """Keys stay names of variables."""
    (name,) = models_of(pipeline, components) if pipeline.compute.gpu else [str(MODEL["name"])]
    embedded = asked_of(name, _address(MODEL_SERVER))
    wanted = litellm_settings(pipeline, embedded, endpoints)
    whole: dict[str, Any] = {
        "model_list": [{"model_name": name, "litellm_params": embedded}, *wanted["models"]],
        "router_settings": {
            "fallbacks": wanted["fallbacks"],
            "num_retries": 1,
            "timeout": 120,
            "disable_cooldowns": True,
        },
        "litellm_settings": {
            "callbacks": ["prometheus"],
            "require_auth_for_metrics_endpoint": False,
            "drop_params": True,
            "telemetry": False,
        },
        "general_settings": {"master_key": held_in(LITELLM_KEY)},
    }
    return json.dumps(whole, sort_keys=True)


def _litellm(order: Order) -> Workload:
    return Workload(
        image=image_of(LITELLM),
        name=LITELLM,
        args=["--config", CONFIG, *_listening(LITELLM), "--num_workers", "1"],
        port=PORTS[LITELLM],
        health_path="/health/readiness",
        env=LITELLM_ENV,
        config=config_name(order.deployment.revision),
        cpus=CPUS,
        memory_gb=MEMORY_GB[LITELLM],
    )


def _model_server(order: Order) -> Workload:
    if order.pipeline.compute.gpu:
        return _vllm(order)
    name, size, threads = (str(MODEL[key]) for key in ("name", "context_size", "threads"))
    told = ["--name", name, "--context-size", size, "--threads", threads]
    cpus, memory_gb = _rest(order.pipeline, 1)
    return Workload(
        image=image_of(MODEL_SERVER),
        name=MODEL_SERVER,
        args=[*told, *_listening(MODEL_SERVER)],
        port=PORTS[MODEL_SERVER],
        health_path="/health",
        secrets={MODEL_SERVER_KEY: (LLM_SECRET, MODEL_SERVER_KEY)},
        cpus=cpus,
        memory_gb=memory_gb,
    )


def _vllm(order: Order) -> Workload:
    cpus, memory_gb = _rest(order.pipeline, 4)
    (model,) = models_of(order.pipeline, order.components)
    told = ["--model", model, "--served-model-name", model, "--max-model-len", MAX_MODEL_LEN]
    return Workload(
        image=str(order.components["vllm-server"].config["image"]["default"]),
        name=MODEL_SERVER,
        args=[*told, *_listening(MODEL_SERVER)],
        port=PORTS[MODEL_SERVER],
        health_path="/health",
        env={"HF_HOME": f"{WORKSPACE}/huggingface"},
        secrets={"VLLM_API_KEY": (LLM_SECRET, MODEL_SERVER_KEY)},
        folders=(WORKSPACE,),
        cpus=cpus,
        memory_gb=memory_gb,
        gpu=order.pipeline.compute.gpu,
    )


def _rest(pipeline: Pipeline, least_gb: float) -> tuple[float, float]:
    """What is asked for is the pod's as a whole: the model has what API and proxy leave of it."""
    left = (pipeline.compute.cpus or 0) - 2 * CPUS
    memory = (pipeline.compute.memory_gb or 0) - sum(MEMORY_GB.values())
    return max(CPUS, left), max(least_gb, memory)


def _listening(name: str) -> list[str]:
    return ["--host", EVERYWHERE, "--port", str(PORTS[name])]


def _address(name: str) -> str:
    """By that name, for the model server answers to no other."""
    return f"localhost:{PORTS[name]}"
