"""An OpenAI-style chat API, as LiteLLM offers it."""

import asyncio
import ipaddress
import json
import time
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

from serving import errors
from serving.port_types import Completions, Token, Usage

if TYPE_CHECKING:
    import httpx

REACHABLE_SECONDS = 3.0
# While it starts beside us: one that refuses costs nothing to ask, and somebody waits.
AGAIN_SECONDS = 0.1
CONNECT_SECONDS = 5.0
# Of a server that takes no notice of `stream`, and of a page that a proxy answers with.
NO_STREAM = ("application/json", "text/html")


class _Delta(BaseModel):
    content: str | None = None


class _Choice(BaseModel):
    """`message` is what a server answers that takes no notice of `stream`."""

    delta: _Delta = _Delta()
    message: _Delta = _Delta()


class _Usage(BaseModel):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Chunk(BaseModel):
    choices: list[_Choice] = []
    usage: _Usage | None = None


class Llm:
    def __init__(self, base_url: str, api_key: str, silence_seconds: float = 60.0) -> None:
        self.base_url = base_url.rstrip("/")
        self.silence_seconds = silence_seconds
        self._api_key = api_key
        self._client: httpx.AsyncClient | None = None
        self._checked_at = float("-inf")
        self._problem: str | None = "not checked yet"

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()

    async def stream(self, request: Mapping[str, Any]) -> AsyncGenerator[Token | Usage, None]:
        body = {**request, "stream": True, "stream_options": {"include_usage": True}}
        url = f"{self.base_url}/chat/completions"
        with self._as_llm_errors():
            async with self._http().stream("POST", url, json=body) as response:
                if response.is_error:
                    raise await _refusal(response)
                async for item in _read_events(response):
                    yield item

    async def complete(self, request: Mapping[str, Any]) -> str:
        parts = [item.text async for item in self.stream(request) if isinstance(item, Token)]
        return "".join(parts).strip()

    async def send(self, method: str, path: str, body: Any = None) -> "httpx.Response":
        """The answer as it is, its body unread: the caller closes it."""
        client = self._http()
        request = client.build_request(method, f"{self.base_url}{path}", json=body)
        with self._as_llm_errors():
            return await client.send(request, stream=True)

    async def problem(self) -> str | None:
        """Why the LLM cannot be asked, or None, which holds for a few seconds."""
        good_for = AGAIN_SECONDS if self._problem else REACHABLE_SECONDS
        if time.monotonic() - self._checked_at > good_for:
            self._checked_at = time.monotonic()
            self._problem = await self._check()
            self._checked_at = time.monotonic()
        return self._problem

    async def until_reachable(self, seconds: float) -> None:
        """It starts beside the API and takes longer; who asks it at once waits for it first."""
        give_up = time.monotonic() + seconds
        while await self.problem() and time.monotonic() < give_up:
            await asyncio.sleep(AGAIN_SECONDS)

    async def _check(self) -> str | None:
        import httpx

        try:
            response = await self._http().get(f"{self.base_url}/models", timeout=REACHABLE_SECONDS)
        except httpx.HTTPError as error:
            return f"{self.base_url}: {error or type(error).__name__}"
        if response.status_code in (401, 403):
            return f"{self.base_url} refuses the API key"
        return f"{self.base_url} answers {response.status_code}" if response.is_error else None

    @contextmanager
    def _as_llm_errors(self) -> Iterator[None]:
        import httpx

        try:
            yield
        except httpx.ConnectTimeout as error:
            raise errors.LlmUnreachable(url=self.base_url, reason="no connection") from error
        except httpx.TimeoutException as error:
            raise errors.LlmTimeout(seconds=self.silence_seconds) from error
        except httpx.HTTPError as error:
            reason = str(error) or type(error).__name__
            raise errors.LlmUnreachable(url=self.base_url, reason=reason) from error

    def _http(self) -> "httpx.AsyncClient":
        if self._client is None:
            import httpx

            self._client = httpx.AsyncClient(
                headers={"Authorization": f"Bearer {self._api_key}"} if self._api_key else {},
                timeout=httpx.Timeout(self.silence_seconds, connect=CONNECT_SECONDS),
                trust_env=not _is_loopback(self.base_url),
            )
        return self._client


class LlmCompletions(Completions):
    def __init__(self, model: str, llm: Llm) -> None:
        self.model = model
        self._llm = llm

    async def send(self, method: str, path: str, body: Any = None) -> "httpx.Response":
        return await self._llm.send(method, path, body)


async def _read_events(response: "httpx.Response") -> AsyncGenerator[Token | Usage, None]:
    if response.headers.get("content-type", "").startswith(NO_STREAM):
        for item in _items(_parse((await response.aread()).decode(errors="replace"))):
            yield item
        return
    async for line in response.aiter_lines():
        data = line.removeprefix("data:").strip()
        if not line.startswith("data:") or data == "[DONE]":
            continue
        for item in _items(_parse(data)):
            yield item


def _items(chunk: _Chunk) -> Iterator[Token | Usage]:
    for choice in chunk.choices:
        if text := choice.delta.content or choice.message.content:
            yield Token(text)
    if chunk.usage:
        yield Usage(chunk.usage.prompt_tokens, chunk.usage.completion_tokens)


def _parse(data: str) -> _Chunk:
    try:
        content = json.loads(data)
        if isinstance(content, dict) and "error" in content:
            raise errors.LlmRefused(status="an error", reason=_reason(content))
        return _Chunk.model_validate(content)
    except (json.JSONDecodeError, ValidationError) as error:
        raise errors.LlmGarbled(reason=data[:200]) from error


async def _refusal(response: "httpx.Response") -> errors.LlmRefused:
    text = (await response.aread()).decode(errors="replace")
    try:
        reason = _reason(json.loads(text))
    except json.JSONDecodeError:
        reason = text
    return errors.LlmRefused(status=response.status_code, reason=reason[:500].strip() or "nothing")


def _reason(content: Any) -> str:
    error = content.get("error", content) if isinstance(content, dict) else content
    message = error.get("message") if isinstance(error, dict) else None
    return str(message or error)


def _is_loopback(url: str) -> bool:
    """A proxy from the environment must not come between two programs of one machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
