"""One job's process group: started on a lifeline, listened to, stopped."""

import asyncio
import codecs
import contextlib
import os
import signal
from collections.abc import Callable
from pathlib import Path

_FLUSH_SECONDS = 0.25
_CHUNK = 65536
_TAIL = 4000


class LogSink:
    """Collects output and hands it on in batches; says once when the cap is reached."""

    def __init__(self, write: Callable[[str], None], cap: int) -> None:
        self._write, self._left, self._buffer = write, cap, ""
        self.tail = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def feed(self, data: bytes) -> None:
        text = self._decoder.decode(data)
        self.tail = (self.tail + text)[-_TAIL:]
        if self._left > 0:
            self._buffer += text[: self._left]
            if len(text) >= self._left:
                self._buffer += "\n[the log is cut here: it reached its limit]\n"
        self._left -= len(text)

    def flush(self) -> None:
        if self._buffer:
            text, self._buffer = self._buffer, ""
            self._write(text)


class JobProcess:
    def __init__(self, process: asyncio.subprocess.Process, lifeline: int, sink: LogSink) -> None:
        self._process, self._lifeline, self._sink = process, lifeline, sink
        self._stopping = False

    @classmethod
    async def start(
        cls, python: Path, folder: Path, env: dict[str, str], sink: LogSink
    ) -> "JobProcess":
        waiting, lifeline = os.pipe()
        try:
            process = await asyncio.create_subprocess_exec(
                str(python),
                str(folder / "wrapper.py"),
                str(waiting),
                cwd=folder,
                env=env,
                pass_fds=(waiting,),
                start_new_session=True,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
        except BaseException:
            os.close(lifeline)
            raise
        finally:
            os.close(waiting)
        return cls(process, lifeline, sink)

    @property
    def pid(self) -> int:
        return self._process.pid

    def let_it_run(self) -> None:
        with contextlib.suppress(BrokenPipeError):
            os.write(self._lifeline, b"g")

    async def wait(self) -> int:
        listener = asyncio.create_task(self._listen())
        flusher = asyncio.create_task(self._flush_regularly())
        try:
            code = await self._process.wait()
            signal_group(self.pid, signal.SIGKILL)
            # A daemon that left the group may hold our end of the pipe open for ever.
            await asyncio.wait([listener], timeout=1)
            return code
        finally:
            os.close(self._lifeline)
            for task in (listener, flusher):
                task.cancel()
            self._sink.flush()

    async def _listen(self) -> None:
        assert self._process.stdout
        while data := await self._process.stdout.read(_CHUNK):
            self._sink.feed(data)

    async def _flush_regularly(self) -> None:
        while True:
            await asyncio.sleep(_FLUSH_SECONDS)
            self._sink.flush()

    async def stop(self, grace: float) -> None:
        if self._stopping and grace > 0:
            return
        self._stopping = True
        if grace > 0:
            signal_group(self.pid, signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), grace)
        signal_group(self.pid, signal.SIGKILL)


def signal_group(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def kill_orphans(job_id: str, group: int) -> int:
    """Kill what an earlier engine left of a job. The environment tells whose a reused pid is."""
    import psutil  # only a recovery needs it, and it is a quarter of the time to start

    killed = 0
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, ProcessLookupError):
            if os.getpgid(process.pid) == group and process.environ().get("WM_JOB_ID") == job_id:
                process.kill()
                killed += 1
    return killed
