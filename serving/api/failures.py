"""Every failure leaves as {error: {code, message, fix}}."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from serving import errors
from serving.api.disconnect import ClientGone


class Problem(BaseModel):
    code: str
    message: str
    fix: str


class Failure(BaseModel):
    error: Problem


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {status: {"model": Failure} for status in statuses}


def respond(error: errors.ServingError, headers: Mapping[str, str] | None = None) -> JSONResponse:
    return JSONResponse(error.body(), error.status, headers)


def install(app: FastAPI, routes: Sequence[str]) -> None:
    all_routes = ", ".join(routes)

    @app.exception_handler(errors.ServingError)
    def _ours(request: Request, error: errors.ServingError) -> JSONResponse:
        return respond(error)

    @app.exception_handler(RequestValidationError)
    def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return respond(errors.BadRequest(reason=_describe(error)))

    @app.exception_handler(HTTPException)
    def _http(request: Request, error: HTTPException) -> JSONResponse:
        asked = {"method": request.method, "path": request.url.path[:200], "routes": all_routes}
        if error.status_code == 404:
            return respond(errors.NoSuchRoute(**asked))
        if error.status_code == 405:
            return respond(errors.MethodNotAllowed(**asked), error.headers)
        if error.status_code == 413:
            return respond(errors.BodyTooLarge(limit=error.detail))
        return respond(errors.BadRequest(reason=error.detail))

    @app.exception_handler(ClientGone)
    def _gone(request: Request, error: ClientGone) -> Response:
        return Response(status_code=499)  # nobody reads it; the metrics count it

    @app.exception_handler(Exception)
    def _unexpected(request: Request, error: Exception) -> JSONResponse:
        return respond(errors.ServingError())


def _describe(error: RequestValidationError) -> str:
    return "; ".join(_describe_one(problem) for problem in error.errors()[:5])


def _describe_one(problem: Mapping[str, Any]) -> str:
    if problem["type"] == "json_invalid":
        return f"the body is not JSON: {problem['ctx']['error']}"
    where = ".".join(str(part) for part in problem["loc"] if part != "body")
    return f"{where or 'the body'}: {problem['msg']}"
