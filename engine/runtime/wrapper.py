"""Runs one script in its own process, a fork of a zygote, as its `__main__` in the job's folder.
Standard library only, and as little of that as can be before the script itself asks.

The engine writes one byte to the `lifeline` pipe once this process is on record, and keeps its end
open for as long as it lives: a closed pipe means the engine is gone, and so must be the job.
"""

from __future__ import annotations

import _io
import _signal  # type: ignore[import-not-found]  # `signal` alone takes 6 ms
import _thread
import json
import os
import sys
from contextlib import suppress
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from itertools import islice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType, ModuleType
    from typing import Any

FOLDER = "WINDMILL_IS_FOLDER"


class Terminated(BaseException):
    """Raised in the main thread on SIGTERM, so that `finally` blocks of the script run."""


def on_terminate(number: int, frame: FrameType | None) -> None:
    raise Terminated


def guard(lifeline: int) -> None:
    os.set_inheritable(lifeline, False)
    if not os.read(lifeline, 1):
        os._exit(1)
    _thread.start_new_thread(die_with_engine, (lifeline,))


def die_with_engine(lifeline: int) -> None:
    while os.read(lifeline, 1):
        pass
    os.killpg(0, _signal.SIGKILL)


class Server:
    """Sources of other scripts, over one kept connection. `http.client` takes longer to import
    than all requests of a job together."""

    def __init__(self) -> None:
        self.reader: Any = None
        self.sources: dict[str, str | None] = {}

    def source(self, path: str) -> str | None:
        if path not in self.sources:
            self.sources[path] = self.fetch(path)
        return self.sources[path]

    def connect(self) -> None:
        import socket

        host, _, port = os.environ["BASE_INTERNAL_URL"].removeprefix("http://").rpartition(":")
        self.connection = socket.create_connection((host, int(port)), timeout=60)
        self.reader = self.connection.makefile("rb")

    def fetch(self, path: str) -> str | None:
        if self.reader is None:
            self.connect()
        quoted = "".join(
            c if c.isascii() else "".join(f"%{b:02X}" for b in c.encode()) for c in path
        )
        where = f"/api/w/{os.environ['WM_WORKSPACE']}/scripts/raw/p/{quoted}.py?cache_folders=true"
        bearer = f"Authorization: Bearer {os.environ['WM_TOKEN']}"
        request = f"GET {where} HTTP/1.1\r\nHost: engine\r\n{bearer}\r\n\r\n"
        self.connection.sendall(request.encode())
        status = int(self.reader.readline().split()[1])
        length = 0
        while (line := self.reader.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        text: str = self.reader.read(length).decode()
        if status not in (200, 404):
            raise ImportError(f"cannot fetch {path} from the server: {status} {text}")
        return text if status == 200 else None


class Importer:
    """Finds `f.…` and `u.…` on the server when they are not in the job folder."""

    def __init__(self) -> None:
        self.server = Server()

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if name not in ("f", "u") and not name.startswith(("f.", "u.")):
            return None
        where = name.replace(".", "/")
        source = self.server.source(where) if "." in name else FOLDER
        if source is None:
            return None
        if source == FOLDER:
            return ModuleSpec(name, None, is_package=True)
        spec = ModuleSpec(name, self, origin=f"{where}.py")  # type: ignore[arg-type]  # a duck
        spec.has_location = True
        return spec

    def create_module(self, spec: ModuleSpec) -> None:
        return None

    def get_source(self, name: str) -> str:
        return self.server.source(name.replace(".", "/")) or ""

    def exec_module(self, module: ModuleType) -> None:
        where = module.__name__.replace(".", "/")
        code = compile(self.get_source(module.__name__), f"{where}.py", "exec", dont_inherit=True)
        exec(code, module.__dict__)  # noqa: S102 (a loader's task)


class Script:
    """Finds the script and the folders it stands in, with no search along the path. It runs once:
    what it compiles to is kept for nobody."""

    def __init__(self, module: str) -> None:
        self.module = module

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if not f"{self.module}.".startswith(f"{name}."):
            return None
        place = in_folder(name.replace(".", "/"))
        if name != self.module:
            spec = ModuleSpec(name, None, is_package=True)
            spec.submodule_search_locations = [place]
            return spec
        found: Any = spec_from_file_location(name, f"{place}.py")
        found.loader.set_data = lambda *written, **how: None
        return found  # type: ignore[no-any-return]


def convert(value: Any, annotation: Any) -> Any:
    name = getattr(annotation, "__name__", annotation)
    if not isinstance(value, str) or name not in ("bytes", "datetime", "date"):
        return value
    if name == "bytes":
        from base64 import b64decode

        return b64decode(value)
    from datetime import datetime

    moment = datetime.fromisoformat(value)
    return moment if name == "datetime" else moment.date()


TAKES_ANY = 0x08  # inspect.CO_VARKEYWORDS
CALL_DEFAULT = "<function call>"


def call_arguments(main: Any, args: dict[str, Any]) -> dict[str, Any]:
    while hasattr(main, "__wrapped__"):
        main = main.__wrapped__
    if not hasattr(main, "__code__"):
        return {}
    first, last = main.__code__.co_posonlyargcount, main.__code__.co_argcount
    names = main.__code__.co_varnames[first:last]  # by name is how all are given
    required = len(names) - len(main.__defaults__ or ())
    given = {name: value for name, value in args.items() if value not in (None, CALL_DEFAULT)}
    return (given if main.__code__.co_flags & TAKES_ANY else {}) | {
        name: convert(args.get(name), main.__annotations__.get(name))
        for index, name in enumerate(names)
        if index < required or name in given
    }


KEPT_WHOLE = (str, bytes, bytearray, dict, list, tuple, set, frozenset, range)


def streamed(value: Any) -> Any:
    """What can be walked through is a stream of texts; the result is all of them."""
    if isinstance(value, (*KEPT_WHOLE, type)) or (type(value).__name__ == "DataFrame"):
        return value
    if not hasattr(value, "__iter__"):
        return value
    whole = ""
    for piece in value:
        sys.stdout.write(f"WM_STREAM: {piece.replace(chr(10), chr(92) + 'n')}\n")
        whole += piece
    return whole or None


def plain(value: Any) -> Any:
    """NaN and infinities become null."""
    if isinstance(value, float):
        return value if value - value == 0 else None
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value


def encode(value: Any) -> Any:
    if isinstance(value, bytes):
        from base64 import b64encode

        return b64encode(value).decode()
    return value.values.tolist() if (type(value).__name__ == "DataFrame") else str(value)


def as_text(outcome: dict[str, Any], nul: str = " null ") -> str:
    """As the server can keep it: no NaN, no infinity, no NUL."""
    text = json.dumps(outcome, default=encode)
    if "NaN" in text or "Infinity" in text:
        text = json.dumps(plain(outcome), default=encode)
    return without_nul(text, nul) if "\\u0000" in text else text


def without_nul(text: str, instead: str) -> str:
    import re  # an escape that a backslash before it makes a plain text is left alone

    return re.sub(r"(?<!\\)((?:\\\\)*)\\u0000", rf"\1{instead}", text)


class Unready(Exception):
    """The script could not even be loaded."""


def load(spec: dict[str, Any], name: str) -> Any:
    try:
        __import__(spec["module"])
    except Exception as error:
        raise Unready from error
    module = sys.modules[spec["module"]]
    function = getattr(module, name)
    if not callable(function):
        raise ValueError(f"{name} function is missing")
    return function


def run_main(spec: dict[str, Any]) -> Any:
    args = read("args.json")
    main = load(spec, spec["function"])
    if spec["preprocesses"]:
        args = preprocessed(load(spec, "preprocessor"), args)
    return streamed(main(**call_arguments(main, args)))


def preprocessed(function: Any, event: dict[str, Any]) -> dict[str, Any]:
    """The arguments of `main`, as they are kept with the job."""
    made = function(**call_arguments(function, event))
    if not isinstance(made, dict):
        told = "the embedded engine knows no arguments that are no dictionary"
        raise TypeError(f"preprocessor returned {type(made).__name__}: {told}")
    write("prepared.json", as_text(made))
    args: dict[str, Any] = read("prepared.json")
    return args


def explain(error: BaseException, spec: dict[str, Any]) -> str:
    if not isinstance(error, ModuleNotFoundError) or not error.name:
        return str(error)
    root = error.name.partition(".")[0]
    if root in ("f", "u"):
        return f"{error}: no script of that path is deployed"
    return (
        f"No module named {error.name!r}. A job has the standard library and the packages of its "
        f"script's lock ({spec['packages'] or 'it is empty'}), nothing of the machine it runs on. "
        f"Add the package that provides {root!r} to the lock of {spec['path']} and push it again."
    )


def describe(error: BaseException, spec: dict[str, Any]) -> dict[str, Any]:
    import traceback

    shown = traceback.TracebackException.from_exception(error)
    here = describe.__code__.co_filename
    frames = [frame for frame in shown.stack if frame.filename != here]
    shown.stack = traceback.StackSummary.from_list(
        [frame for frame in frames if not frame.filename.startswith("<frozen importlib")]
    )
    described: dict[str, Any] = {"name": type(error).__name__, "message": explain(error, spec)}
    extra = {key: value for key, value in vars(error).items() if not key.startswith("_")}
    if extra and not isinstance(error, OSError | ImportError):
        described["extra"] = extra
    return described | {"stack": "".join(shown.format())}


def serializable(failed: dict[str, Any]) -> dict[str, Any]:
    text = json.dumps(failed.get("extra"), default=encode)
    told = {"message": f"Non serializable error: {json.dumps(failed, default=encode)}"}
    return told if "NaN" in text or "Infinity" in text else failed


def not_loaded(error: BaseException, spec: dict[str, Any]) -> dict[str, Any]:
    told = describe(error, spec)
    sys.stderr.write(told["stack"])
    if isinstance(error, SyntaxError):
        message = f"execution error:\nError: Error parsing code: {error}"
        return {"name": "ExecutionErr", "message": message}
    message = f'exit code for "python run": 1, last log lines:\n{told["stack"]}'
    return {"name": "ExecutionErr", "message": f"{message}{hint(told)}", "exit_code": 1}


def hint(told: dict[str, Any]) -> str:
    """What the traceback does not say already."""
    message: str = told["message"]
    return "" if told["stack"].rstrip().endswith(message) else message


def attempt(spec: dict[str, Any]) -> str:
    failed: dict[str, Any]
    try:
        return as_text({"success": True, "result": run_main(spec)})
    except Terminated:
        sys.stdout.flush()
        end_by(_signal.SIGTERM)
    except Unready as error:
        failed = not_loaded(error.__cause__ or error, spec)
    except SystemExit as error:
        failed = {"name": "SystemExit", "message": str(error), "stack": ""}
    except BaseException as error:  # noqa: BLE001 (whatever a script raises is its result)
        failed = describe(error, spec)
        sys.stderr.write(failed["stack"])
    return as_text({"success": False, "result": {"error": serializable(failed)}}, nul="")


def imported(names: list[str]) -> list[str]:
    """Of Python and of the packages of the lock; none that are the script's own."""
    return [
        name
        for name in reversed(names)
        if comes_from(getattr(sys.modules[name], "__spec__", None), name)
    ]


def comes_from(spec: Any, name: str) -> bool:
    if getattr(spec, "name", None) != name or not isinstance(spec.origin, str):
        return False
    return not spec.has_location or spec.origin.startswith(tuple(map(str, sys.path[1:])))


def in_folder(name: str) -> str:
    """The script may have gone elsewhere."""
    return os.path.join(os.path.dirname(__file__), name)


def read(name: str) -> Any:
    with open(in_folder(name)) as file:
        return json.load(file)


def write(name: str, text: str) -> None:
    """Whole or not at all."""
    path = in_folder(name)
    with open(f"{path}.new", "w") as file:
        file.write(text)
    os.rename(f"{path}.new", path)


def end(modules: list[str]) -> None:
    """As Python ends, but for what was there before the fork: taking that apart copies it, page by
    page, and takes longer than all the rest of a small step."""
    import atexit
    import ctypes
    import gc

    if threading := sys.modules.get("threading"):
        threading._shutdown()
    atexit._run_exitfuncs()
    flush(gc.get_objects())  # collected as a ring, the file below a stream may close first
    for name in modules:
        sys.modules.pop(name, None)
    gc.collect()
    flush([sys.stdout])
    ctypes.PyDLL(None).exit(0)


def flush(things: list[Any]) -> None:
    for thing in things:
        with suppress(OSError, ValueError):
            if isinstance(thing, _io._IOBase) and not thing.closed and thing.writable():
                thing.flush()


def run_bash(args: list[str]) -> None:
    """In our process group; its end is ours."""
    command = ["bash", "-e", "main.sh", *args]
    child = os.posix_spawnp("bash", command, os.environ)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code < 0:
        end_by(-code)
    os._exit(code)


def end_by(number: int) -> None:
    if number != _signal.SIGKILL:
        _signal.signal(number, _signal.SIG_DFL)
    os.kill(os.getpid(), number)


def main(lifeline: int) -> None:
    guard(lifeline)
    _signal.signal(_signal.SIGTERM, on_terminate)
    spec = read("job.json")
    if "bash" in spec:
        run_bash(spec["bash"])
    sys.meta_path[:] = [Script(spec["module"]), *sys.meta_path, Importer()]
    before = len(sys.modules)
    write("result.json", attempt(spec))
    new = [*islice(reversed(sys.modules), len(sys.modules) - before)]
    if names := imported(new):
        write("imports.json", json.dumps(names))
    end(new)
