"""What to type next: a command that what was deployed answers, and never one that it refuses."""

import shlex
from collections.abc import Iterator, Mapping
from typing import Any

# By what arrives at the endpoint of the drawing; of a predictor, by the component that made it.
COMMANDS: Mapping[str, str] = {
    "chat": 'mlops chat {name} "your question"',
    "completions": 'mlops ask {name} "your question"',
    "embedder": 'mlops ask {name} "your text"',
    "summarizer": "mlops ask {name} --file report.pdf",
    "predictor": "mlops predict {name}   # what it takes, with an example",
    "job": "mlops ask {name} --out answers.csv",
    "report": "mlops ask {name}",
}
PREDICTORS: Mapping[str, str] = {
    "text-classifier": 'mlops ask {name} "your text"',
    "image-classifier": "mlops ask {name} --file picture.png",
    "speech-to-text": "mlops ask {name} --file recording.ogg",
    "forecaster": "mlops ask {name} --horizon 7",
}


def next_lines(name: str, served: Mapping[str, str]) -> Iterator[str]:
    """`served`: the component by the port that it is connected to, of one that is live."""
    for port in COMMANDS:
        if port in served:
            yield PREDICTORS.get(served[port], COMMANDS[port]).format(name=name)
            return


def after_plan(plan: Mapping[str, Any], command: list[str]) -> str:
    """`command` deploys it. Empty where it would be refused: the plan says what mends that."""
    from windmill.scripts.model.cost.prices import as_limit

    if plan["action"] == "refused":
        return ""
    if plan["action"] == "nothing":
        return f"mlops status {plan['name']}"
    is_asked = plan["hourly_usd"] and plan["max_hourly_usd"] is None
    allowed = ["--max-hourly", as_limit(plan["hourly_usd"])] if is_asked else []
    return shlex.join([*command, *allowed])


def after_status(status: Mapping[str, Any], served: Mapping[str, str]) -> str:
    """Empty where what is waited for, or what failed, is told with its command already."""
    if status["state"] in ("queued", "deploying", "destroying"):
        return f"mlops status {status['id']} --watch"
    if status["state"] == "destroyed":
        entry = status["entry"].rpartition("/")[2]
        return f"mlops deploy {entry} --plan" if entry else ""
    if status["state"] != "live":
        return ""
    parts = [f"mlops status {made['name']}" for made in status["deployments"]]
    return next(iter([*next_lines(status["name"], served), *parts[:1]]), "")
