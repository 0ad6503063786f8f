"""windmill/flows and the compiled catalog as Windmill flows."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from windmill.scripts.model.base.errors import InvalidInput, Problem
from windmill.scripts.model.base.source import Source, load_yaml
from windmill.scripts.model.base.windmill_paths import FOLDER, use_path
from windmill.scripts.model.catalog.catalog import Catalog
from windmill.scripts.model.compile.compile_catalog import compile_catalog

from ..items import FOLDER_KEY, Item, Kind
from .files import read_text
from .flow_form import server_form
from .flow_steps import Step, misshapen, steps_in
from .imports import Imports, Script
from .pages import description, from_git, named_fields
from .scripts import Scripts

FLOWS = Path("windmill/flows")
INLINE = "!inline "


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


def load_flows(root: Path, catalog: Catalog, problems: list[Problem]) -> list[Flow]:
    flows: dict[str, Flow] = {}
    for flow in (*_written(root, problems), *_compiled(catalog)):
        if flow.path in flows:
            message = f"{flow.path} is also made from {flows[flow.path].source.file}"
            problems.append(flow.source.problem(message, "", "Rename one.", "E-FLOW-011"))
        flows.setdefault(flow.path, flow)
    return list(flows.values())


def flow_items(flows: list[Flow], scripts: Scripts) -> list[Item]:
    return [_item(flow, scripts) for flow in flows]


def _item(flow: Flow, scripts: Scripts) -> Item:
    needs = {FOLDER_KEY}
    for step in steps_in(flow.body["value"]):
        if step.path:
            needs.add(f"{step.type}/{step.path}")
        if step.is_python:
            _give_lock(flow, step, scripts, needs)
    body = {"path": flow.path, "summary": "", "labels": [], **flow.body}
    body["value"] = server_form(body["value"])
    body["description"] = from_git(body["description"], flow.path, flow.source.file, scripts.root)
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
    source = load_yaml(_text(file, root), shown)
    inliner = _Inliner(folder, root, source)
    source = replace(source, data=inliner.read(source.data, ""))
    problems = inliner.problems or _misshapen(source)
    if problems:
        raise InvalidInput(problems)
    path = f"{FOLDER}/{folder.relative_to(root / FLOWS).with_suffix('').as_posix()}"
    return Flow(path, replace(source, data=_shown(source.data)), inliner.files)


def _shown(written: dict[str, Any]) -> dict[str, Any]:
    schema = named_fields({"properties": {}, **(written.get("schema") or {})})
    text = f"{written.get('summary', '')}\n\n{written.get('description', '')}"
    return {**written, "schema": schema, "description": description(text, schema)}


def _text(file: Path, root: Path) -> str:
    problems: list[Problem] = []
    if not file.is_file():
        shown = file.relative_to(root).as_posix()
        raise InvalidInput([Problem("is missing", "", "", shown, code="E-FLOW-001")])
    text = read_text(file, root, problems)
    if text is None:
        raise InvalidInput(problems)
    return text


def _misshapen(source: Source) -> list[Problem]:
    fix = "A flow has `summary`, `value: {modules: [...]}` and `schema`."
    return [
        source.problem(f"is not {what}", place, fix, "E-FLOW-001")
        for place, what in misshapen(source.data)
    ]


def _compiled(catalog: Catalog) -> list[Flow]:
    return [
        Flow(use_path(key), Source(flow, catalog.sources[key].file))
        for key, flow in compile_catalog(catalog)
    ]


class _Inliner:
    """Replaces `!inline name` by the text of that file of the flow's folder."""

    def __init__(self, folder: Path, root: Path, source: Source) -> None:
        self.folder = folder
        self.root = root
        self.source = source
        self.files: dict[str, str] = {}
        self.problems: list[Problem] = []

    def read(self, value: Any, place: str) -> Any:
        if isinstance(value, dict):
            return {k: self.read(v, f"{place}.{k}".lstrip(".")) for k, v in value.items()}
        if isinstance(value, list):
            return [self.read(item, f"{place}[{index}]") for index, item in enumerate(value)]
        if isinstance(value, str) and value.startswith(INLINE):
            return self._file_text(value.removeprefix(INLINE).strip(), place)
        return value

    def _file_text(self, name: str, place: str) -> str:
        file = self.folder / name
        inside = file.resolve().is_relative_to(self.folder.resolve())
        if not inside or not file.is_file():
            message = f"inline file {name!r} is not in the flow's folder"
            self.problems.append(self.source.problem(message, place, "", "E-FLOW-002"))
            return ""
        self.files[place] = file.relative_to(self.root).as_posix()
        return read_text(file, self.root, self.problems) or ""
