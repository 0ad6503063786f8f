"""llama.cpp's OpenAI-style server for the one model whose weights lie in a folder."""

import argparse
import asyncio
import os
import signal
import sys
import tempfile
from pathlib import Path

import xllamacpp
from door import Door

KEY = "MODEL_SERVER_KEY"


def main() -> None:
    options = _parser().parse_args()
    key = os.environ.pop(KEY, "") or sys.exit(f"{KEY} is not set: nobody could be let in")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))
    with tempfile.TemporaryDirectory(prefix="model-server-") as folder:
        behind = Path(folder) / "llama.sock"
        server = xllamacpp.Server(_parameters(options, behind))
        print(f"{options.name} listens on {server.listening_address}", flush=True)
        door = Door(key, frozenset({options.host, "localhost"}), behind)
        asyncio.run(door.stand(options.host, options.port))


def _parameters(options: argparse.Namespace, behind: Path) -> xllamacpp.CommonParams:
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(_weights(options.weights))
    parameters.model_alias = {options.name}
    parameters.n_ctx = options.context_size
    parameters.n_parallel = 1
    parameters.ui = False
    parameters.cpuparams.n_threads = options.threads
    parameters.hostnames = [str(behind)]
    parameters.endpoint_metrics = True
    parameters.endpoint_slots = False
    parameters.cors_origins = ""
    parameters.cors_origins_explicit = True
    _break_loops(parameters.sampling)
    return parameters


def _break_loops(sampling: xllamacpp.CommonParamsSampling) -> None:
    """Tiny models say the same sentence until they are cut off; a short quotation stays free."""
    sampling.penalty_freq = 0.5
    sampling.penalty_last_n = 64


def _weights(folder: Path) -> Path:
    found = sorted(folder.rglob("*.gguf"))
    if len(found) != 1:
        raise SystemExit(f"{folder} holds {len(found)} .gguf files; one is needed")
    return found[0]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, required=True, help="folder with one .gguf file")
    parser.add_argument("--name", required=True, help="what clients call the model")
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--context-size", type=int, default=2048)
    parser.add_argument("--threads", type=int, default=2)
    return parser


if __name__ == "__main__":
    main()
