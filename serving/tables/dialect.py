"""How a table's file is written: what is told apart here, every component can read."""

import re
from pathlib import PurePath

ENCODING = "utf-8-sig"
DELIMITERS = ",;\t|"
QUOTED = re.compile('"[^"]*"?')
JSON_LINES = (".jsonl", ".ndjson")
CSV = (".csv", ".tsv")


def is_json_lines(name: str) -> bool:
    return PurePath(name).suffix.lower() in JSON_LINES


def delimiter_of(header: str) -> str:
    """The one that stands most often between names; in quotes it is part of one."""
    return max(DELIMITERS, key=QUOTED.sub("", header).count)
