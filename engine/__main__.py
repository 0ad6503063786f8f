"""`python -m engine`: one process that owns the database and starts one process a job."""

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import uvicorn

from engine.api.app import build
from engine.api.patience import Patient
from engine.core import Engine
from engine.errors import EngineError
from engine.runtime.hashes import read_hashes
from engine.scheduler import Scheduler
from engine.settings import Settings, read_env_file, read_tokens
from engine.store.cipher import SHORTEST

log = logging.getLogger("engine")


def parse(arguments: list[str]) -> Settings:
    parser = argparse.ArgumentParser(prog="python -m engine", description=__doc__)
    parser.add_argument("--db", type=Path, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=3000, help="0 takes a free one and prints it")
    parser.add_argument(
        "--token-file", type=Path, required=True, help="one token a line, its scopes after it"
    )
    parser.add_argument("--workspace", default="mlops")
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument(
        "--cache", type=Path, required=True, help="interpreters and packages of scripts"
    )
    parser.add_argument(
        "--hashes",
        type=Path,
        help="hashed requirements; what they pin is checked",
    )
    parser.add_argument("--env-file", type=Path, help="KEY=VALUE lines given to every job")
    parser.add_argument(
        "--pass-env",
        metavar="NAME",
        action="append",
        default=[],
        help="a variable of this process's own given to every job: a secret that stands in no file",
    )
    parser.add_argument(
        "--tagged",
        metavar="TAG=ENV_FILE",
        action="append",
        default=[],
        help="one more worker, for the jobs of this tag alone, which it gives these lines too",
    )
    parser.add_argument(
        "--kill-grace", type=float, default=10.0, help="seconds between asking and killing"
    )
    parser.add_argument(
        "--retention-days", type=int, help="delete runs that ended so long ago; none without it"
    )
    given = parser.parse_args(arguments)
    if given.retention_days is not None and given.retention_days < 1:
        parser.error("--retention-days must be 1 or more")
    tokens = read_tokens(given.token_file.read_text())
    if not tokens:
        parser.error(f"{given.token_file} holds no token")
    secret_keys = tuple(
        key.strip()
        for name in ("ENGINE_SECRET_KEY", "ENGINE_SECRET_KEY_OLD")
        for key in os.environ.get(name, "").split(",")
        if key.strip()
    )
    if any(len(key) < SHORTEST for key in secret_keys):
        parser.error(f"ENGINE_SECRET_KEY needs {SHORTEST} characters or more")
    email, _, password = os.environ.get("ENGINE_FIRST_LOGIN", "").partition(" ")
    return Settings(
        db=given.db.absolute(),
        first_login=(email, password) if password else None,
        secret_keys=secret_keys,
        cache=given.cache.absolute(),
        tokens=tokens,
        host=given.host,
        port=given.port,
        workspace=given.workspace,
        workers=given.workers,
        kill_grace=given.kill_grace,
        retention_days=given.retention_days,
        job_env={
            **(read_env_file(given.env_file) if given.env_file else {}),
            **{name: os.environ[name] for name in given.pass_env if os.environ.get(name)},
        },
        tagged={
            tag: read_env_file(Path(file))
            for tag, _, file in (each.partition("=") for each in given.tagged)
        },
        hashes=read_hashes(given.hashes.read_text()) if given.hashes else {},
    )


class Server(uvicorn.Server):
    """Stops the jobs before it stops answering them, so that none fails for want of its server."""

    scheduler: Scheduler

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self.scheduler.stop()
        await super().shutdown(sockets)


async def serve(settings: Settings) -> None:
    listener = socket.create_server((settings.host, settings.port), reuse_port=False)
    # asyncio does this only for sockets it made; without it every answer waits for a delayed ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    settings = replace(settings, port=listener.getsockname()[1])
    engine = Engine(settings)
    scheduling = asyncio.create_task(engine.scheduler.run())
    print(f"listening on {settings.base_url}", flush=True)
    server = Server(configuration(engine))
    server.scheduler = engine.scheduler
    scheduling.add_done_callback(lambda _: setattr(server, "should_exit", True))
    await server.serve(sockets=[listener])
    await scheduling
    engine.db.close()
    log.info("stopped")


def configuration(engine: Engine) -> uvicorn.Config:
    return uvicorn.Config(
        build(engine),
        http=Patient,
        ws="none",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=1,
        lifespan="off",
    )


def main() -> None:
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(name)s %(message)s"
    )
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    try:
        asyncio.run(serve(parse(sys.argv[1:])))
    except (OSError, EngineError) as error:
        sys.exit(f"engine: {error}")
    logging.shutdown()
    os._exit(0)  # an expression that still runs in its thread would hold the exit for seconds


if __name__ == "__main__":
    main()
