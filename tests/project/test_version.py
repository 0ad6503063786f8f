"""The version stands in pyproject.toml alone; whatever tells it reads it there."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.main import commands
from docs.generate import openapi

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
VERSION: str = PROJECT["version"]
# In the catalog's model, versions are those of entries.
TELLERS = ("cli", "engine", "gateway", "history", "serving", "sync")
HEADING = re.compile(r"^## \[(.+?)\](?: - (\d{4}-\d\d-\d\d))?$", re.MULTILINE)
KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def texts(package: str) -> Iterator[tuple[Path, str]]:
    for file in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield file, node.value


@pytest.mark.parametrize("package", TELLERS)
def test_no_code_repeats_the_version(package: str) -> None:
    assert [str(file) for file, text in texts(package) if text == VERSION] == []


def test_the_command_line_tells_it() -> None:
    assert CliRunner().invoke(commands, ["--version"]).output == f"mlops, version {VERSION}\n"


def test_the_gateway_tells_it() -> None:
    assert openapi()["info"]["version"] == VERSION


def test_the_changelog_begins_with_what_is_not_released() -> None:
    headings = HEADING.findall((ROOT / "CHANGELOG.md").read_text("utf-8"))
    assert headings[0] == ("Unreleased", "")
    assert all(date for _, date in headings[1:])


def test_the_changelog_has_no_other_kinds_of_change_than_its_form() -> None:
    kinds = re.findall(r"(?m)^### (.+)$", (ROOT / "CHANGELOG.md").read_text("utf-8"))
    assert set(kinds) <= KINDS
