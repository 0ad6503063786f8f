"""What a script imports, as a worker sees it: from the pushed scripts, not from a checkout."""

import ast
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from windmill.scripts.model.base.errors import Problem
from windmill.scripts.model.base.names import did_you_mean

_CHECKOUT = {"cli", "engine", "gateway", "serving", "sync", "tests", "windmill"}
_EXTRA = "extra_requirements:"

ImportNode = ast.Import | ast.ImportFrom


@dataclass(frozen=True)
class Script:
    """One Python source under windmill/scripts; `path` is its Windmill path."""

    path: str
    file: str
    text: str
    tree: ast.Module


@dataclass
class Imports:
    """Packages (import root → line) and own scripts (path → line) of one source."""

    packages: dict[str, int] = field(default_factory=dict)
    scripts: dict[str, int] = field(default_factory=dict)


def top_level(tree: ast.Module) -> list[ImportNode]:
    """Windmill sees only import statements of the module body that stand above `main`."""
    imports: list[ImportNode] = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == "main":
            break
        if isinstance(node, ImportNode):
            imports.append(node)
    return imports


def hidden(tree: ast.Module) -> list[ImportNode]:
    """Imports that run although Windmill does not see them; guarded ones may fail."""
    visible = top_level(tree)
    return [node for node in _running(tree) if isinstance(node, ImportNode) and node not in visible]


def _running(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    for child in ast.iter_child_nodes(node):
        if not _is_guarded(child):
            yield from _running(child)


def _is_guarded(node: ast.AST) -> bool:
    if isinstance(node, ast.Try):
        names = [ast.unparse(handler.type) for handler in node.handlers if handler.type]
        return any(word in name for name in names for word in ("ImportError", "ModuleNotFound"))
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def read_imports(
    script: Script, nodes: Iterable[ImportNode], scripts: Collection[str]
) -> tuple[Imports, list[Problem]]:
    """What these statements import, and every one that would fail on a worker."""
    imports, problems = Imports(), []
    for node in nodes:
        for level, module in _modules(node):
            path = own_path(script.path, level, module)
            if path is None:
                imports.packages.setdefault(module.split(".")[0], node.lineno)
            elif path in scripts:
                imports.scripts.setdefault(path, node.lineno)
            else:
                problems.append(_unresolved(script, node, path, scripts))
    for root in [root for root in imports.packages if root in _CHECKOUT]:
        problems.append(_upward(script, root, imports.packages.pop(root)))
    for root in [root for root in imports.packages if root in sys.stdlib_module_names]:
        del imports.packages[root]
    return imports, problems


def _modules(node: ImportNode) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.ImportFrom):
        yield node.level, node.module or ""
    else:
        yield from ((0, alias.name) for alias in node.names)


def own_path(importer: str, level: int, module: str) -> str | None:
    """The Windmill path an import names, or None for a package."""
    parts = module.split(".") if module else []
    if level:
        base = importer.split("/")[:-level]
        return "/".join([*base, *parts])
    return "/".join(parts) if parts[0] in ("f", "u") else None


def _unresolved(script: Script, node: ImportNode, path: str, scripts: Collection[str]) -> Problem:
    if any(name.startswith(f"{path}/") for name in scripts):
        names = ", ".join(alias.name for alias in node.names)
        message = f"imports a module from a package ({names}): Windmill would not see the script"
        fix = "Import names from the module: `from .module import name`."
    else:
        message = f"imports {path}, which is not among the scripts"
        fix = did_you_mean(path, scripts)
    return Problem(message, "", fix, script.file, node.lineno, node.col_offset + 1, "E-SYNC-002")


def _upward(script: Script, root: str, line: int) -> Problem:
    message = f"imports {root!r} of the checkout: a worker has only what was pushed"
    fix = "Move what it needs under windmill/scripts and import it relatively: `from .x import y`."
    return Problem(message, "", fix, script.file, line, 1, "E-SYNC-003")


def extra_requirements(text: str) -> Mapping[str, int]:
    """Packages (→ line) listed in comments under `# extra_requirements:`."""
    requirements: dict[str, int] = {}
    listing = False
    for number, line in enumerate(text.splitlines(), 1):
        comment = line.removeprefix("#").strip() if line.startswith("#") else ""
        if comment.replace(" ", "") == _EXTRA:
            listing = True
        elif listing and comment:
            requirements.setdefault(comment, number)
        else:
            listing = False
    return requirements
