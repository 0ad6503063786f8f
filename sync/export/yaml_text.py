"""YAML that every reader understands alike, whichever version of YAML it speaks."""

import re
from typing import Any

import yaml

# Plain only what no version takes for a number, a date, a truth value or nothing.
_PLAIN = re.compile(r"[A-Za-z_/][\w./-]*")
# YAML 1.1 takes these for the end of a line, YAML 1.2 does not.
_OLD_BREAKS = re.compile("[\x85\u2028\u2029\ufeff]")
_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=_style(value))


def _style(value: str) -> str | None:
    if _OLD_BREAKS.search(value):
        return '"'
    if "\n" in value:
        return "|"
    plain = _PLAIN.fullmatch(value) and value.lower() not in _WORDS
    return None if plain else "'"


def _number(dumper: yaml.SafeDumper, value: float) -> yaml.ScalarNode:
    """2.0 as 2: Windmill's own CLI, in JavaScript, knows no other."""
    return dumper.represent_int(int(value)) if value.is_integer() else dumper.represent_float(value)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(float, _number)


def to_yaml(value: Any) -> str:
    return yaml.dump(
        value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100_000, indent=2
    )
