"""An OpenAPI document of the engine, made of its own routes and engine_api.yaml."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route

Doc = dict[str, Any]
TOLD: Doc = yaml.safe_load(Path(__file__).with_name("engine_api.yaml").read_text("utf-8"))
PARAMETER = re.compile(r"{(\w+)(:\w+)?}")
WORKSPACE = "/api/w/mlops"


def document(app: Starlette) -> Doc:
    paths: Doc = {}
    for address, method in _routes(app.routes, ""):
        path = PARAMETER.sub(r"{\1}", address)
        paths.setdefault(path, {})[method.lower()] = _operation(address, method)
    return {
        "openapi": "3.1.0",
        "info": {"title": "engine", "version": "1"},
        "paths": paths,
        "components": {"schemas": TOLD["schemas"]},
    }


def _routes(routes: list[BaseRoute], before: str) -> Iterator[tuple[str, str]]:
    for route in routes:
        if isinstance(route, Mount):
            yield from _routes(list(route.routes), WORKSPACE)
        elif isinstance(route, Route):
            yield from ((before + route.path, each) for each in (route.methods or set()) - {"HEAD"})


def _operation(address: str, method: str) -> Doc:
    inside = [
        {"name": name, "in": "path", "required": True, "schema": _path_parameter(kind)}
        for name, kind in PARAMETER.findall(address)
    ]
    query = [
        {"name": name, "in": "query", "schema": schema}
        for where, parameters in TOLD["queries"].items()
        for name, schema in parameters.items()
        if re.search(where, address)
    ]
    operation: Doc = {"parameters": inside + query, "responses": {"default": {"description": ""}}}
    if method in ("POST", "PUT", "PATCH"):
        operation["requestBody"] = {"content": {"application/json": {"schema": _body(address)}}}
    return operation


def _path_parameter(kind: str) -> Doc:
    if kind == ":int":
        return {"type": "integer", "minimum": 0}
    return {"anyOf": [{"enum": TOLD["known"]}, {"type": "string", "minLength": 1}]}


def _body(address: str) -> Doc:
    named = re.sub(r"^/api/(w/mlops/)?|/{.*$", "", address)
    fields = TOLD["bodies"].get(named)
    if fields is None:
        return {}
    properties = {name: {"$ref": f"#/components/schemas/{kind}"} for name, kind in fields.items()}
    return {"type": "object", "properties": properties, "required": list(fields)}
