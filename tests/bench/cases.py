"""What is measured, beside whom, and against which floor."""

import json
import subprocess
import sys
import time
from pathlib import Path

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
    """First with cold environments, then warm; each from pressing Deploy to the first answer."""
    lines = ["Deploy pressed → first answer"]
    for title in ("first on this machine's caches", "again, caches warm"):
        started = time.perf_counter()
        live = platform.json(
            "deploy", "rag-chatbot", "--target", "local", "--set", f"documents={EXAMPLES}"
        )
        deployed = time.perf_counter()
        httpx.post(
            f"{live['endpoint_url']}/chat", json={"question": QUESTION}, timeout=60
        ).raise_for_status()
        ended = time.perf_counter()
        steps = platform.json("status", live["deployment_id"])["steps"]
        phases = ", ".join(f"{step['id']} {step['seconds']:.1f}" for step in steps)
        lines.append(
            f"  {title:34} {ended - started:8.1f} s  ({phases}, answer {ended - deployed:.1f})"
        )
        floor = bare_start(platform, live["deployment_id"])
        platform.run("destroy", live["deployment_id"], "--yes")
        lines.append(f"  {'floor: the same processes by hand':34} {floor:8.1f} s")
        lines.append(f"  {'':34} ours is {(ended - started) / floor:.2f} ×")
    return "\n".join(lines)
