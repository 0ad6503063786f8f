"""Models that a GPU machine serves by an image of its own; here their address is passed on."""

from pydantic import Field

from serving.component import Component, Config
from serving.models.llm import LlmCompletions
from serving.port_types import Completions

NAME = r"^[A-Za-z0-9][A-Za-z0-9._/:-]{0,199}$"


class VllmConfig(Config):
    model: str = Field(default="Qwen/Qwen3-8B", pattern=NAME)
    image: str = Field(default="vllm/vllm-openai:v0.9.1", pattern=NAME)
    max_model_len: int = Field(default=8192, ge=256, le=1_000_000)
    gpu_memory_utilization: float = Field(default=0.9, ge=0.1, le=0.99)


class OllamaConfig(Config):
    model: str = Field(default="qwen3:8b", pattern=NAME)
    image: str = Field(default="ollama/ollama:0.9.2", pattern=NAME)
    context_length: int = Field(default=8192, ge=256, le=1_000_000)


class LoraConfig(Config):
    base_model: str = Field(default="Qwen/Qwen2.5-1.5B-Instruct", pattern=NAME)
    dataset: str = Field(pattern=NAME, examples=["tatsu-lab/alpaca"])
    template: str = Field(default="qwen", pattern=r"^[a-z0-9_]{1,40}$")
    image: str = Field(default="hiyouga/llamafactory:0.9.3", pattern=NAME)
    epochs: float = Field(default=1, gt=0, le=100)
    rank: int = Field(default=8, ge=1, le=256)
    learning_rate: float = Field(default=0.0001, gt=0, le=1)
    max_samples: int = Field(default=10_000, ge=1, le=10_000_000)


class VllmServer(Component):
    kind = "vllm-server"
    services = ("vllm",)
    Config = VllmConfig

    async def run(self) -> Completions:
        return LlmCompletions(self.config.model, self.context.llm)


class OllamaServer(Component):
    kind = "ollama-server"
    services = ("ollama",)
    Config = OllamaConfig

    async def run(self) -> Completions:
        return LlmCompletions(self.config.model, self.context.llm)


class LoraModel(Component):
    kind = "lora-model"
    services = ("llamafactory",)
    Config = LoraConfig

    async def run(self) -> Completions:
        return LlmCompletions(self.config.base_model, self.context.llm)
