"""Declarations of a module, read from its text; ours are in Terraform's canonical form."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r'^(variable|output) "(\w+)" \{\n(.*?)^\}', re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Declaration:
    kind: str
    name: str
    optional: bool
    sensitive: bool
    described: bool


def declarations(module: Path) -> list[Declaration]:
    return [found for file in sorted(module.glob("*.tf")) for found in _of(file.read_text("utf-8"))]


def _of(text: str) -> Iterator[Declaration]:
    for kind, name, body in _BLOCK.findall(text):
        arguments = dict(re.findall(r"^  (\w+) += (.*)$", body, re.MULTILINE))
        yield Declaration(
            kind,
            name,
            optional="default" in arguments,
            sensitive=arguments.get("sensitive") == "true",
            described=bool(arguments.get("description")),
        )
