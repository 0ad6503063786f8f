"""What a script may import: a bare interpreter and the packages of its own lock, both cached."""

import asyncio
import hashlib
import platform
import re
import shutil
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import uv

from engine.errors import JobError, excerpt
from engine.runtime.environment import clean_environment
from engine.runtime.hashes import Hashes, hashed

_MINOR = re.compile(r"^#\s*py:\s*[^\d\n]*(\d+\.\d+)", re.MULTILINE)
RUNNING_MINOR = ".".join(platform.python_version_tuple()[:2])


def wanted_minor(lock: str, code: str) -> str:
    found = _MINOR.search(lock) or _MINOR.search(code)
    return found.group(1) if found else RUNNING_MINOR


def requirements(lock: str) -> str:
    lines = (
        line for line in lock.splitlines() if line.strip() and not line.lstrip().startswith("#")
    )
    return "\n".join(lines)


def package_names(lock: str) -> list[str]:
    names = (re.match(r"[A-Za-z0-9][\w.\-]*", line) for line in requirements(lock).splitlines())
    return [found.group(0) for found in names if found]


def publish(made: Path, target: Path) -> None:
    try:
        made.rename(target)
    except OSError:
        if not target.exists():  # otherwise another engine on this cache was faster
            raise


class Packages:
    def __init__(self, cache: Path, hashes: Hashes) -> None:
        self._cache, self._hashes = cache, hashes
        self._uv = uv.find_uv_bin()
        self._interpreters: dict[str, tuple[Path, str]] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def interpreter(self, minor: str) -> tuple[Path, str]:
        """The interpreter, and what to tell about it when it is not the wanted one."""
        if minor not in self._interpreters:
            self._interpreters[minor] = await self._find(minor)
        return self._interpreters[minor]

    async def _find(self, minor: str) -> tuple[Path, str]:
        if minor == RUNNING_MINOR:
            return await self._environment(minor, sys.executable), ""
        code, base = await self._run("python", "find", "--no-project", minor)
        if code == 0:
            return await self._environment(minor, base.strip()), ""
        python, _ = await self.interpreter(RUNNING_MINOR)
        return python, f"python {minor} is not installed here; running with {RUNNING_MINOR}\n"

    async def _environment(self, minor: str, base: str) -> Path:
        target = self._cache / "python" / minor
        async with self._locks[str(target)]:
            if not (target / "bin" / "python").exists():
                await self._build(target, "venv", "--quiet", "--no-project", "--python", base)
        return target / "bin" / "python"

    async def folder(self, lock: str, python: Path, minor: str) -> Path | None:
        wanted = hashed(requirements(lock), self._hashes)
        if not wanted:
            return None
        key = hashlib.sha256(f"{minor}\n{wanted}".encode()).hexdigest()[:32]
        target = self._cache / "deps" / key
        async with self._locks[key]:
            if not target.exists():
                await self._install(target, wanted, python)
        return target

    async def _install(self, target: Path, wanted: str, python: Path) -> None:
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
            file.write(wanted + "\n")
            file.flush()
            arguments = ("pip", "install", "--quiet", "--no-deps", "--compile-bytecode")
            await self._build(
                target, *arguments, "--python", str(python), "-r", file.name, "--target"
            )

    async def _build(self, target: Path, *command: str) -> None:
        """uv writes beside the target, one rename publishes: a kill leaves no half folder."""
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=".new-", dir=target.parent))
        try:
            code, output = await self._run(*command, str(fresh / "it"))
            if code != 0:
                told = f"execution error:\nuv {command[0]} failed:\n{excerpt(output)}"
                raise JobError("ExecutionErr", told)
            publish(fresh / "it", target)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)

    async def _run(self, *arguments: str) -> tuple[int, str]:
        process = await asyncio.create_subprocess_exec(
            self._uv,
            *arguments,
            cwd="/",
            env=clean_environment(),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            output, _ = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
        return process.returncode or 0, output.decode(errors="replace")
