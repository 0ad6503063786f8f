"""Answers of deployed pipelines, as lines for people."""

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from cli.terminal import console
from windmill.scripts.model.show.printable import printable

SHOWN_NUMBERS = 6
MOST_VALUES = 12
Answer = Mapping[str, Any]


def answer_lines(port: str, answer: Answer) -> Iterator[str]:
    return LINES[port](answer)


def output_lines(output: Any) -> Iterator[str]:
    """Of one prediction."""
    if not isinstance(output, Mapping):
        yield str(output)
    elif "forecast" in output:
        yield from _forecast(output)
    elif "segments" in output:
        yield from _speech(output)
    else:
        for name, value in flat(output).items():
            yield f"  {name:24} {value}"


def table_of(outputs: Sequence[Any]) -> str:
    rows = [flat(output) for output in outputs]
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = [[str(at + 1), *(row.get(name, "") for name in names)] for at, row in enumerate(rows)]
    return console.table([list(map(printable, row)) for row in cells], ["row", *names])


def flat(output: Any, name: str = "") -> dict[str, str]:
    if isinstance(output, Mapping):
        inner = [flat(value, f"{name} {key}".strip()) for key, value in output.items()]
        return {key: value for each in inner for key, value in each.items()}
    if isinstance(output, list):
        return {name: ", ".join(map(str, output))} if output else {}
    return {name or "output": "" if output is None else str(output)}


def takes_lines(name: str, takes: Mapping[str, Any], typed: Sequence[str]) -> Iterator[str]:
    """What a row is, and one that is answered."""
    yield f"{name} takes rows with these columns:"
    for column in takes["columns"]:
        yield f"  {column['name']:24} {column['kind']:10} {_seen(column)}".rstrip()
    yield ""
    yield f"  mlops predict {name} --row {' '.join(map(shlex.quote, typed))}"
    yield f"  mlops predict {name} --file rows.csv --out predicted.csv"


def _seen(column: Mapping[str, Any]) -> str:
    if "range" in column:
        low, high = column["range"]
        return f"{low:g} … {high:g}"
    values = column.get("categories", ())
    more = f" and {len(values) - MOST_VALUES} more" if len(values) > MOST_VALUES else ""
    return ", ".join(str(value) for value in values[:MOST_VALUES]) + more


def _forecast(output: Answer) -> Iterator[str]:
    head = ["time", "value", "low", "high"]
    yield console.table([[str(each[key]) for key in head] for each in output["forecast"]], head)


def _speech(output: Answer) -> Iterator[str]:
    for said in output["segments"]:
        yield f"[{said['start']:7.2f} … {said['end']:7.2f}]  {said['text']}"
    if not output["segments"]:
        yield "nobody speaks in it"


def _completion(answer: Answer) -> Iterator[str]:
    yield str(answer["choices"][0]["message"]["content"])


def _embedding(answer: Answer) -> Iterator[str]:
    numbers = answer["data"][0]["embedding"]
    first = " ".join(f"{number:.4f}" for number in numbers[:SHOWN_NUMBERS])
    yield f"{len(numbers)} numbers: {first} …   (--json gives all)"


def _summary(answer: Answer) -> Iterator[str]:
    yield answer["summary"]
    if answer["reason"]:
        yield console.dim(f"sentences of the text itself: {answer['reason']}")


def _prediction(answer: Answer) -> Iterator[str]:
    return output_lines(answer["output"])


def _run(answer: Answer) -> Iterator[str]:
    yield f"{answer['done']} rows are done, {answer['failed']} of them failed"


def _report(answer: Answer) -> Iterator[str]:
    verdict = "passed" if answer["passed"] else "did not pass"
    yield f"{verdict}: {answer['score']:.0%} right, {answer['required']:.0%} required"
    for each in answer["questions"]:
        if not each["passed"]:
            yield f"  {each['question']}"
            yield f"    {each['answer'] or each['error']}"
            yield f"    expected: {' / '.join(each['expected'])}"


LINES: Mapping[str, Callable[[Answer], Iterator[str]]] = {
    "completions": _completion,
    "embedder": _embedding,
    "summarizer": _summary,
    "predictor": _prediction,
    "job": _run,
    "report": _report,
}
