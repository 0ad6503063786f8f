"""One question for each thing that an endpoint may serve, and the JSON that it answers."""

import base64
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.actions.asking.files import content_of
from cli.actions.asking.fitting import check_given, check_sort
from cli.clients.calls import Endpoint
from cli.errors import CannotAsk, MissingInput
from windmill.scripts.model.base.errors import NoAnswer
from windmill.scripts.model.base.url_path import url_part

POLL_SECONDS = 0.5
Answer = dict[str, Any]
OnProgress = Callable[[int, int], None]
FILES = {
    "image": ("a file with an image", "picture.png"),
    "audio": ("a file with sound", "talk.ogg"),
}


@dataclass(frozen=True)
class Question:
    text: str = ""
    file: Path | None = None
    horizon: int | None = None
    again: bool = False
    out: Path | None = None

    @property
    def given(self) -> list[str]:
        return [name for name, value in vars(self).items() if value]


def complete(endpoint: Endpoint, question: Question, _: OnProgress) -> Answer:
    said = {"role": "user", "content": _text(endpoint, question)}
    models = endpoint.get("/v1/models")["data"]
    body = {"model": models[0]["id"], "messages": [said]}
    answer: Answer = endpoint.post("/v1/chat/completions", body)
    return answer


def embed(endpoint: Endpoint, question: Question, _: OnProgress) -> Answer:
    answer: Answer = endpoint.post("/v1/embeddings", {"input": _text(endpoint, question)})
    return answer


def summarize(endpoint: Endpoint, question: Question, _: OnProgress) -> Answer:
    answer: Answer = (
        endpoint.put(f"/summarize/{url_part(question.file.name)}", content_of(question.file))
        if question.file
        else endpoint.post("/summarize", {"text": _text(endpoint, question)})
    )
    return answer


def predict(endpoint: Endpoint, question: Question, _: OnProgress) -> Answer:
    takes = endpoint.get("/predict")
    check_given(endpoint.name, takes["kind"], question.given)
    check_sort(endpoint.name, takes["kind"], question.file)
    answer: Answer = endpoint.post("/predict", {"input": _input(endpoint, question, takes)})
    return answer


def run(endpoint: Endpoint, question: Question, on_progress: OnProgress) -> Answer:
    """Waits until the rows are done. Raises NoAnswer where the run failed."""
    state: Answer = endpoint.post("/batch") if question.again else endpoint.get("/batch")
    while state["status"] in ("waiting", "running"):
        on_progress(state["done"], state["total"])
        time.sleep(POLL_SECONDS)
        state = endpoint.get("/batch")
    on_progress(state["done"], state["total"])
    if state["status"] == "failed":
        fix = f"Mend that, and go on with the rows that are left: mlops ask {endpoint.name} --again"
        raise NoAnswer(name=endpoint.name, reason=state["reason"], fix=fix)
    return state


def report(endpoint: Endpoint, question: Question, _: OnProgress) -> Answer:
    if question.again:
        endpoint.post("/evaluate")
    latest: Answer = endpoint.get("/report")
    while latest["running"]:
        time.sleep(POLL_SECONDS)
        latest = endpoint.get("/report")
    return latest


QUESTIONS: Mapping[str, Callable[[Endpoint, Question, OnProgress], Answer]] = {
    "completions": complete,
    "embedder": embed,
    "summarizer": summarize,
    "predictor": predict,
    "job": run,
    "report": report,
}


def _input(endpoint: Endpoint, question: Question, takes: Mapping[str, Any]) -> Any:
    kind, name = takes["kind"], endpoint.name
    if kind == "horizon":
        return {"horizon": question.horizon} if question.horizon else {}
    if kind in FILES:
        if question.file is None:
            what, example = FILES[kind]
            raise MissingInput(names=what, fix=f"mlops ask {name} --file {example}")
        return {kind: base64.b64encode(content_of(question.file)).decode()}
    if kind == "row" and len(takes["columns"]) > 1:
        raise CannotAsk(name=name, what="rows", fix=f"mlops predict {name}")
    return _text(endpoint, question)


def _text(endpoint: Endpoint, question: Question) -> str:
    if question.text:
        return question.text
    raise MissingInput(names="a text", fix=f'mlops ask {endpoint.name} "your text"')
