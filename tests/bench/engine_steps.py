"""The engine alone: what a step costs, and how soon one begins, beside a process and a fork."""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.bench.measure import Measured, Run, command, interleaved, table
from tests.engine.conftest import EngineProcess, Windmill

NOTHING = "def main():\n    return 1\n"
PYDANTIC = "import pydantic\ndef main():\n    return 1\n"
PYDANTIC_LOCK = Path("requirements/scripts.lock")
NOW = "import time\ndef main():\n    return time.time()\n"
STEPS = 100
A_SECOND = 50


def engine_steps(rounds: int) -> str:
    with tempfile.TemporaryDirectory(prefix="mlops-") as folder, _engine(Path(folder)) as windmill:
        python = str(Path(folder, "cache", "python", "3.11", "bin", "python"))
        for name, code in (("nothing", NOTHING), ("now", NOW)):
            windmill.script(f"f/bench/{name}", code)
        windmill.script("f/bench/pydantic", PYDANTIC, _lock_of("pydantic"))
        _answer(windmill, "nothing")()
        return "\n".join(
            [
                _cold(Path(folder), python, rounds),
                _warm(windmill, python, rounds),
                _flows(windmill, rounds // 3),
                _starts(windmill),
            ]
        )


@contextmanager
def _engine(folder: Path) -> Iterator[Windmill]:
    process = EngineProcess(folder / "engine", folder / "cache", ["--kill-grace", "1"])
    windmill = process.start()
    assert windmill, (folder / "engine" / "log").read_text()
    try:
        yield windmill
    finally:
        process.stop()


def _lock_of(package: str) -> str:
    """The package and what it needs, as the scripts' own lock pins them."""
    needed = (package, "pydantic-core", "annotated-types", "typing-extensions", "typing-inspection")
    lines = (line.split(" ")[0] for line in PYDANTIC_LOCK.read_text().splitlines())
    return "\n".join(line for line in lines if line.partition("==")[0] in needed)


def _answer(windmill: Windmill, name: str) -> Run:
    def run() -> Any:
        path = f"/jobs/run_wait_result/p/f/bench/{name}"
        return windmill.http.post(path, json={}).raise_for_status().json()

    return run


def _cold(folder: Path, python: str, rounds: int) -> str:
    """An engine that has just started, with interpreter and packages on its disk."""
    first, spawn = [], command(python, "-c", "pass")
    for number in range(rounds):
        with _engine(_beside(folder, f"first-{number}")) as windmill:
            windmill.script("f/bench/nothing", NOTHING)
            first.append(_seconds(_answer(windmill, "nothing")))
    _first_of_locks(_beside(folder, "installs"), rounds)
    of_lock = _first_of_locks(_beside(folder, "installed"), rounds)
    measured = {
        "the first step of an engine": _measured(first),
        "the first step with its lock": _measured(of_lock),
        "floor: python -c pass": _measured([_seconds(spawn) for _ in range(rounds)]),
    }
    return table("A cold Python step", measured, "the first step with its lock")


def _beside(folder: Path, name: str) -> Path:
    """For an engine that shares the cache of the one in `folder`."""
    where = folder / name
    where.mkdir()
    (where / "cache").symlink_to(folder / "cache")
    return where


def _first_of_locks(folder: Path, rounds: int) -> list[float]:
    with _engine(folder) as windmill:
        windmill.script("f/bench/nothing", NOTHING)
        _answer(windmill, "nothing")()
        for number in range(rounds):
            lock = f"nothing-{number} ; sys_platform == 'win32'"
            windmill.script(f"f/bench/lock_{number}", NOTHING, lock)
        return [_seconds(_answer(windmill, f"lock_{number}")) for number in range(rounds)]


def _warm(windmill: Windmill, python: str, rounds: int) -> str:
    for _ in range(5):
        _answer(windmill, "pydantic")()
        time.sleep(0.5)
    site = _site_of_pydantic()
    measured = interleaved(
        {
            "a Python step, asked and answered": _answer(windmill, "nothing"),
            "one that imports pydantic": _answer(windmill, "pydantic"),
            "floor: python -c pass": command(python, "-c", "pass"),
            "floor: python -c 'import pydantic'": command(
                python, "-c", "import pydantic", env={"PYTHONPATH": site}
            ),
            "floor: a bare fork": _fork,
        },
        rounds * 3,
    )
    return table("A warm Python step", measured, "a Python step, asked and answered")


def _site_of_pydantic() -> str:
    import pydantic

    return str(Path(pydantic.__file__).parents[1])


def _fork() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def _flows(windmill: Windmill, rounds: int) -> str:
    script = {"type": "script", "path": "f/bench/nothing", "input_transforms": {}}
    kinds = {
        "Python steps": script,
        "steps that run nothing": {"type": "identity"},
    }
    for name, value in kinds.items():
        steps = [{"id": f"s{number}", "value": value} for number in range(STEPS)]
        windmill.flow(f"f/bench/{name.replace(' ', '_')}", {"modules": steps})

    def flow(name: str) -> Run:
        path = f"/jobs/run_wait_result/f/f/bench/{name.replace(' ', '_')}"
        return lambda: windmill.http.post(path, json={}, timeout=120).raise_for_status()

    def forks() -> None:
        for _ in range(STEPS):
            _fork()

    contenders = {name: flow(name) for name in kinds} | {"floor: bare forks": forks}
    measured = interleaved(contenders, rounds)
    lines = [f"One flow of {STEPS}"]
    lines += [
        f"  {name:34} {figure.median / STEPS * 1000:8.2f} ms each"
        for name, figure in measured.items()
    ]
    return "\n".join(lines)


def _starts(windmill: Windmill, seconds: int = 10) -> str:
    """Open loop: a start is due every fiftieth of a second whatever became of those before."""
    begun = time.time() + 0.1
    due = [begun + number / A_SECOND for number in range(A_SECOND * seconds)]

    def start(at: float) -> float:
        time.sleep(max(0.0, at - time.time()))
        posted = time.time()
        result: float = windmill.http.post("/jobs/run_wait_result/p/f/bench/now", json={}).json()
        return result - posted

    with ThreadPoolExecutor(16) as pool:
        taken = sorted(pool.map(start, due))
    p50, p99 = statistics.median(taken), taken[int(len(taken) * 0.99) - 1]
    return (
        f"POST → the script's first line, {A_SECOND} a second\n"
        f"  p50 {p50 * 1000:.1f} ms, p99 {p99 * 1000:.1f} ms, slowest {taken[-1] * 1000:.1f} ms"
    )


def _seconds(run: Run) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def _measured(taken: list[float]) -> Measured:
    return Measured(statistics.median(taken), min(taken), max(taken))


if __name__ == "__main__":
    print(f"{os.cpu_count()} cores, load average before {os.getloadavg()[0]:.2f}")
    print(engine_steps(rounds=int([*sys.argv, "10"][1])))
    print(f"load average after {os.getloadavg()[0]:.2f}")
