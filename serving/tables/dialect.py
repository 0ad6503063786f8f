"""How a table's file is written: what is told apart here, every component can read."""

from pathlib import PurePath

ENCODING = "utf-8-sig"
DELIMITERS = ",;\t|"
JSON_LINES = (".jsonl", ".ndjson")
CSV = (".csv", ".tsv")


def is_json_lines(name: str) -> bool:
    return PurePath(name).suffix.lower() in JSON_LINES


def delimiter_of(header: str) -> str:
    return max(DELIMITERS, key=header.count)
