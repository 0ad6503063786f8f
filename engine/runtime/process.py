"""One job's process group: started on a lifeline, listened to, stopped."""

import asyncio
import codecs
import contextlib
import os
import signal
from collections.abc import Callable
from pathlib import Path

from engine.runtime.groups import signal_group
from engine.runtime.warm import Interpreter, WarmInterpreters
from engine.runtime.zygotes import Fork

_FLUSH_SECONDS = 0.25
_CHUNK = 65536
_TAIL = 4000


class LogSink:
    """Collects output and hands it on in batches; says once when the cap is reached."""

    def __init__(self, write: Callable[[str], None], cap: int) -> None:
        self._write, self._left, self._buffer = write, cap, ""
        self.tail = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._timer: asyncio.TimerHandle | None = None

    def feed(self, data: bytes) -> None:
        text = self._decoder.decode(data)
        self.tail = (self.tail + text)[-_TAIL:]
        if self._left > 0:
            self._buffer += text[: self._left]
            if len(text) >= self._left:
                self._buffer += "\n[the log is cut here: it reached its limit]\n"
        self._left -= len(text)
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(_FLUSH_SECONDS, self.flush)

    def flush(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if self._buffer:
            text, self._buffer = self._buffer, ""
            self._write(text)


class Output:
    """The reading end of a job's output; `closed` once no process has the other."""

    def __init__(self, end: int, sink: LogSink) -> None:
        self._end, self._sink = end, sink
        self._loop = asyncio.get_running_loop()
        self.closed = asyncio.Event()
        os.set_blocking(end, False)
        self._loop.add_reader(end, self._read)

    def _read(self) -> None:
        if data := os.read(self._end, _CHUNK):
            self._sink.feed(data)
        else:
            self.close()

    def close(self) -> None:
        if not self.closed.is_set():
            self._loop.remove_reader(self._end)
            os.close(self._end)
            self.closed.set()


class JobProcess:
    def __init__(self, fork: Fork, lifeline: int, output: Output, sink: LogSink) -> None:
        self.pid = fork.pid.result()
        self._ended, self._lifeline = fork.ended, lifeline
        self._output, self._sink = output, sink
        self._stopping = False

    @classmethod
    async def start(
        cls,
        warm: WarmInterpreters,
        interpreter: Interpreter,
        folder: Path,
        environment: dict[str, str],
        sink: LogSink,
    ) -> "JobProcess":
        waiting, lifeline = os.pipe()
        heard, says = os.pipe()
        output = Output(heard, sink)
        try:
            fork = await warm.fork(interpreter, folder, environment, says, waiting)
        except BaseException:
            os.close(lifeline)
            output.close()
            raise
        finally:
            os.close(waiting)
            os.close(says)
        return cls(fork, lifeline, output, sink)

    def let_it_run(self) -> None:
        with contextlib.suppress(BrokenPipeError):
            os.write(self._lifeline, b"g")

    async def wait(self) -> int:
        try:
            code = await asyncio.shield(self._ended)
            # A daemon that left the group may hold our end of the pipe open for ever.
            if not self._output.closed.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._output.closed.wait(), 1)
            return code
        finally:
            os.close(self._lifeline)
            self._output.close()
            self._sink.flush()

    async def stop(self, grace: float) -> None:
        if self._stopping and grace > 0:
            return
        self._stopping = True
        if grace > 0:
            signal_group(self.pid, signal.SIGTERM)
            await asyncio.wait([self._ended], timeout=grace)
        if not self._ended.done():
            signal_group(self.pid, signal.SIGKILL)
