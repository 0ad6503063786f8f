"""Forks the jobs of one interpreter and one set of packages. Runs outside the engine, as a process
with one thread: standard library only, and as little of that as can be.

It imports what such jobs were seen to import, never code of a job. It is told the names first, and
answers `ready` or `unfit NAME`; then for each job `started ID PID` and `ended ID CODE`, or
`refused ID WHY`.
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
from importlib.machinery import SourceFileLoader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

LARGEST_MESSAGE = 1 << 20
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
    def __init__(self, name: str, files: list[int]) -> None:
        self.name = name
        self.request, self.output, self.lifeline = files

    def close(self) -> None:
        for file in (self.request, self.output, self.lifeline):
            os.close(file)

    def become(self, main: ModuleType) -> None:
        """This process as a fresh interpreter would be: its output, folder, environment, paths."""
        os.dup2(self.output, 1)
        os.dup2(self.output, 2)
        os.close(self.output)
        with open(self.request) as file:
            request = json.load(file)
        os.chdir(request["folder"])
        usual = paths_of_environment()
        os.environ.clear()
        os.environ.update(request["environment"])
        rest = [path for path in sys.path if path not in usual]
        sys.path[:] = [request["folder"], *paths_of_environment(), *rest]
        main.__file__ = os.path.join(request["folder"], "wrapper.py")
        sys.argv[:] = [main.__file__]
        sys.modules["__main__"] = main


def paths_of_environment() -> list[str]:
    return [path for path in os.environ.get("PYTHONPATH", "").split(":") if path]


class Zygote:
    def __init__(self, control: Any, said: int) -> None:
        self.control, self.said = control, said
        self.jobs: dict[int, tuple[int, str]] = {}
        self.poll = select.poll()
        self.poll.register(control, select.POLLIN)

    def tell(self, *words: object) -> None:
        self.control.send(" ".join(map(str, words)).encode())

    def serve(self) -> Job:
        """Returns in every fork, with its job; here never."""
        while True:
            for file, _ in self.poll.poll():
                if file in self.jobs:
                    self.reap(file)
                elif job := self.fork(self.receive()):
                    return job

    def receive(self) -> Job:
        size = _socket.CMSG_SPACE(FILES_OF_A_JOB * SIZE_OF_INT)
        name, sent, _, _ = self.control.recvmsg(LARGEST_MESSAGE, size, _socket.MSG_CMSG_CLOEXEC)
        if not name:
            os._exit(0)  # the engine is gone, or needs us no longer
        files = memoryview(sent[0][2]).cast("i").tolist()
        return Job(name.decode(), files)

    def fork(self, job: Job) -> Job | None:
        try:
            pid = os.fork()
        except OSError as error:
            self.tell("refused", job.name, error)
            job.close()
            return None
        if pid == 0:
            os.setsid()
            self.tell("started", job.name, os.getpid())
            self.leave()
            return job
        job.close()
        file = os.pidfd_open(pid)
        self.jobs[file] = pid, job.name
        self.poll.register(file, select.POLLIN)
        return None

    def leave(self) -> None:
        """In a fork: nothing of the zygote can be reached."""
        self.control.close()
        for file in (self.said, *self.jobs):
            os.close(file)

    def reap(self, file: int) -> None:
        pid, name = self.jobs.pop(file)
        self.poll.unregister(file)
        os.close(file)
        os.killpg(
            pid, _signal.SIGKILL
        )  # the rest of its group; before the wait its number is nobody else's
        _, status = os.waitpid(pid, 0)
        self.tell("ended", name, os.waitstatus_to_exitcode(status))


def begin(control: Any, said: int) -> Job:
    """The job of this fork."""
    for file in (control.fileno(), said):
        os.set_inheritable(file, False)
    sys.path[:] = [path for path in sys.path if path != HERE]
    zygote = Zygote(control, said)
    unfit = preload(json.loads(control.recv(LARGEST_MESSAGE)), said)
    zygote.tell(*(["unfit", unfit] if unfit else ["ready"]))
    compile("", "", "exec")  # its first use makes a hundred types
    gc.collect()
    gc.freeze()
    return zygote.serve()


def wrapper() -> ModuleType:
    """The main module of a job, complete but for its place."""
    path = os.path.join(HERE, "wrapper.py")
    main = type(sys)("__main__")
    main.__file__ = path
    code: Any = SourceFileLoader("wrapper", path).get_code("wrapper")
    exec(code, vars(main))  # noqa: S102 (it defines, and runs nothing)
    return main


def run() -> None:
    main = wrapper()
    job = begin(_socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2]))
    job.become(main)
    main.main(job.lifeline)


if __name__ == "__main__":
    run()
