"""python -m serving --pipeline pipeline.json --host 127.0.0.1 --port 8000 --data-dir data"""

import argparse
import ipaddress
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from serving.graph import Graph, wire
from serving.models.llm import Llm
from serving.pipeline import Pipeline, read_pipeline
from serving.pipeline_errors import BadSetting, KeyMissing, MissingSetting, PipelineError

if TYPE_CHECKING:
    import uvicorn
    from fastapi import FastAPI

log = logging.getLogger("serving")
GRACE_SECONDS = 5
LEAST_KEY = 16


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        pipeline = read_pipeline(options.pipeline)
        _serve(pipeline, options)
    except PipelineError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _serve(pipeline: Pipeline, options: argparse.Namespace) -> None:
    import uvicorn

    from serving.api.access import Access
    from serving.api.app import create_app
    from serving.components import load_components
    from serving.runtime import Runtime

    graph = wire(pipeline, load_components())
    access = Access(_secret("API_KEY"), hosts=(options.host, *_words("ALLOW_HOSTS")))
    _require_key(access.key, options.host)
    app = create_app(
        pipeline,
        Runtime(graph, _llm(graph), options.data_dir),
        cost_per_hour=_number("COMPUTE_COST_PER_HOUR", 0),
        access=access,
    )
    uvicorn.Server(configuration(app, options.host, options.port)).run()


def configuration(app: "FastAPI", host: str, port: int) -> "uvicorn.Config":
    import uvicorn

    from serving.api.patience import Patient

    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=Patient,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


def _require_key(key: str, host: str) -> None:
    """Raises KeyMissing where others than the programs of this machine could connect."""
    if 0 < len(key) < LEAST_KEY:
        reason = f"it has {len(key)} characters, and {LEAST_KEY} are needed"
        raise BadSetting(name="API_KEY", reason=reason)
    if key:
        return
    if not _is_loopback(host):
        raise KeyMissing(host=host)
    log.warning("API_KEY is not set: every program of this machine may use this API")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _llm(graph: Graph) -> Llm:
    url = os.environ.get("LLM_BASE_URL", "")
    for node in graph.nodes:
        if node.component.asks_llm() and not url:
            raise MissingSetting(node=node.id, component=node.component.kind, name="LLM_BASE_URL")
    return Llm(url, _secret("LLM_API_KEY"), _number("LLM_TIMEOUT_SECONDS", 60))


def _secret(name: str) -> str:
    """Checked here because the HTTP library would quote a bad one in its error."""
    key = os.environ.get(name, "").strip()
    if not (key.isascii() and key.isprintable()):
        raise BadSetting(name=name, reason="it holds characters no HTTP header can carry")
    return key


def _words(name: str) -> list[str]:
    return os.environ.get(name, "").replace(",", " ").split()


def _number(name: str, default: float) -> float:
    text = os.environ.get(name) or str(default)
    try:
        return float(text)
    except ValueError:
        raise BadSetting(name=name, reason=f'"{text}" is not a number') from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="serving", description="Serves one pipeline over HTTP.")
    parser.add_argument("--pipeline", type=Path, required=True, help="pipeline.json")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data-dir", type=Path, required=True, help="vectors and uploads")
    return parser


if __name__ == "__main__":
    sys.exit(main())
