"""What is taken from OpenAI's clients: these parameters and no others.

LiteLLM obeys far more of them: whom to call, with which key, whose answer to make up.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from serving.errors import ParameterRefused

Id = Annotated[str, StringConstraints(max_length=512)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9_.-]{1,128}$")]
# An address would be fetched by whoever runs the model.
DataUrl = Annotated[str, StringConstraints(pattern=r"^data:image/[a-z0-9.+-]+;base64,")]
Schema = dict[str, Any]
MOST_MESSAGES = 2000
MOST_TOOLS = 128


class OpenAiRequest(BaseModel):
    """A field that it does not name is refused in words."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _only_known(cls, given: Any) -> Any:
        known = [field.alias or name for name, field in cls.model_fields.items()]
        unknown = set(given).difference(known) if isinstance(given, dict) else ()
        if unknown:
            named = ", ".join(sorted(name[:60] for name in unknown)[:10])
            raise ParameterRefused(names=named, known=", ".join(known))
        return given


class Tolerant(BaseModel):
    """A part of a request: servers answer with more than they take, and clients send it back."""

    model_config = ConfigDict(extra="ignore")


class TextPart(Tolerant):
    type: Literal["text"]
    text: str


class Image(Tolerant):
    url: DataUrl = Field(description="the picture itself: data:image/png;base64,…")
    detail: Literal["auto", "low", "high"] = "auto"


class ImagePart(Tolerant):
    type: Literal["image_url"]
    image_url: Image


class Sound(Tolerant):
    data: str
    format: Literal["wav", "mp3"]


class SoundPart(Tolerant):
    type: Literal["input_audio"]
    input_audio: Sound


class RefusalPart(Tolerant):
    type: Literal["refusal"]
    refusal: str


Part = Annotated[TextPart | ImagePart | SoundPart | RefusalPart, Field(discriminator="type")]


class CalledFunction(Tolerant):
    name: Name
    arguments: str


class ToolCall(Tolerant):
    id: Id
    type: Literal["function"] = "function"
    function: CalledFunction


class Message(Tolerant):
    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[Part] | None = None
    name: Id | None = None
    refusal: str | None = None
    reasoning_content: str | None = None
    tool_calls: list[ToolCall] | None = None
    tool_call_id: Id | None = None


class FunctionName(OpenAiRequest):
    name: Name


class Function(OpenAiRequest):
    name: Name
    description: str = ""
    parameters: Schema = {}
    strict: bool | None = None


class Tool(OpenAiRequest):
    """Functions only: of the other kinds LiteLLM runs some itself, at addresses they name."""

    type: Literal["function"]
    function: Function


class ToolChoice(OpenAiRequest):
    type: Literal["function"]
    function: FunctionName


class JsonSchema(OpenAiRequest):
    name: Name
    description: str = ""
    schema_: Schema = Field(default={}, alias="schema")
    strict: bool | None = None


class ResponseFormat(OpenAiRequest):
    type: Literal["text", "json_object", "json_schema"]
    json_schema: JsonSchema | None = None


class StreamOptions(OpenAiRequest):
    include_usage: bool = False
    include_obfuscation: bool | None = None


class CompletionRequest(OpenAiRequest):
    messages: list[Message] = Field(min_length=1, max_length=MOST_MESSAGES)
    # Of several, behind commas, LiteLLM would ask each.
    model: str = Field(
        default="",
        max_length=200,
        pattern=r"^[^,]*$",
        description="see /v1/models; empty means the first",
    )
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_tokens: int | None = Field(default=None, ge=1)
    max_completion_tokens: int | None = Field(default=None, ge=1)
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, ge=0, le=1)
    n: int | None = Field(default=None, ge=1, le=128)
    stop: Id | Annotated[list[Id], Field(max_length=4)] | None = None
    seed: int | None = None
    frequency_penalty: float | None = Field(default=None, ge=-2, le=2)
    presence_penalty: float | None = Field(default=None, ge=-2, le=2)
    logit_bias: dict[str, float] | None = Field(default=None, max_length=1024)
    logprobs: bool | None = None
    top_logprobs: int | None = Field(default=None, ge=0, le=20)
    response_format: ResponseFormat | None = None
    tools: list[Tool] | None = Field(default=None, max_length=MOST_TOOLS)
    tool_choice: Literal["none", "auto", "required"] | ToolChoice | None = None
    parallel_tool_calls: bool | None = None
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh"] | None = None
    verbosity: Literal["low", "medium", "high"] | None = None
    user: Id | None = Field(default=None, description="who asks, for the provider's own records")

    def passed_on(self) -> dict[str, Any]:
        """As it was asked: what the client left to the server stays out."""
        return self.model_dump(exclude_unset=True, by_alias=True)
