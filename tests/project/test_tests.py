"""A test that cannot fail tells nothing."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "tests").rglob("test_*.py"))
VACUOUS = """
def test_x(given):
    if given:
        assert given
"""
SOUND = """
def test_x(given):
    if given:
        assert given
    else:
        with pytest.raises(ValueError):
            use(given)
"""


def vacuous(text: str) -> list[str]:
    """Tests that end in an `if` without `else`, and assert nowhere but in it."""
    return [
        node.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and isinstance(last := node.body[-1], ast.If)
        and not last.orelse
        and assertions(last) == assertions(node)
    ]


def assertions(node: ast.AST) -> int:
    return sum(is_assertion(inner) for inner in ast.walk(node))


def is_assertion(node: ast.AST) -> bool:
    return isinstance(node, ast.Assert) or (
        isinstance(node, ast.With) and "raises" in ast.dump(node)
    )


@pytest.mark.parametrize(("text", "found"), [(VACUOUS, ["test_x"]), (SOUND, [])])
def test_what_it_finds(text: str, found: list[str]) -> None:
    assert vacuous(text) == found


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_test_passes_because_its_condition_was_false(file: Path) -> None:
    assert not vacuous(file.read_text("utf-8"))
