import json
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from serving import strict_json


class StrictRoute(APIRoute):
    """Its JSON bodies are such that every answer about them can be written."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            return await handler(StrictRequest(request.scope, request.receive))

        return handle


class StrictRequest(Request):
    async def json(self) -> Any:
        try:
            return strict_json.loads(await self.body())
        except ValueError as error:
            # The only kind that FastAPI tells as a mistake in the body.
            raise json.JSONDecodeError(getattr(error, "msg", str(error)), "", 0) from error
