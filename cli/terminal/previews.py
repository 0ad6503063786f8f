"""What a pipeline's sources would read, as a person looks at it."""

from collections.abc import Iterator
from typing import Any

from cli.terminal import console

Doc = dict[str, Any]
WIDTH = 100
PLURAL = {"address": "addresses"}


def lines(preview: Doc) -> Iterator[str]:
    """Text from people's files stands in it: the console makes it harmless."""
    if not preview["nodes"]:
        yield "This pipeline reads no data of yours."
    for number, node in enumerate(preview["nodes"]):
        if number:
            yield ""
        yield from _of_node(node)


def _of_node(node: Doc) -> Iterator[str]:
    yield f"{console.bold(node['node'])} ({node['component']}){_counted(node)}"
    if error := node["error"]:
        yield f"  deploying it would fail: {error['message']}"
        if error["fix"]:
            yield f"    {error['fix']}"
    if reading := node["reading"]:
        yield from _left_out(reading)
    if sample := node["sample"]:
        yield from _sample(sample)


def _counted(node: Doc) -> str:
    reading, sample = node["reading"], node["sample"]
    if reading:
        given = f"{reading['given']} {_plural(reading['kind'], reading['given'])}"
        return f": {reading['read']} of {given} read"
    return f": {_many(sample)}" if sample else ""


def _left_out(reading: Doc) -> Iterator[str]:
    for left in reading["listed"]:
        where = f"{left['where']}: " if left["where"] else ""
        yield f"  left out: {where}{left['reason']}"
    more = sum(reading["left_out"].values()) - sum(left["count"] for left in reading["listed"])
    if more > 0:
        yield f"  left out: {more} more"


def _sample(sample: Doc) -> Iterator[str]:
    if sample["columns"]:
        yield from _table(sample)
    elif sample["classes"]:
        rows = [[name, str(count)] for name, count in sample["classes"].items()]
        yield console.table(rows, ["CLASS", "IMAGES"])
    elif shown := sample["texts"]:
        yield f"  the first {len(shown)} of {_many(sample)}:"
        yield console.table(
            [_text(each) for each in shown], ["DOCUMENT", "PAGE", "SECTION", "TEXT"]
        )


def _table(sample: Doc) -> Iterator[str]:
    headings = [f"{column['name']} ({column['kind']})" for column in sample["columns"]]
    rows = [[_cell(value) for value in row] for row in sample["rows"]]
    yield f"  the first {len(rows)} of {_many(sample)}:"
    yield console.table(rows, headings)


def _text(each: Doc) -> list[str]:
    page = "" if each["page"] is None else str(each["page"])
    return [each["document"], page, each["section"], _shortened(each["text"])]


def _cell(value: Any) -> str:
    return "" if value is None else _shortened(f"{value:g}" if isinstance(value, float) else value)


def _shortened(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= WIDTH else flat[: WIDTH - 2] + " …"


def _many(sample: Doc) -> str:
    return f"{sample['count']} {_plural(sample['of'], sample['count'])}"


def _plural(word: str, count: int) -> str:
    return word if count == 1 else PLURAL.get(word, f"{word}s")
