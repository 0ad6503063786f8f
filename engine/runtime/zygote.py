"""Forks the jobs of one interpreter and one set of packages. Runs outside the engine, as a process
with one thread: standard library only, and as little of that as can be.

It imports what such jobs were seen to import, never code of a job. It is told the names first, and
answers `ready` or `unfit NAME`; then for each job `started ID PID` and `ended ID CODE`.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # `signal` alone takes 6 ms
import _socket
import ctypes  # noqa: F401 (forks end by it)
import gc
import json
import os
import select
import sys
from contextlib import suppress
from importlib.util import module_from_spec, spec_from_file_location

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

LARGEST_MESSAGE = 1 << 20
LARGEST_NAME = 4096  # a write this small is whole
RETRY_MILLISECONDS = 100
FILES_OF_A_JOB = 3  # its request, its output, its lifeline
SIZE_OF_INT = 4
HERE = os.path.dirname(os.path.abspath(__file__))
OF_ONE_JOB = ("WM_", "BASE_INTERNAL_URL")
# Their state at import is random or tied to the process, and none of the signs below shows it.
TIED_TO_A_PROCESS = ("grpc", "numpy", "torch")


class Watch:
    """Tells whether an import left what jobs must not share, or did what each must do itself."""

    def __init__(self, said: int) -> None:
        self.said, self.seen = said, False
        self.files = os.listdir("/proc/self/fd")

    def __enter__(self) -> Watch:
        environ: Any = os.environ
        self.usual = [
            self.replace(environ, "encodekey", of_one_job),  # read
            self.replace(environ, "decodekey"),  # read as a whole
            self.replace(environ, "encodevalue"),  # written
            self.replace(os, "urandom"),
        ]
        if random := sys.modules.get("random"):
            self.usual.append(self.replace(random.Random, "seed"))
        return self

    def __exit__(self, *error: object) -> None:
        for where, name, function in self.usual:
            setattr(where, name, function)

    def replace(self, where: Any, name: str, telling: Any = None) -> tuple[Any, str, Any]:
        usual = getattr(where, name)

        def watched(*given: Any) -> Any:
            self.seen = self.seen or telling is None or telling(*given)
            return usual(*given)

        setattr(where, name, watched)
        return where, name, usual

    def unfit(self) -> bool:
        return bool(
            self.seen
            or len(os.listdir("/proc/self/task")) > 1
            or os.listdir("/proc/self/fd") != self.files
            or select.select([self.said], [], [], 0)[0]
            or any(name in sys.modules for name in TIED_TO_A_PROCESS)
        )


def of_one_job(key: Any) -> bool:
    return isinstance(key, str) and key.startswith(OF_ONE_JOB)


def preload(names: list[str], said: int) -> str | None:
    """The first module that must not be there before a fork."""
    if "random" in names:
        __import__("random")  # it seeds itself, and again in each fork
    with Watch(said) as watch:
        for name in names:
            try:
                __import__(name)
            except BaseException:  # noqa: BLE001 (the job shall meet it itself)
                return name
            if watch.unfit():
                return name
    return None


class Job:
    def __init__(self, files: list[int]) -> None:
        self.request, self.output, self.lifeline = files

    def become(self, main: ModuleType) -> None:
        """This process as a fresh interpreter would be: its output, folder, environment, paths."""
        os.dup2(self.output, 1)
        os.dup2(self.output, 2)
        os.close(self.output)
        with open(self.request) as file:
            request = json.load(file)
        os.chdir(request["folder"])
        usual = paths_of_environment()
        replace_environment(request["environment"])
        rest = [path for path in sys.path if path not in usual]
        sys.path[:] = [request["folder"], *paths_of_environment(), *rest]
        main.__file__ = os.path.join(request["folder"], "wrapper.py")
        sys.argv[:] = [main.__file__]
        sys.modules["__main__"] = main


def replace_environment(wanted: dict[str, str]) -> None:
    before = dict(os.environ)
    for name in before.keys() - wanted.keys():
        del os.environ[name]
    for name, value in wanted.items():
        if before.get(name) != value:
            os.environ[name] = value


def paths_of_environment() -> list[str]:
    return [path for path in os.environ.get("PYTHONPATH", "").split(":") if path]


class Zygote:
    """Has one spare fork, which waits for the next job, and reaps those that had theirs."""

    def __init__(self, control: Any, said: int) -> None:
        self.control, self.said = control, said
        self.spare: tuple[int, int] | None = None
        self.jobs: dict[int, tuple[int, str]] = {}
        self.taken, self.takes = os.pipe()
        os.set_blocking(self.taken, False)
        self.poll = select.poll()
        self.poll.register(control, 0)  # nothing but its end: the spare reads it
        self.poll.register(self.taken, select.POLLIN)

    def tell(self, *words: object) -> None:
        self.control.send(" ".join(map(str, words)).encode())

    def serve(self) -> Job:
        """Returns in every fork, with its job; here never."""
        while True:
            if self.spare is None and self.fork():
                return self.receive()
            for file, _ in self.poll.poll(None if self.spare else RETRY_MILLISECONDS):
                self.handle(file)

    def handle(self, file: int) -> None:
        if file == self.control.fileno():
            os._exit(0)  # the engine is gone, or needs us no longer
        self.note_taken()
        if file != self.taken:
            self.reap(file)

    def note_taken(self) -> None:
        """A spare that ended may have had its job since the poll looked at the pipe."""
        try:
            name = os.read(self.taken, LARGEST_NAME).decode()
        except BlockingIOError:
            return
        if self.spare:
            pid, ending = self.spare
            self.jobs[ending] = pid, name
            self.spare = None

    def fork(self) -> bool:
        """Whether this is the fork. When the system has no process to give, there is no spare."""
        try:
            pid = os.fork()
        except OSError:
            return False
        if pid == 0:
            return True
        ending = os.pidfd_open(pid)
        self.poll.register(ending, select.POLLIN)
        self.spare = pid, ending
        return False

    def receive(self) -> Job:
        """In a fork: its job. Then nothing of the zygote can be reached."""
        os.setsid()
        for file in (self.said, self.taken, *self.jobs):
            os.close(file)
        size = _socket.CMSG_SPACE(FILES_OF_A_JOB * SIZE_OF_INT)
        name, sent, _, _ = self.control.recvmsg(LARGEST_MESSAGE, size, _socket.MSG_CMSG_CLOEXEC)
        if not name:
            os._exit(0)
        os.write(self.takes, name)
        os.close(self.takes)
        self.tell("started", name.decode(), os.getpid())
        self.control.close()
        return Job(memoryview(sent[0][2]).cast("i").tolist())

    def reap(self, ending: int) -> None:
        self.poll.unregister(ending)
        os.close(ending)
        if self.spare and self.spare[1] == ending:
            os.waitpid(self.spare[0], 0)
            self.spare = None
            return
        pid, name = self.jobs.pop(ending)
        with suppress(OSError):
            # The rest of its group: until the wait, its number is nobody else's.
            os.killpg(pid, _signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        self.tell("ended", name, os.waitstatus_to_exitcode(status))


def begin(control: Any, said: int) -> Job:
    """The job of this fork."""
    for file in (control.fileno(), said):
        os.set_inheritable(file, False)
    sys.path[:] = [path for path in sys.path if path not in ("", HERE)]
    del sys.modules["zygote"]
    zygote = Zygote(control, said)
    unfit = preload(json.loads(control.recv(LARGEST_MESSAGE)), said)
    zygote.tell(*(["unfit", unfit] if unfit else ["ready"]))
    compile("", "", "exec")  # its first use makes a hundred types
    gc.collect()
    gc.freeze()
    return zygote.serve()


def wrapper() -> ModuleType:
    """The main module of a job, complete but for its place."""
    spec: Any = spec_from_file_location("__main__", os.path.join(HERE, "wrapper.py"))
    main = module_from_spec(spec)
    spec.loader.exec_module(main)
    main.__spec__ = None  # as of any script that is run
    return main


def run() -> None:
    main = wrapper()
    job = begin(_socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2]))
    job.become(main)
    main.main(job.lifeline)
