"""python -m serving --pipeline pipeline.json --host 127.0.0.1 --port 8000 --data-dir data"""

import argparse
import ipaddress
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from serving.api import copies
from serving.graph import Graph, wire
from serving.models.llm import Llm
from serving.pipeline import Pipeline, read_pipeline
from serving.pipeline_errors import BadSetting, KeyMissing, MissingSetting, PipelineError

if TYPE_CHECKING:
    import uvicorn
    from fastapi import FastAPI

    from serving.api.access import Access

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

    if options.replicas == 1:
        app = _app(pipeline, options, options.data_dir)
        uvicorn.Server(configuration(app, options.host, options.port)).run()
        return
    _checked(pipeline, options)  # what is wrong is told once, and not by each copy
    more = {"factory": True, "workers": options.replicas}
    config = configuration("serving.__main__:copy", options.host, options.port, **more)
    copies.run(config, options.data_dir)


def copy() -> "FastAPI":
    """Of one of several processes: what it was started with is what the first was."""
    copies.end_with_parent()
    logging.basicConfig(
        level=logging.INFO, format=f"%(asctime)s %(levelname)s {os.getpid()} %(message)s"
    )
    logging.getLogger("httpx").setLevel(logging.WARNING)
    options = _parser().parse_args()
    folder = copies.own_folder(options.data_dir)
    several = copies.Copies(folder, options.replicas)
    return _app(read_pipeline(options.pipeline), options, folder, several)


def _app(
    pipeline: Pipeline,
    options: argparse.Namespace,
    data_dir: Path,
    several: copies.Copies | None = None,
) -> "FastAPI":
    from serving.api.app import create_app
    from serving.runtime import Runtime

    graph, access = _checked(pipeline, options)
    return create_app(
        pipeline,
        Runtime(graph, _llm(graph), data_dir),
        cost_per_hour=_number("COMPUTE_COST_PER_HOUR", 0),
        access=access,
        several=several,
    )


def _checked(pipeline: Pipeline, options: argparse.Namespace) -> "tuple[Graph, Access]":
    from serving.api.access import Access
    from serving.components import load_components

    graph = wire(pipeline, load_components())
    access = Access(_secret("API_KEY"), hosts=(options.host, *_words("ALLOW_HOSTS")))
    _require_key(access.key, options.host)
    _llm(graph)
    return graph, access


def configuration(app: "FastAPI | str", host: str, port: int, **more: Any) -> "uvicorn.Config":
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
        timeout_worker_healthcheck=copies.PATIENCE_SECONDS,
        **more,
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
    parser.add_argument("--replicas", type=int, default=1, help="processes that answer at the port")
    parser.add_argument("--data-dir", type=Path, required=True, help="vectors and uploads")
    return parser


if __name__ == "__main__":
    sys.exit(main())
