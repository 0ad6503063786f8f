"""The house rules that no linter knows: which room may use which, and nothing runs in circles."""

import ast
import tomllib
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
SCRIPTS = ROOT / "windmill" / "scripts"
RULES: dict[str, Any] = tomllib.loads((Path(__file__).with_name("rooms.toml")).read_text("utf-8"))
LAYERS: dict[str, list[list[str]]] = {
    package: [layer.split() for layer in text.split("<")]
    for package, text in RULES["packages"].items()
}
MODULES_IN_A_ROOM = 15


def modules(package: str) -> list[Path]:
    return sorted(f for f in (ROOT / package).rglob("*.py") if f.name != "__init__.py")


def name_of(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imported(file: Path) -> Iterator[str]:
    """Modules of ours that it imports, anywhere in it, by their full names."""
    package = name_of(file).split(".")
    package = package if file.name == "__init__.py" else package[:-1]
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *(node.module or "").split(".")]).rstrip(".")
            inner = [f"{module}.{alias.name}" for alias in node.names]
            yield from {name if is_module(name) else module for name in inner}
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def room_of(package: str, module: str) -> str | None:
    """The room a module stands in; None outside the package and for the package itself."""
    inside = module.replace(".", "/").removeprefix(f"{package}/")
    if inside == module.replace(".", "/"):
        return None
    rooms = [room for layer in LAYERS[package] for room in layer]
    matching = [room for room in rooms if inside == room or inside.startswith(f"{room}/")]
    if matching:
        return max(matching, key=len)
    is_step = package == "windmill/scripts" and "/" not in inside
    assert is_step, f"{module} stands in no room of tests/rooms.toml"
    return "steps"


ALL = [(package, file) for package in LAYERS for file in modules(package)]


@pytest.mark.parametrize(("package", "file"), ALL, ids=lambda each: str(each).split("scripts/")[-1])
def test_a_room_uses_only_what_is_below_it(package: str, file: Path) -> None:
    height = {room: at for at, layer in enumerate(LAYERS[package]) for room in layer}
    own = room_of(package, name_of(file))
    assert own is not None
    used = {room for name in imported(file) if (room := room_of(package, name))}
    upward = {room for room in used - {own} if height[room] >= height[own]}
    assert not upward, f"{file.relative_to(ROOT)} ({own}) may not use {upward}"


def test_no_module_imports_itself_however_far_around() -> None:
    graph = {name_of(file): set(imported(file)) for _, file in ALL}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


def test_no_room_is_too_full() -> None:
    rooms = {file.parent for _, file in ALL} - {SCRIPTS}
    full = {room: sum(f.parent == room for _, f in ALL) for room in rooms}
    over = {str(room.relative_to(ROOT)): n for room, n in full.items() if n > MODULES_IN_A_ROOM}
    assert not over


def test_there_is_no_package_file_that_windmill_would_have_to_resolve() -> None:
    assert not list(SCRIPTS.rglob("__init__.py"))


@pytest.mark.parametrize("file", sorted(SCRIPTS.glob("*.py")), ids=lambda file: file.stem)
def test_a_step_has_a_short_main_because_its_work_is_in_the_modules(file: Path) -> None:
    (main,) = [
        node
        for node in ast.parse(file.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name == "main"
    ]
    lines = (main.end_lineno or 0) - main.body[0].lineno + 1
    assert lines <= 25, f"{file.name}: main has {lines} lines"
