import asyncio
import shutil
import time

SECONDS_BETWEEN = 5.0
QUERY = ("--query-gpu=utilization.gpu", "--format=csv,noheader,nounits")


class Gpu:
    """How busy the machine's GPUs are, by nvidia-smi; nothing where there is none."""

    def __init__(self) -> None:
        self._tool = shutil.which("nvidia-smi")
        self._read_at = float("-inf")
        self._percent: float | None = None

    async def percent(self) -> float | None:
        if self._tool and time.monotonic() - self._read_at > SECONDS_BETWEEN:
            self._read_at = time.monotonic()
            self._percent = await _read(self._tool)
        return self._percent


async def _read(tool: str) -> float | None:
    # The reader of a metric must never fail for want of one.
    try:
        return await _ask(tool)
    except (OSError, TimeoutError, ValueError):
        return None


async def _ask(tool: str) -> float | None:
    process = await asyncio.create_subprocess_exec(
        tool, *QUERY, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(SECONDS_BETWEEN):
            output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    values = [float(line) for line in output.split()]
    return sum(values) / len(values) if values else None
