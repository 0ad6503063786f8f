"""windmill/scripts as Windmill scripts: each with its modules, argument schema and lock."""

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from windmill.scripts.model.base.errors import Problem
from windmill.scripts.model.base.names import did_you_mean
from windmill.scripts.model.base.windmill_paths import FOLDER

from ..items import FOLDER_KEY, Item, Kind
from .files import read_text
from .imports import Imports, Script, extra_requirements, hidden, read_imports, top_level
from .lock import Lock, distribution_of, read_lock, requirement_name
from .pages import description, from_git, named_fields
from .signature_schema import Signature, read_signature

SOURCES = Path("windmill/scripts")
LOCK_FILE = Path("requirements/scripts.lock")
LABEL = "step"
TIMEOUTS: Mapping[str, int] = yaml.safe_load(
    Path(__file__).with_name("timeouts.yaml").read_text("utf-8")
)


@dataclass(frozen=True)
class Scripts:
    """All scripts with what they import, checked against the worker contract."""

    root: Path
    sources: Mapping[str, Script]
    imports: dict[str, Imports]
    lock: Lock

    def reached_from(self, path: str) -> set[str]:
        """The script and the own scripts it imports, however far; cycles are fine."""
        reached: set[str] = set()
        waiting = [path]
        while waiting:
            current = waiting.pop()
            if current not in reached:
                reached.add(current)
                waiting.extend(self.imports[current].scripts)
        return reached

    def modules(self, script: Script) -> dict[str, dict[str, str]]:
        """All own scripts it imports, however far, by their place below it: they travel with it,
        so that no edit of one relocks, and none of another checkout changes, what it runs."""
        folder = script.path.rpartition("/")[0]
        carried = sorted(self.reached_from(script.path) - {script.path})
        return {
            f"{path.removeprefix(f'{folder}/')}.py": {
                "content": self.sources[path].text,
                "language": "python3",
            }
            for path in carried
        }

    def distributions(self, script: Script, imports: Imports) -> frozenset[str]:
        """Everything that a script which imports this needs to be installed."""
        reached = {path for start in imports.scripts for path in self.reached_from(start)}
        all_imports = [imports, *(self.imports[path] for path in reached)]
        texts = [script.text, *(self.sources[path].text for path in reached)]
        roots = {distribution_of(root) for each in all_imports for root in each.packages}
        extras = {requirement_name(line) for text in texts for line in extra_requirements(text)}
        return self.lock.closure(roots | extras)

    def lock_text(self, script: Script, imports: Imports) -> str:
        return self.lock.text(self.distributions(script, imports))

    def read_imports(self, script: Script, problems: list[Problem]) -> Imports:
        """Adds to `problems` everything that would fail on a worker."""
        imports, broken = read_imports(script, top_level(script.tree), self.sources)
        problems += [*broken, *_unprovided(script, imports, self.lock)]
        return imports

    def check_hidden(self, script: Script, imports: Imports) -> list[Problem]:
        """Imports where Windmill does not look must need nothing that is not locked anyway."""
        locked = self.distributions(script, imports)
        problems: list[Problem] = []
        for node in hidden(script.tree):
            more, broken = read_imports(script, [node], self.sources)
            problems += broken
            if missing := self.distributions(script, more) - locked:
                problems.append(_not_locked(script, node.lineno, sorted(missing)))
        return problems


def load_scripts(root: Path, problems: list[Problem]) -> Scripts:
    sources = {script.path: script for script in _read_sources(root, problems)}
    scripts = Scripts(root, sources, {}, read_lock((root / LOCK_FILE).read_text("utf-8")))
    for path, script in sources.items():
        scripts.imports[path] = scripts.read_imports(script, problems)
    for path, script in sources.items():
        problems += scripts.check_hidden(script, scripts.imports[path])
    return scripts


def script_items(scripts: Scripts) -> list[Item]:
    """Of what people and flows run; libraries are the modules of those."""
    signatures = {path: read_signature(script.tree) for path, script in scripts.sources.items()}
    return [
        _item(scripts.sources[path], signature, scripts)
        for path, signature in signatures.items()
        if not signature.is_library
    ]


def _item(script: Script, signature: Signature, scripts: Scripts) -> Item:
    schema = named_fields(signature.schema)
    text = description(f"{signature.summary}\n\n{signature.description}", schema)
    body: dict[str, Any] = {
        "path": script.path,
        "summary": signature.summary,
        "description": from_git(text, script.path, script.file, scripts.root),
        "content": script.text,
        "language": "python3",
        "kind": "script",
        "schema": schema,
        "lock": scripts.lock_text(script, scripts.imports[script.path]),
        "labels": [LABEL],
        "timeout": TIMEOUTS.get(script.path.removeprefix(f"{FOLDER}/"), TIMEOUTS["default"]),
    }
    if modules := scripts.modules(script):
        body["modules"] = modules
    if signature.has_preprocessor:
        body["has_preprocessor"] = True
    return Item(Kind.script, script.path, body, frozenset([FOLDER_KEY]))


def _read_sources(root: Path, problems: list[Problem]) -> Iterable[Script]:
    base = root / SOURCES
    for file in sorted(base.rglob("*.py")):
        text = read_text(file, root, problems)
        if text is None or (file.name == "__init__.py" and not text.strip()):
            continue
        shown = file.relative_to(root).as_posix()
        path = f"{FOLDER}/{file.relative_to(base).with_suffix('').as_posix()}"
        try:
            yield Script(path, shown, text, ast.parse(text))
        except SyntaxError as error:
            place = (shown, error.lineno or 0, error.offset or 0)
            problems.append(Problem(f"not Python: {error.msg}", "", "", *place, "E-SYNC-001"))


def _unprovided(script: Script, imports: Imports, lock: Lock) -> list[Problem]:
    wanted = [(root, distribution_of(root), line) for root, line in imports.packages.items()]
    for requirement, line in extra_requirements(script.text).items():
        wanted.append((requirement, requirement_name(requirement), line))
    return [
        _no_package(script, asked, name, line, lock)
        for asked, name, line in wanted
        if name not in lock.pins
    ]


def _no_package(script: Script, asked: str, name: str, line: int, lock: Lock) -> Problem:
    message = f"needs {asked!r}, which no package in {LOCK_FILE} provides"
    fix = (
        f"Add {name} to requirements/scripts.in, then `make lock`. {did_you_mean(name, lock.pins)}"
    )
    return Problem(message, "", fix, script.file, line, 1, "E-SYNC-004")


def _not_locked(script: Script, line: int, missing: list[str]) -> Problem:
    message = f"imports {', '.join(missing)} where Windmill does not see it: it is not locked"
    fix = "Import it at the top, above main, or list it under `# extra_requirements:`."
    return Problem(message, "", fix, script.file, line, 1, "E-SYNC-008")
