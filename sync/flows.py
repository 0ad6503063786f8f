"""windmill/flows and the compiled catalog as Windmill flows."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from windmill.scripts.model.catalog import load_catalog
from windmill.scripts.model.compile import compile_entry, flow_path
from windmill.scripts.model.errors import InvalidInput, Problem
from windmill.scripts.model.source import Source, load_yaml

from .flow_walk import Step, walk
from .imports import Imports, Script
from .items import FOLDER, FOLDER_KEY, Item, Kind
from .scripts import Scripts

FLOWS = Path("windmill/flows")
_INLINE = "!inline "


@dataclass(frozen=True)
class Flow:
    """An OpenFlow document, its `!inline` files read in, and where it came from."""

    path: str
    source: Source
    inline_files: Mapping[str, str] = field(default_factory=dict)

    @property
    def body(self) -> dict[str, Any]:
        data: dict[str, Any] = self.source.data
        return data

    def script_of(self, step: Step) -> Script:
        """The inline Python of a step; Windmill resolves its imports below the flow's path."""
        text = step.value.get("content", "")
        file = self.inline_files.get(f"{step.place}.value.content", self.source.file)
        return Script(f"{self.path}/{step.id}", file, text, ast.parse(text))


def load_flows(root: Path, problems: list[Problem]) -> list[Flow]:
    return [*_written(root, problems), *_compiled(root, problems)]


def flow_items(flows: list[Flow], scripts: Scripts) -> list[Item]:
    paths = {flow.path for flow in flows}
    return [_item(flow, paths, scripts) for flow in flows]


def _item(flow: Flow, paths: set[str], scripts: Scripts) -> Item:
    steps = list(walk(flow.body["value"]))
    needs = {FOLDER_KEY}
    for step in steps:
        if step.path in scripts.sources:
            needs.add(f"{Kind.script}/{step.path}")
        if step.path in paths and step.path != flow.path:
            needs.add(f"{Kind.flow}/{step.path}")
        if step.is_python:
            _give_lock(flow, step, scripts, needs)
    body = {"path": flow.path, "summary": "", "description": "", **flow.body}
    return Item(Kind.flow, flow.path, body, frozenset(needs))


def _give_lock(flow: Flow, step: Step, scripts: Scripts, needs: set[str]) -> None:
    script = flow.script_of(step)
    imports: Imports = scripts.read_imports(script, [])
    needs.update(f"{Kind.script}/{path}" for path in imports.scripts)
    if not step.value.get("lock"):
        step.value["lock"] = scripts.lock_text(script, imports)


def _written(root: Path, problems: list[Problem]) -> list[Flow]:
    flows: list[Flow] = []
    for folder in sorted((root / FLOWS).rglob("*.flow")):
        try:
            flows.append(_read(folder, root))
        except InvalidInput as error:
            problems.extend(error.problems)
    return flows


def _read(folder: Path, root: Path) -> Flow:
    file = folder / "flow.yaml"
    shown = file.relative_to(root).as_posix()
    if not file.is_file():
        raise InvalidInput([Problem("is missing", "", "", shown, code="E-FLOW-001")])
    source = load_yaml(file.read_text("utf-8"), shown)
    inliner = _Inliner(folder, source)
    data = inliner.read(source.data, "")
    problems = inliner.problems or _misshapen(Source(data, shown, source.places))
    if problems:
        raise InvalidInput(problems)
    path = f"{FOLDER}/{folder.relative_to(root / FLOWS).with_suffix('').as_posix()}"
    files = {place: f"{Path(shown).parent}/{name}" for place, name in inliner.files.items()}
    return Flow(path, Source(data, shown, source.places), files)


def _misshapen(source: Source) -> list[Problem]:
    data = source.data if isinstance(source.data, dict) else {}
    value = data.get("value")
    if isinstance(value, dict) and isinstance(value.get("modules"), list):
        return []
    fix = "A flow has `summary`, `value: {modules: [...]}` and `schema`."
    return [source.problem("is not an OpenFlow document", "value", fix, "E-FLOW-001")]


def _compiled(root: Path, problems: list[Problem]) -> list[Flow]:
    try:
        entries = load_catalog(root / "catalog").entries
    except InvalidInput as error:
        problems.extend(error.problems)
        return []
    return [
        Flow(flow_path(entry), Source(compile_entry(entry), f"catalog/{key}.yaml"))
        for key, entry in entries.items()
    ]


class _Inliner:
    """Replaces `!inline name` by the text of that file of the flow's folder."""

    def __init__(self, folder: Path, source: Source) -> None:
        self.folder = folder
        self.source = source
        self.files: dict[str, str] = {}
        self.problems: list[Problem] = []

    def read(self, value: Any, place: str) -> Any:
        if isinstance(value, dict):
            return {k: self.read(v, f"{place}.{k}".lstrip(".")) for k, v in value.items()}
        if isinstance(value, list):
            return [self.read(item, f"{place}[{index}]") for index, item in enumerate(value)]
        if isinstance(value, str) and value.startswith(_INLINE):
            return self._text(value.removeprefix(_INLINE).strip(), place)
        return value

    def _text(self, name: str, place: str) -> str:
        file = self.folder / name
        inside = file.resolve().is_relative_to(self.folder.resolve())
        if not inside or not file.is_file():
            message = f"inline file {name!r} is not in the flow's folder"
            self.problems.append(self.source.problem(message, place, "", "E-FLOW-002"))
            return ""
        self.files[place] = name
        return file.read_text("utf-8")
