"""What a job's process left behind, as its result."""

import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from engine.errors import JobError
from engine.store.text import UNSTORABLE, storable

_LOG_LINES = 10


@dataclass(frozen=True)
class Ended:
    """How a process ended; `said` is the end of its log."""

    language: str
    code: int
    said: str


def python_outcome(file: Path, ended: Ended, limit: int) -> dict[str, Any]:
    """`success` and `result`. Raises JobError when there is no result."""
    if not file.exists():
        raise no_result(ended)
    size = file.stat().st_size
    if size > limit:
        told = f"the result has {size} bytes, the limit is {limit}; store it and return its place"
        raise JobError("ResultTooLarge", told)
    text = file.read_text()
    if not storable(text):
        told = f"Internal: Could not add completed job: {UNSTORABLE}"
        raise JobError("InternalErr", told, at_step=False)
    outcome: dict[str, Any] = json.loads(text, parse_float=kept_number)
    return judged(outcome["result"]) if outcome["success"] else outcome


def kept_number(text: str) -> float | int:
    """As a `jsonb` gives it back: without exponent, and so a whole number may be an integer."""
    value = float(text)
    return int(Decimal(text)) if "e" in text and value.is_integer() else value + 0.0


def judged(result: Any) -> dict[str, Any]:
    """Some results say that the job has failed."""
    if isinstance(result, dict) and isinstance(result.get("wm_failure"), str):
        error = {"name": "ManualFailure", "message": result["wm_failure"]}
        return {"success": False, "result": {"error": error, **result}}
    if _is_refusal(result):
        return {"success": False, "result": {"error": result}}
    return {"success": True, "result": result}


def _is_refusal(result: Any) -> bool:
    """A pair of labels, or none, and a text."""
    if not (isinstance(result, list) and len(result) == 2 and isinstance(result[1], str)):
        return False
    labels = result[0]
    return labels is None or (
        isinstance(labels, list) and all(isinstance(label, str) for label in labels)
    )


def no_result(ended: Ended) -> JobError:
    if ended.code == 0:
        told = "Internal: Result of job is invalid json (empty)"
        return JobError("InternalErr", told, at_step=False)
    if ended.code < 0:
        number = f"Some(\n    {-ended.code},\n)"
        told = f"process terminated by signal: {number}, stopped_signal: None, core_dumped: false"
        return JobError("ExecutionErr", f"execution error:\n{told}")
    said = "\n".join(ended.said.splitlines()[-_LOG_LINES:])
    return JobError(
        "ExecutionErr",
        f'exit code for "{ended.language} run": {ended.code}, last log lines:\n{said}',
    )


def bash_outcome(folder: Path, ended: Ended) -> dict[str, Any]:
    """`result.json`, else `result.out`, else the last line that was written."""
    if ended.code != 0:
        raise no_result(ended)
    if (file := folder / "result.json").exists():
        return judged(json.loads(file.read_text()))
    if (file := folder / "result.out").exists():
        return judged(file.read_text())
    lines = ended.said.splitlines()
    return judged(lines[-1] if lines else "")
