"""What is asked, held against what a deployment takes before anything of it is sent."""

import json
from collections.abc import Iterable, Mapping, Sequence
from mimetypes import guess_type
from pathlib import Path
from typing import Any

from cli.errors import CannotAsk, MissingColumns

# Of each port, and of each kind of input of a predictor: what may be given, in words, and how.
TAKES: Mapping[str, tuple[tuple[str, ...], str, str]] = {
    "chat": (("text",), "a question", '"your question"'),
    "completions": (("text",), "a text", '"your text"'),
    "embedder": (("text",), "a text", '"your text"'),
    "summarizer": (("text", "file"), "a text or a document", "--file report.pdf"),
    "job": (("again", "out"), "nothing but --again and --out", "--again"),
    "report": (("again",), "nothing but --again", "--again"),
    "any": (("text",), "a text", '"your text"'),
    "text": (("text",), "a text", '"your text"'),
    "row": (("text",), "a text", '"your text"'),
    "image": (("file",), "a file with an image", "--file picture.png"),
    "audio": (("file",), "a file with sound", "--file talk.ogg"),
    "horizon": (("horizon",), "how many steps to forecast", "--horizon 7"),
}
# A recording may be the sound of a film.
SORTS = {"image": ("image",), "audio": ("audio", "video")}
ROW_NUMBERS = "column 1"  # what a file's column without a name is called, where it is the first
Row = Mapping[str, Any]


def check_given(name: str, kind: str, given: Iterable[str]) -> None:
    """`given` names the arguments that hold something. Raises CannotAsk."""
    taken, what, how = TAKES[kind]
    unfit = [each for each in given if each not in taken]
    if unfit:
        options = " and ".join("a text" if each == "text" else f"--{each}" for each in unfit)
        raise CannotAsk(name=name, what=f"{what}, not {options}", fix=f"mlops ask {name} {how}")


def check_sort(name: str, kind: str, file: Path | None) -> None:
    """By its ending: what has none that is known is left to the pipeline. Raises CannotAsk."""
    sort = (guess_type(file.name)[0] or "").partition("/")[0] if file else ""
    if sort and kind in SORTS and sort not in SORTS[kind]:
        _, what, how = TAKES[kind]
        raise CannotAsk(name=name, what=f"{what}, not {file}", fix=f"mlops ask {name} {how}")


def check_rows(name: str, takes: Mapping[str, Any], rows: Sequence[Any]) -> None:
    """Each with the columns that it was trained with, and no other. Raises MissingColumns."""
    columns = _columns(takes)
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, Mapping):
            continue  # the pipeline says what it is instead
        missing = [column for column in columns if column not in row]
        unknown = [column for column in row if column not in {*columns, ROW_NUMBERS}]
        if columns and (missing or unknown):
            given = f"row {number}" if len(rows) > 1 else "the row"
            raise _misfit(name, given, columns, missing, unknown)


def check_file(name: str, takes: Mapping[str, Any], file: Path, content: bytes) -> None:
    """By its first line; what is not sure to be wrong is left to the pipeline. Raises
    MissingColumns.
    """
    columns = [column for column in _columns(takes) if column != ROW_NUMBERS]
    try:
        first = content.split(b"\n", 1)[0].decode("utf-8-sig")
    except UnicodeDecodeError:
        return
    if file.suffix.lower() in (".jsonl", ".ndjson"):
        missing = _not_in_json(first, columns)
    else:
        # A name in quotes may hold quotes, which are doubled, or the end of a line.
        told = first.replace('""', '"')
        missing = [] if first.count('"') % 2 else [each for each in columns if each not in told]
    if missing:
        raise _misfit(name, str(file), columns, missing, [])


def _columns(takes: Mapping[str, Any]) -> list[str]:
    return [str(column["name"]) for column in takes["columns"]]


def _not_in_json(line: str, columns: Iterable[str]) -> list[str]:
    try:
        row = json.loads(line)
    except ValueError:
        return []
    return [column for column in columns if column not in row] if isinstance(row, dict) else []


def _misfit(
    name: str, given: str, columns: Sequence[str], missing: Sequence[str], unknown: Sequence[str]
) -> MissingColumns:
    from windmill.scripts.model.base.names import did_you_mean

    parts = [f"has no {few(missing)}"] * bool(missing)
    parts += [f"has {few(unknown)}, which it does not know"] * bool(unknown)
    hint = next((told for each in unknown if (told := did_you_mean(each, missing))), "")
    fix = f"{hint} It takes: {few(columns)}. An empty value is a missing one. mlops predict {name}"
    return MissingColumns(name=name, given=given, what=" and ".join(parts), fix=fix.strip())


def few(names: Sequence[str], most: int = 20) -> str:
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + rest
