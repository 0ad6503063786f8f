"""The exit of the drawing: what arrives here is what the API serves."""

from pydantic import Field

from serving.component import Component, Config
from serving.port_types import Chat, Completions, Embedder, Job, Predictor, Report, Summarizer


class EndpointConfig(Config):
    title: str = ""
    description: str = ""
    cors_origins: tuple[str, ...] = ()
    # The platform chooses the port and hands it over on the command line.
    port: int | None = Field(default=None, ge=1024, le=65535)


class ApiEndpoint(Component):
    kind = "api-endpoint"
    Config = EndpointConfig

    async def run(
        self,
        chat: Chat | None = None,
        predictor: Predictor | None = None,
        embedder: Embedder | None = None,
        completions: Completions | None = None,
        summarizer: Summarizer | None = None,
        job: Job | None = None,
        report: Report | None = None,
    ) -> None:
        """Nothing to compute."""
