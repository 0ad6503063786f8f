"""The checker: every mistake is found before anything runs, with its place and what mends it."""

import os
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from windmill.scripts.model.base.errors import Problem
from windmill.scripts.model.catalog.catalog import read_catalog
from windmill.scripts.model.check.check_catalog import check_catalog
from windmill.scripts.model.check.check_context import Runnable
from windmill.scripts.model.compile.compile_catalog import compile_catalog

GOOD = {
    "playbooks/leaf": """kind: playbook
name: leaf
inputs:
  text: {type: string, required: true}
  mode: {type: string, enum: [fast, slow], default: fast}
  size: {type: integer, minimum: 1, default: 1}
run: {script: leaf}
outputs: {text: {value: '${result.text}', type: string}}
""",
    "playbooks/key": "kind: playbook\nname: key\nrun: {secret: some_key}\n",
    "pipelines/mid": """kind: pipeline
name: mid
inputs: {text: {type: string, required: true}}
steps:
  - {id: only, use: playbooks/leaf, with: {text: '${inputs.text}'}}
outputs: {text: '${steps.only.text}'}
""",
    "pipelines/other": """kind: pipeline
name: other
targets: [local, vastai]
graph:
  nodes: [{id: from, component: stub}, {id: api, component: sink}]
  edges: [{source: from, target: api}]
""",
    "meta-pipelines/top": """kind: meta-pipeline
name: top
summary: Top
inputs:
  words: {type: array, items: {type: string}, default: []}
  maybe: {type: integer}
steps:
  - {id: a, use: pipelines/mid, with: {text: a}}
  - {id: b, use: playbooks/leaf, with: {text: '${steps.a.text}', mode: fast, size: 2}, timeout: 2m}
  - {id: c, use: pipelines/mid, for_each: '${inputs.words}', with: {text: '${each.value}'}}
  - {id: d, use: playbooks/leaf, when: '${inputs.maybe} == 1', with: {text: d}}
  - {id: key, use: playbooks/key}
  - {id: other, use: pipelines/other}
  - {id: far, use: pipelines/other, with: {target: vastai}}
outputs: {text: '${steps.b.text}'}
""",
    "components/stub": """kind: component
name: stub
version: 1.0.0
type: data_source
title: Stub
summary: Nothing
outputs: {chat: {type: chat}}
""",
    "components/sink": """kind: component
name: sink
version: 1.0.0
type: deployment
title: Sink
summary: Nothing
inputs: {chat: {type: chat}}
""",
}
CASES = yaml.safe_load((Path(__file__).parent / "bad_entries.yaml").read_text())
RUNNABLE = Runnable(frozenset(["network", "runpod"]), frozenset(["site.yml"]), frozenset())


def written(root: Path, files: Mapping[str, str]) -> Path:
    folder = root / "catalog"
    for key, text in files.items():
        file = folder / f"{key}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return folder


def problems_of(folder: Path) -> list[Problem]:
    catalog, problems = read_catalog(folder)
    return [*problems, *check_catalog(catalog, RUNNABLE)]


def test_what_is_good_is_found_good(tmp_path: Path) -> None:
    assert problems_of(written(tmp_path, GOOD)) == []


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_a_mistake_is_named_with_its_place_and_what_mends_it(
    tmp_path: Path, case: dict[str, Any]
) -> None:
    old, new = case["replace"]
    assert old in GOOD[case["file"]], "the case no longer changes anything"
    changed = {**GOOD, case["file"]: GOOD[case["file"]].replace(old, new, 1)}
    problems = problems_of(written(tmp_path, changed))
    told = "\n".join(map(str, problems))
    alike = [p for p in problems if case["says"] in p.message and p.code == case["code"]]
    found = next(iter(alike), None)
    assert found, told or "nothing was said"
    assert case.get("fix", "") in found.fix
    assert found.file == f"catalog/{case.get('in', case['file'])}.yaml"
    assert found.line > 0
    assert found.column > 0
    assert found.field == case.get("at", found.field)


def test_all_mistakes_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    top = GOOD["meta-pipelines/top"]
    wrong = top.replace("${steps.a.text}", "${steps.a.txt}").replace("timeout: 2m", "needs: [e]")
    leaf = GOOD["playbooks/leaf"].replace("default: 1}", "default: one}")
    problems = problems_of(
        written(tmp_path, {**GOOD, "meta-pipelines/top": wrong, "playbooks/leaf": leaf})
    )
    assert sorted(p.code for p in problems) == ["E-CAT-004", "E-CAT-014", "E-CAT-016"]
    assert len({p.file for p in problems}) == 2


def test_two_entries_of_one_name_are_told(tmp_path: Path) -> None:
    folder = written(tmp_path, GOOD)
    (folder / "playbooks" / "more").mkdir()
    (folder / "playbooks" / "more" / "leaf.yaml").write_text(GOOD["playbooks/leaf"])
    (problem,) = problems_of(folder)
    assert problem.code == "E-CAT-017"
    assert "catalog/playbooks/leaf.yaml" in problem.message


def test_a_link_that_leaves_the_catalog_is_refused(tmp_path: Path) -> None:
    folder = written(tmp_path, GOOD)
    secret = tmp_path / "secret.yaml"
    secret.write_text("password: x")
    (folder / "playbooks" / "out.yaml").symlink_to(secret)
    (problem,) = problems_of(folder)
    assert (problem.code, problem.file) == ("E-CAT-020", "catalog/playbooks/out.yaml")


def test_depth_and_size_bombs_are_refused_at_once(tmp_path: Path) -> None:
    leaf = "kind: playbook\nname: leaf\nrun: {script: leaf}\n"
    files = {"playbooks/leaf": leaf}
    below = "playbooks/leaf"
    for level in range(40):
        name = f"l{level}"
        steps = "\n".join(f"  - {{id: s{n}, use: {below}}}" for n in range(10))
        text = f"kind: meta-pipeline\nname: {name}\nsteps:\n{steps}\n"
        files[f"meta-pipelines/{name}"] = text
        below = f"meta-pipelines/{name}"
    problems = problems_of(written(tmp_path, files))
    assert {problem.code for problem in problems} == {"E-CAT-019"}
    assert any("leaves" in problem.message for problem in problems)
    assert any("levels deep" in problem.message for problem in problems)


def test_a_chain_of_three_thousand_levels_is_refused_and_no_traceback(tmp_path: Path) -> None:
    files = {"playbooks/leaf": "kind: playbook\nname: leaf\nrun: {script: leaf}\n"}
    for level in range(3000):
        below = f"meta-pipelines/l{level + 1}" if level < 2999 else "playbooks/leaf"
        text = f"kind: meta-pipeline\nname: l{level}\nsteps: [{{id: s, use: {below}}}]\n"
        files[f"meta-pipelines/l{level}"] = text
    problems = problems_of(written(tmp_path, files))
    assert {problem.code for problem in problems} == {"E-CAT-019"}


def test_checking_runs_fetches_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = written(tmp_path, GOOD)
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}

    def forbidden(*_: Any, **__: Any) -> None:
        raise AssertionError("checking started or fetched something")

    for module, name in ((subprocess, "Popen"), (os, "system"), (socket, "socket")):
        monkeypatch.setattr(module, name, forbidden)
    assert problems_of(folder) == []
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


PIECES = st.sampled_from(
    [
        "${",
        "}",
        "${inputs.x}",
        "${steps.a.text}",
        "&a",
        "*a",
        "[",
        "]",
        "{",
        ":",
        "-",
        "!!",
        "|",
        "null",
        "~",
        "1e999",
        "-.inf",
        "2026-11-25",
        "0o17",
        "0x1F",
        "'",
        '"',
        "\t",
        "é",
        "\u2028",
        "$var:x",
        "no",
    ]
)


@settings(max_examples=120)
@given(data=st.data())
def test_no_mutation_of_a_good_catalog_gives_a_traceback(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    key = data.draw(st.sampled_from(sorted(GOOD)))
    text = GOOD[key]
    at = data.draw(st.integers(0, len(text)))
    length = data.draw(st.integers(0, 12))
    broken = text[:at] + data.draw(PIECES) + text[at + length :]
    folder = written(tmp_path_factory.mktemp("mutated"), {**GOOD, key: broken})
    catalog, problems = read_catalog(folder)
    problems = [*problems, *check_catalog(catalog, RUNNABLE)]
    if not problems:
        assert len(dict(compile_catalog(catalog))) == len(catalog.entries)
    assert all(problem.file and problem.message for problem in problems)
