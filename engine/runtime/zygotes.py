"""The engine's side of a zygote: started, asked for forks, listened to, ended."""

import asyncio
import json
import logging
import os
import signal
import socket
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.runtime.groups import signal_group

log = logging.getLogger(__name__)
# As a module: what Python compiles of it is kept, which a script's is not.
_START = (
    f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import zygote; zygote.run()"
)
_LARGEST_MESSAGE = 1 << 16


class ZygoteEnded(Exception):
    """Before it could fork."""


class Unfit(Exception):
    """The module that must not be imported before a fork."""

    def __init__(self, module: str) -> None:
        super().__init__(module)
        self.module = module


def _future() -> "asyncio.Future[Any]":
    return asyncio.get_running_loop().create_future()


@dataclass
class Fork:
    """A job's process. `ended` is its exit code, negative for a signal."""

    pid: "asyncio.Future[int]" = field(default_factory=_future)
    ended: "asyncio.Future[int]" = field(default_factory=_future)


class Zygote:
    """`ready` once it has imported its modules; it may be Unfit, or ended, instead."""

    def __init__(
        self, python: Path, environment: Mapping[str, str], modules: Sequence[str]
    ) -> None:
        self.ready: asyncio.Future[None] = _future()
        self.alive, self._retired = True, False
        self._forks: dict[str, Fork] = {}
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._said, says = os.pipe()
        with theirs:
            self._process = subprocess.Popen(
                [str(python), "-c", _START, str(theirs.fileno()), str(self._said)],
                cwd="/",
                env=environment,
                pass_fds=(theirs.fileno(), self._said),
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                stdout=says,
                stderr=says,
            )
        os.close(says)
        self._control.setblocking(False)
        self._control.send(json.dumps(modules).encode())
        self._ending = os.pidfd_open(self._process.pid)  # its spare fork has the control, too
        loop = asyncio.get_running_loop()
        loop.add_reader(self._control, self._read)
        loop.add_reader(self._ending, self._end)

    async def fork(
        self, folder: Path, environment: Mapping[str, str], output: int, lifeline: int
    ) -> Fork:
        """Waits while the machine has no process to give. Raises ZygoteEnded."""
        if not self.alive:
            raise ZygoteEnded
        fork = self._forks[str(folder)] = Fork()
        request = os.memfd_create("request")
        try:
            told = {"folder": str(folder), "environment": environment}
            os.write(request, json.dumps(told).encode())
            os.lseek(request, 0, os.SEEK_SET)
            socket.send_fds(self._control, [str(folder).encode()], [request, output, lifeline])
        except BrokenPipeError:
            self._end()
        finally:
            os.close(request)
        await fork.pid
        return fork

    def retire(self) -> None:
        """Ends with the last of its forks."""
        self._retired = True
        if not self._forks:
            self._end()

    def _read(self) -> None:
        try:
            message = self._control.recv(_LARGEST_MESSAGE)
        except ConnectionResetError:
            message = b""
        if message:
            self._hear(*message.decode().split(" ", 2))
        else:
            self._end()

    def _hear(self, word: str, name: str = "", told: str = "") -> None:
        if word == "started":
            _settle(self._forks[name].pid, int(told))
        elif word == "ended":
            self._forget(name, int(told))
        else:
            _settle(self.ready, Unfit(name) if word == "unfit" else None)

    def _forget(self, name: str, code: int) -> None:
        fork = self._forks.pop(name)
        _settle(fork.pid, ZygoteEnded())
        _settle(fork.ended, code)
        if self._retired and not self._forks:
            self._end()

    def _end(self) -> None:
        """Whichever side wanted it. A fork whose end nobody can tell must not go on."""
        if not self.alive:
            return
        self.alive = False
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._control)
        loop.remove_reader(self._ending)
        self._control.close()
        os.close(self._ending)
        self._reap()
        _settle(self.ready, ZygoteEnded())
        for name, fork in list(self._forks.items()):
            if fork.pid.done() and not fork.pid.cancelled():
                signal_group(fork.pid.result(), signal.SIGKILL)
            self._forget(name, -signal.SIGKILL)

    def _reap(self) -> None:
        code = self._process.poll()
        self._process.kill()
        self._process.wait()
        with open(self._said, "rb", buffering=0) as said:
            os.set_blocking(self._said, False)
            if code:
                told = (said.read(_LARGEST_MESSAGE) or b"").decode(errors="replace")
                log.warning("zygote %s ended by itself (%s): %s", self._process.pid, code, told)


def _settle(future: "asyncio.Future[Any]", value: Any) -> None:
    """Whoever waited may be gone, or know already."""
    if not future.done() and isinstance(value, Exception):
        future.set_exception(value)
        future.exception()  # nobody has to ask
    elif not future.done():
        future.set_result(value)
