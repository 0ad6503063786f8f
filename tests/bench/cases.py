"""What is measured, beside whom, and against which floor."""

import sys
import time
from pathlib import Path
from typing import Any

import httpx

from tests.bench.measure import command, interleaved, table
from tests.e2e.harness import EXAMPLES, MLOPS, Platform

QUESTION = "How many days may a rented GPU stay idle before it is returned?"
# Windmill's published figure for a trivial Python step, on another machine (1.483.1, m4.large).
WINDMILL_STEP_SECONDS = 0.11


def cold_cli(rounds: int) -> str:
    """The peer is another Python command line of this environment that prints its help."""
    measured = interleaved(
        {
            "mlops --help": command(str(MLOPS), "--help"),
            "peer: ansible-runner --help": command(
                str(Path(sys.executable).parent / "ansible-runner"), "--help"
            ),
            "floor: python -c pass": command(sys.executable, "-c", "pass"),
        },
        rounds,
    )
    return table("Command line, cold start", measured, "mlops --help")


def python_step(platform: Platform, rounds: int) -> str:
    with platform.windmill() as windmill:
        windmill.post(
            "/scripts/create",
            json={
                "path": "f/mlops/bench_nothing",
                "summary": "",
                "description": "",
                "content": "def main():\n    return 1\n",
                "language": "python3",
                "schema": {},
                "lock": "# py: 3.11",
            },
        ).raise_for_status()

        def ours() -> None:
            answer = windmill.post("/jobs/run_wait_result/p/f/mlops/bench_nothing", json={})
            assert answer.json() == 1

        measured = interleaved(
            {
                "one script on the engine": ours,
                "floor: python -c pass": command(sys.executable, "-c", "pass"),
            },
            rounds,
        )
    note = (
        f"  peer: Windmill publishes {WINDMILL_STEP_SECONDS} s for such a step, on another machine"
    )
    return table("A Python step", measured, "one script on the engine") + "\n" + note


def deploy_and_ask(platform: Platform) -> str:
    """From pressing Deploy to the first answer; the first round may still build environments."""
    lines = ["Deploy pressed → first answer"]
    for title in ("first", "again, caches warm", "again, caches warm"):
        started = time.perf_counter()
        live = platform.json(
            "deploy", "rag-chatbot", "--target", "local", "--set", f"documents={EXAMPLES}"
        )
        deployed = time.perf_counter()
        ask(platform, live)
        ended = time.perf_counter()
        floor = bare_start(platform, live)
        steps = platform.json("status", live["deployment_id"])["steps"]
        platform.run("destroy", live["deployment_id"], "--yes")
        phases = ", ".join(f"{step['id']} {step['seconds']:.1f}" for step in steps)
        lines.append(f"  {title:34} {ended - started:8.1f} s  floor {floor:.1f} s: the same")
        lines.append(f"  {'':34} processes alone; ours is {(ended - started) / floor:.2f} ×")
        lines.append(f"  {'':34} {phases}, answer {ended - deployed:.1f}")
    return "\n".join(lines)


def bare_start(platform: Platform, live: dict[str, Any]) -> float:
    """The same processes with the platform out of the way: killed, and up again by themselves."""
    started = time.perf_counter()
    for process in platform.processes_of(live["deployment_id"]):
        if "supervisord" not in " ".join(process.cmdline()):
            process.kill()
    time.sleep(0.5)  # the killed processes' sockets may still accept for a moment
    while True:
        try:
            ask(platform, live)
            return time.perf_counter() - started
        except httpx.HTTPError:
            time.sleep(0.1)


def ask(platform: Platform, live: dict[str, Any]) -> None:
    with platform.api(live["deployment_id"]) as api:
        api.post("/chat", json={"question": QUESTION}).raise_for_status()
