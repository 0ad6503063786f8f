"""One address for several language models; LiteLLM behind it asks them in order."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from serving.component import Component, Config
from serving.models.llm import LlmCompletions
from serving.port_types import Completions

# No user, no query: a stored key is bound to the address.
BASE_URL = r"^https?://[^\s/?#@\\]+(/[^\s?#%\\]*)?$"
KEY_NAME = r"^[a-z0-9_]{0,60}$"


class Backend(BaseModel):
    """Any server that speaks OpenAI's API."""

    model_config = ConfigDict(extra="forbid")

    base_url: str = Field(pattern=BASE_URL)
    model: str = Field(min_length=1)
    key: str = Field(default="", pattern=KEY_NAME)


BACKEND_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "base_url": {"type": "string", "pattern": BASE_URL},
        "model": {"type": "string", "minLength": 1},
        "key": {"type": "string", "pattern": KEY_NAME},
    },
    "required": ["base_url", "model"],
    "additionalProperties": False,
}


class GatewayConfig(Config):
    model: str = Field(default="chat", pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$")
    backends: tuple[Backend, ...] = Field(
        default=(), max_length=20, json_schema_extra={"items": BACKEND_SCHEMA}
    )
    embedded: Literal["last", "first"] = "last"


class LlmGateway(Component):
    kind = "llm-gateway"
    services = ("model-server", "litellm")
    Config = GatewayConfig

    async def run(self) -> Completions:
        return LlmCompletions(self.config.model, self.context.llm)
