"""Windmill's own linter finds every compiled flow right."""

import json
from pathlib import Path
from typing import Any

import pytest

from sync.export.yaml_text import to_yaml
from tests.model.check.test_check import GOOD, written
from tests.tools.wmill import Wmill
from windmill.scripts.model.base.windmill_paths import use_path
from windmill.scripts.model.catalog.catalog import read_catalog
from windmill.scripts.model.check.check_catalog import load_catalog
from windmill.scripts.model.compile.compile_catalog import compile_catalog

pytestmark = pytest.mark.slow

SHIPPED = Path(__file__).parents[3] / "catalog"
SETTINGS = {"nonDottedPaths": True, "includes": ["f/**"], "defaultTs": "bun"}
MORE = """kind: meta-pipeline
name: more
inputs: {teams: {type: array, items: {type: string}, default: [a]}}
steps:
  - {id: ask, use: playbooks/leaf, with: {text: x}, approval: {message: Really?, timeout: 2h}}
  - id: each
    use: meta-pipelines/top
    for_each: '${inputs.teams}'
    when: '${each.index} < 3'
    max_parallel: 2
    retry: {attempts: 2, seconds: 1}
    timeout: 1h
    with: {words: ['${each.value}']}
    needs: [ask]
outputs: {texts: '${steps.each.text}'}
"""


def lint(folder: Path, flows: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    (folder / "wmill.yaml").write_text(to_yaml(SETTINGS))
    for path, flow in flows.items():
        file = folder / f"{path}__flow" / "flow.yaml"
        file.parent.mkdir(parents=True)
        file.write_text(to_yaml(flow))
    done = Wmill(folder, "http://127.0.0.1:1", "none").offline("lint", "--json")
    return done.returncode, json.loads(done.stdout)


def test_every_compiled_flow_passes(tmp_path: Path) -> None:
    catalog, _ = read_catalog(written(tmp_path, {**GOOD, "meta-pipelines/more": MORE}))
    ours = {use_path(key): flow for key, flow in compile_catalog(load_catalog(SHIPPED))}
    folder = tmp_path / "linted"
    folder.mkdir()
    theirs = {use_path(key): flow for key, flow in compile_catalog(catalog)}
    code, told = lint(folder, {**ours, **theirs})
    assert code == 0, told
    assert told["validatedFiles"] == len(ours) + len(theirs)


def test_the_linter_would_notice(tmp_path: Path) -> None:
    module = {"id": "a", "value": {"type": "branchall", "branchs": []}}
    code, told = lint(tmp_path, {"f/x/y": {"summary": "", "value": {"modules": [module]}}})
    assert code != 0, told
