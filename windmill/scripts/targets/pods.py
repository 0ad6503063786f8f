"""What a pod of a GPU provider runs for a pipeline: a stock image, told what to do."""

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ..model.drawing.pipeline import Node, Pipeline
from ..provision.errors import NoPod

WORKSPACE = "/workspace"  # the volume: models and adapters outlive a restart
# What the pipeline says comes in by the container's variables: in a command it could become code.
TRAIN_THEN_SERVE = """\
set -eu
if [ ! -f /workspace/adapter/adapter_config.json ]; then
  llamafactory-cli train --stage sft --do_train true --finetuning_type lora --lora_target all \
    --model_name_or_path "$BASE_MODEL" --dataset_dir ONLINE --dataset "$DATASET" \
    --template "$TEMPLATE" --lora_rank "$LORA_RANK" --num_train_epochs "$EPOCHS" \
    --learning_rate "$LEARNING_RATE" --max_samples "$MAX_SAMPLES" --bf16 true \
    --per_device_train_batch_size 2 --gradient_accumulation_steps 8 --output_dir /workspace/training
  mv /workspace/training /workspace/adapter
fi
exec llamafactory-cli api --model_name_or_path "$BASE_MODEL" --template "$TEMPLATE" \
  --adapter_name_or_path /workspace/adapter --finetuning_type lora"""


@dataclass(frozen=True)
class Pod:
    image: str
    args: str
    port: int
    health_path: str
    env: Mapping[str, str] = field(default_factory=dict)
    key_variable: str = ""  # takes the key that callers must show; empty where there is none


def pod_of(pipeline: Pipeline) -> Pod:
    """Raises NoPod where no node of the pipeline, or more than one, is a server on a GPU."""
    nodes = [node for node in pipeline.nodes if node.component in PODS]
    if len(nodes) != 1:
        raise NoPod(name=pipeline.name, count=len(nodes), known=", ".join(sorted(PODS)))
    return PODS[nodes[0].component](nodes[0])


def models_to_pull(pipeline: Pipeline) -> list[str]:
    """What Ollama must be told to fetch once it answers, before it can serve it."""
    return [str(n.config["model"]) for n in pipeline.nodes if n.component == "ollama-server"]


def _vllm(node: Node) -> Pod:
    config = node.config
    words = ["--model", config["model"], "--port", "8000"]
    words += ["--max-model-len", str(config["max_model_len"])]
    words += ["--gpu-memory-utilization", str(config["gpu_memory_utilization"])]
    env = {"HF_HOME": f"{WORKSPACE}/huggingface"}
    return Pod(config["image"], shlex.join(words), 8000, "/health", env, "VLLM_API_KEY")


def _ollama(node: Node) -> Pod:
    env = {
        "OLLAMA_HOST": "0.0.0.0:11434",
        "OLLAMA_MODELS": f"{WORKSPACE}/ollama",
        "OLLAMA_CONTEXT_LENGTH": str(node.config["context_length"]),
    }
    return Pod(node.config["image"], "serve", 11434, "/api/version", env)


def _lora(node: Node) -> Pod:
    config = node.config
    env = {
        "HF_HOME": f"{WORKSPACE}/huggingface",
        "BASE_MODEL": config["base_model"],
        "DATASET": config["dataset"],
        "TEMPLATE": config["template"],
        "EPOCHS": str(config["epochs"]),
        "LORA_RANK": str(config["rank"]),
        "LEARNING_RATE": str(config["learning_rate"]),
        "MAX_SAMPLES": str(config["max_samples"]),
        "API_PORT": "8000",
        "API_MODEL_NAME": config["base_model"],
    }
    args = shlex.join(["bash", "-c", TRAIN_THEN_SERVE])
    return Pod(config["image"], args, 8000, "/v1/models", env, "API_KEY")


# What answers once the model is served, by the process's name. vLLM's own /health asks for no key.
READY: Mapping[str, str] = {
    "vllm": "/v1/models",
    "ollama": "/api/version",
    "llamafactory": "/v1/models",
}
PODS: Mapping[str, Callable[[Node], Pod]] = {
    "vllm-server": _vllm,
    "ollama-server": _ollama,
    "lora-model": _lora,
}
