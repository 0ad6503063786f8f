"""The house rules that no linter knows."""

import ast
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[1] / "windmill" / "scripts"
# A room of windmill/scripts may use these rooms, and itself.
MAY_USE = {
    "model": set(),
    "store": {"model"},
    "provision": {"model", "store"},
    "": {
        "model",
        "store",
        "provision",
        "instance",
        "cpu_throttler",
        "notifications",
        "n8n_webhooks",
    },
}


def relative_imports(path: Path) -> set[str]:
    """Rooms that a script reaches by its relative imports ('' for a top-level script)."""
    inside = path.relative_to(SCRIPTS).parts[:-1]
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = [*inside[: len(inside) - (node.level - 1)], *(node.module or "").split(".")]
            rooms.add(base[0])
    return rooms


@pytest.mark.parametrize("path", sorted(SCRIPTS.rglob("*.py")), ids=lambda p: str(p.name))
def test_scripts_import_only_downward(path: Path) -> None:
    room = path.relative_to(SCRIPTS).parts[0] if path.parent != SCRIPTS else ""
    assert relative_imports(path) - {room} <= MAY_USE[room]


def test_there_is_no_package_file_that_windmill_would_have_to_resolve() -> None:
    assert not list(SCRIPTS.rglob("__init__.py"))


def test_a_step_is_short_because_its_work_is_in_the_modules() -> None:
    for path in SCRIPTS.glob("*.py"):
        mains = [
            node
            for node in ast.parse(path.read_text("utf-8")).body
            if isinstance(node, ast.FunctionDef) and node.name == "main"
        ]
        for main in mains:
            lines = (main.end_lineno or 0) - main.body[0].lineno + 1
            assert lines <= 25, f"{path.name}: main has {lines} lines"
