"""The way to a Service from outside its cluster: by kubectl, opened again when it ends."""

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from ...provision.ssh.session import TOGETHER
from .cluster import Cluster, explained

LISTENS = re.compile(r"^Forwarding from 127\.0\.0\.1:(\d+) ")
LOOPBACK = "127.0.0.1"


class Forward(httpx.HTTPTransport):
    """Requests keep the name they were sent to; only the way there is another."""

    def __init__(self, cluster: Cluster, namespace: str, service: str, port: int) -> None:
        super().__init__()
        self._cluster = cluster
        self._what = (f"--namespace={namespace}", f"service/{service}", f":{port}")
        self._process: subprocess.Popen[str] | None = None
        self._port = 0
        self._one_at_a_time = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Raises httpx.ConnectError where nothing answers behind the Service."""
        request.url = request.url.copy_with(scheme="http", host=LOOPBACK, port=self._open())
        return super().handle_request(request)

    def end(self) -> None:
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _open(self) -> int:
        with self._one_at_a_time:
            if self._process is None or self._process.poll() is not None:
                self.end()
                self._start()
            return self._port

    def _start(self) -> None:
        options = (f"--address={LOOPBACK}", "--pod-running-timeout=5s")
        command = self._cluster.command("port-forward", *options, *self._what)
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", TOGETHER, *command],
            env=self._cluster.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        said = self._process.stdout.readline() if self._process.stdout else ""
        if listens := LISTENS.match(said):
            self._port = int(listens[1])
            return
        self.end()
        raise httpx.ConnectError(explained(self._cluster.server, said).message)


@contextmanager
def forwarded(cluster: Cluster, namespace: str, service: str, port: int) -> Iterator[Forward]:
    forward = Forward(cluster, namespace, service, port)
    try:
        yield forward
    finally:
        forward.end()
