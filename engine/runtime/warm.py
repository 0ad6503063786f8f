"""Interpreters that are ready: a zygote for each set of packages, which imports what the jobs with
these packages were seen to import."""

import asyncio
import contextlib
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from engine.errors import JobError
from engine.runtime.zygotes import Fork, Unfit, Zygote, ZygoteEnded

_MOST_LINES = 8
_IDLE_SECONDS = 600.0
_GATHER_SECONDS = 0.25
_READY_SECONDS = 60.0
_MOST_UNFIT = 8
_STARTS_WITH_PYTHON = {"sitecustomize", "usercustomize"}


@dataclass(frozen=True)
class Interpreter:
    """`packages`: the folder of those of a lock; none for the standard library alone."""

    python: Path
    packages: Path | None = None

    @cached_property
    def bare(self) -> "Interpreter":
        """The one whose forks can become this one, by its packages on their path."""
        return self if self._changes_python() else Interpreter(self.python)

    def _changes_python(self) -> bool:
        if self.packages is None:
            return False
        names = {entry.name.partition(".")[0] for entry in self.packages.iterdir()}
        return not names.isdisjoint(sys.stdlib_module_names | _STARTS_WITH_PYTHON)


class Line:
    """The zygotes of one interpreter, one after the other, each with more modules."""

    def __init__(self, start: Callable[[list[str]], Zygote]) -> None:
        self._start = start
        self._zygote: Zygote | None = None
        self._seen: dict[str, None] = {}
        self._unfit: set[str] = set()
        self._complete = False
        self._growth: asyncio.Task[None] | None = None

    def ready(self) -> Zygote | None:
        return self._zygote if self._zygote and self._zygote.alive else None

    def started(self) -> Zygote:
        """One that is to import nothing can be asked at once."""
        self._zygote = self.ready() or self._start([])
        return self._zygote

    def learn(self, names: Iterable[str]) -> None:
        new = [name for name in names if name not in self._seen]
        self._seen |= dict.fromkeys(new)
        if any(map(self._fit, new)) and not self._complete and self._growth is None:
            self._growth = asyncio.create_task(self._grow())

    def _fit(self, name: str) -> bool:
        return not any(f"{name}.".startswith(f"{unfit}.") for unfit in self._unfit)

    async def _grow(self) -> None:
        try:
            known = 0
            while known < len(self._seen):
                await asyncio.sleep(_GATHER_SECONDS)
                known = len(self._seen)
                await self._replace()
        except (TimeoutError, ZygoteEnded):
            self._complete = True
        finally:
            self._growth = None

    async def _replace(self) -> None:
        """The old one serves until the new one has imported all that is fit."""
        successor = None
        while successor is None:
            names = [name for name in self._seen if self._fit(name)]
            try:
                successor = await self._prepared(names)
            except Unfit as found:
                self._avoid(found.module, names)
        if self._zygote:
            self._zygote.retire()
        self._zygote = successor

    async def _prepared(self, names: list[str]) -> Zygote:
        zygote = self._start(names)
        try:
            await asyncio.wait_for(zygote.ready, _READY_SECONDS)
        except BaseException:
            zygote.retire()
            raise
        return zygote

    def _avoid(self, unfit: str, names: list[str]) -> None:
        """After too many, what was imported before this one is enough."""
        self._unfit.add(unfit)
        if len(self._unfit) > _MOST_UNFIT:
            self._seen = dict.fromkeys(names[: names.index(unfit)])
            self._complete = True

    def retire(self) -> None:
        if self._growth:
            self._growth.cancel()
        if self._zygote:
            self._zygote.retire()


class WarmInterpreters:
    """The most recently used lines; one that nobody asked for a while ends, and begins anew."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._lines: dict[Interpreter, Line] = {}
        self._idle: dict[Interpreter, asyncio.TimerHandle] = {}

    async def fork(
        self,
        interpreter: Interpreter,
        folder: Path,
        environment: Mapping[str, str],
        output: int,
        lifeline: int,
    ) -> Fork:
        """Raises JobError when there is no process to have."""
        for _ in range(2):
            zygote = self._line(interpreter).ready() or self._line(interpreter.bare).started()
            with contextlib.suppress(ZygoteEnded):
                return await zygote.fork(folder, environment, output, lifeline)
        raise JobError("ExecutionErr", f"execution error:\n{interpreter.python} does not start")

    def start(self, interpreter: Interpreter) -> None:
        self._line(interpreter).started()

    def learn(self, interpreter: Interpreter, names: Iterable[str]) -> None:
        self._line(interpreter).learn(names)

    def retire(self) -> None:
        for interpreter in list(self._lines):
            self._retire(interpreter)

    def _line(self, interpreter: Interpreter) -> Line:
        line = self._lines.pop(interpreter, None) or Line(
            lambda modules: Zygote(interpreter.python, self._told(interpreter), modules)
        )
        self._lines[interpreter] = line
        if len(self._lines) > _MOST_LINES:
            self._retire(next(iter(self._lines)))
        if interpreter in self._idle:
            self._idle[interpreter].cancel()
        loop = asyncio.get_running_loop()
        self._idle[interpreter] = loop.call_later(_IDLE_SECONDS, self._retire, interpreter)
        return line

    def _retire(self, interpreter: Interpreter) -> None:
        self._idle.pop(interpreter).cancel()
        self._lines.pop(interpreter).retire()

    def _told(self, interpreter: Interpreter) -> dict[str, str]:
        packages = interpreter.packages
        return {**self._environment, **({"PYTHONPATH": str(packages)} if packages else {})}
