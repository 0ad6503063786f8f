"""An OpenAI-style server that is as strict as LiteLLM about what it is sent."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import AsyncIterator
from typing import Any, Literal

import uvicorn
from fastapi import FastAPI, Header, HTTPException, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from pydantic import BaseModel, ConfigDict

KEY = "key-of-the-double"


class Message(BaseModel):
    model_config = ConfigDict(extra="forbid")
    role: Literal["system", "user", "assistant"]
    content: str


class Completion(BaseModel):
    model_config = ConfigDict(extra="forbid")
    model: str
    messages: list[Message]
    max_tokens: int
    temperature: float
    stream: Literal[True]
    stream_options: dict[str, bool]


Mode = Literal["fine", "error", "silent", "breaks", "garbled", "endless", "whole", "page"]


class LlmDouble:
    """Says `words`; `mode` makes it misbehave."""

    def __init__(self, port: int = 0, host: str = "127.0.0.1") -> None:
        self.words = ["Three", " days", "."]
        self.mode: Mode = "fine"
        self.requests: list[Completion] = []
        self.stopped = threading.Event()
        self._socket = socket.create_server((host, port))
        self.url = f"http://{host}:{self._socket.getsockname()[1]}/v1"
        config = uvicorn.Config(self._app(), log_config=None, lifespan="off")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True
        )
        self._thread.start()
        while not self._server.started:
            time.sleep(0.005)

    def reset(self) -> None:
        self.mode = "fine"
        self.requests.clear()
        self.stopped.clear()

    def close(self) -> None:
        self._server.should_exit = self._server.force_exit = True
        self._thread.join()
        self._socket.close()

    def _app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/v1/models")
        def models(authorization: str = Header()) -> dict[str, Any]:
            _check(authorization)
            return {"object": "list", "data": [{"id": "smollm2", "object": "model"}]}

        @app.post("/v1/chat/completions", response_model=None)
        async def complete(
            body: Completion, request: Request, authorization: str = Header()
        ) -> Response:
            _check(authorization)
            self.requests.append(body)
            if self.mode == "error":
                return JSONResponse({"error": {"message": "no model is loaded"}}, 500)
            if self.mode == "page":
                return HTMLResponse("<title>Sign in</title>")
            if self.mode == "whole":
                return JSONResponse(self._whole())
            return StreamingResponse(self._events(), media_type="text/event-stream")

        return app

    def _whole(self) -> dict[str, Any]:
        """As a server answers that takes no notice of `stream`."""
        message = {"role": "assistant", "content": "".join(self.words)}
        usage = {"prompt_tokens": 21, "completion_tokens": 3, "total_tokens": 24}
        return {"object": "chat.completion", "choices": [{"message": message}], "usage": usage}

    async def _events(self) -> AsyncIterator[str]:
        # An answer of the test before may end only now: it is none that somebody stopped.
        is_endless = self.mode == "endless"
        try:
            if self.mode == "silent":
                await asyncio.sleep(30)
            if self.mode == "garbled":
                yield "data: {not json\n\n"
            for word in self.words:
                yield _data(choices=[{"index": 0, "delta": {"content": word}}])
            if self.mode == "breaks":
                yield _data(error={"message": "the model server went away"})
            while self.mode == "endless":
                yield _data(choices=[{"index": 0, "delta": {"content": " more"}}])
                await asyncio.sleep(0.01)
            yield _data(
                choices=[], usage={"prompt_tokens": 21, "completion_tokens": 3, "total_tokens": 24}
            )
            yield "data: [DONE]\n\n"
        finally:
            if is_endless:
                self.stopped.set()


def _check(authorization: str) -> None:
    if authorization != f"Bearer {KEY}":
        raise HTTPException(401)


def _data(**content: Any) -> str:
    return f"data: {json.dumps(content)}\n\n"
