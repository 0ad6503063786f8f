"""What the pages on security promise is somewhere: each file and test that they name exists."""

import ast
import re

import pytest

from tests.docs.pages import ROOT

PAGE = ROOT / "docs" / "explanation" / "security.md"
PAGES = [PAGE, PAGE.with_name("personal-data.md")]
TEXT = "".join(page.read_text("utf-8") for page in PAGES)
NAMED = sorted(set(re.findall(r"`([\w.-]+/[\w./-]+(?:::\w+)?)`", TEXT)))
PROMISE = re.compile(r"^\| (?P<promise>[^|]+) \| (?P<code>[^|]+) \| (?P<test>[^|]+) \|$")


def promises() -> list[tuple[str, str, str]]:
    table, found = False, []
    for line in PAGE.read_text("utf-8").splitlines():
        if line == "| promise | kept by | shown by |":
            table = True
        elif not line.startswith("|"):
            table = False
        elif table and "---" not in line and (row := PROMISE.match(line)):
            found.append((row["promise"], row["code"], row["test"]))
    return found


@pytest.mark.parametrize("named", NAMED)
def test_what_it_names_exists(named: str) -> None:
    path, _, test = named.partition("::")
    assert (ROOT / path).exists(), f"{path} is not there"
    if test:
        tree = ast.parse((ROOT / path).read_text("utf-8"))
        functions = (ast.FunctionDef, ast.AsyncFunctionDef)
        assert test in {node.name for node in tree.body if isinstance(node, functions)}


def test_each_promise_names_code_and_a_test() -> None:
    rows = promises()
    assert len(rows) > 20
    for promise, code, test in rows:
        assert "/" in code, f"{promise} Kept by nothing."
        assert not code.startswith("`tests/"), f"{promise} Kept by a test."
        assert test.startswith("`tests/"), f"{promise} Shown by nothing."
