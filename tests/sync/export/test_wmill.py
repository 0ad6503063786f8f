"""Windmill's own CLI certifies the exported tree and the calls that the engine answers."""

import io
import json
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from sync.api import Item, Kind, Windmill, export, plan, push
from sync.build.bundle import install
from tests.sync.export.conftest import TOKEN
from tests.tools.wmill import Wmill

MANY_FILES = 30
BUILDER = "f/mlops/ml_pipeline_builder"
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("wmill")]


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def count_deletions_too(tree: Path) -> None:
    edit(tree / "wmill.yaml", "keepDeleted: true\n", "")


def test_wmill_pushes_the_tree_and_a_second_push_has_nothing_to_do(
    wmill: Wmill, windmill: Windmill, items: list[Item]
) -> None:
    assert "Done! All" in wmill.push()
    count_deletions_too(wmill.folder)
    assert wmill.changes() == []
    assert "0 changes to apply" in wmill.push()
    ours = plan(items, windmill)
    assert ours.is_empty, ours.explain()
    assert "React" in bundle(windmill, BUILDER)


def test_what_we_pushed_is_for_wmill_our_export(
    wmill: Wmill, windmill: Windmill, items: list[Item], tmp_path: Path
) -> None:
    push(plan(items, windmill), windmill)
    count_deletions_too(wmill.folder)
    assert wmill.changes() == []
    assert wmill.incoming() == []
    pulled = Wmill(tmp_path / "pulled", windmill.base_url, TOKEN)
    pulled.folder.mkdir()
    (pulled.folder / "wmill.yaml").write_bytes((wmill.folder / "wmill.yaml").read_bytes())
    left_out = large_scripts(wmill.folder)
    pulled.pull("--excludes", ",".join(f"{name}/**" for name in left_out))
    ours, theirs = meanings(wmill.folder, left_out), meanings(pulled.folder)
    assert [name for name in ours if ours[name] != theirs.get(name)] == []
    assert theirs.keys() == ours.keys()


def large_scripts(tree: Path) -> tuple[str, ...]:
    """`incoming` compares them; to pull one, the CLI writes its stamp anew for each file."""
    scripts = {script.parent for script in tree.rglob("script.yaml")}
    return tuple(
        each.relative_to(tree).as_posix()
        for each in sorted(scripts)
        if sum(file.is_file() for file in each.rglob("*")) > MANY_FILES
    )


# Files of the CLI itself: a stamp of what it pulled, and what an app is bundled with.
OF_THE_CLI = {"wmill-lock.yaml", f"{BUILDER}__raw_app/package-lock.json"}


def meanings(folder: Path, left_out: tuple[str, ...] = ()) -> dict[str, Any]:
    """By file: its text, or the words of its YAML in whatever style."""
    files = {file.relative_to(folder).as_posix(): file for file in folder.rglob("*.*")}
    texts = {
        name: file.read_text("utf-8")
        for name, file in files.items()
        if file.is_file() and name not in OF_THE_CLI and not name.startswith(left_out)
    }
    return {
        name: yaml.load(text, yaml.BaseLoader) if name.endswith(".yaml") else text
        for name, text in texts.items()
    }


def test_wmill_sends_exactly_what_was_edited(
    wmill: Wmill, windmill: Windmill, items: list[Item]
) -> None:
    push(plan(items, windmill), windmill)
    edit(wmill.folder / "f/mlops/notify__mod/script.py", "def main(", "# edited\n\n\ndef main(")
    module = "f/mlops/announce__mod/worker/notifications.py"
    edit(wmill.folder / module, "import time", "import time  # edited")
    edit(
        wmill.folder / "f/mlops/ml_pipeline_deployment__flow/flow.yaml",
        "summary: ",
        "summary: Edited, ",
    )
    assert [change["path"] for change in wmill.changes()] == [
        module,
        "f/mlops/notify__mod/script.py",
        "f/mlops/ml_pipeline_deployment__flow/flow.yaml",
    ]
    wmill.push()
    changed = {a.item.path: a.changed for a in plan(items, windmill).writes}
    assert set(changed) == {
        "f/mlops/announce",
        "f/mlops/ml_pipeline_deployment",
        "f/mlops/notify",
    }
    assert (changed["f/mlops/announce"], changed["f/mlops/notify"]) == (("modules",), ("content",))


def test_wmill_pushes_an_edited_app_with_a_bundle_of_its_own(
    wmill: Wmill, windmill: Windmill, items: list[Item]
) -> None:
    push(plan(items, windmill), windmill)
    install(wmill.folder / f"{BUILDER}__raw_app")
    edit(wmill.folder / f"{BUILDER}__raw_app/index.tsx", "<Root />", "<Root key='edited' />")
    assert [change["path"] for change in wmill.changes()] == [f"{BUILDER}__raw_app/index.tsx"]
    wmill.push()
    assert wmill.changes() == []
    (changed,) = plan(items, windmill).writes
    assert (changed.item.path, changed.drifted) == (BUILDER, True)
    assert "edited" in bundle(windmill, BUILDER)


def bundle(windmill: Windmill, app: str) -> str:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    base = f"{windmill.base_url}/api/w/mlops/apps"
    secret = httpx.get(f"{base}/secret_of_latest_version/{app}", headers=headers).text
    return httpx.get(f"{base}/get_data/v/{secret}.js", headers=headers).text


def test_texts_come_through_wmill_as_they_were(windmill: Windmill, tmp_path: Path) -> None:
    texts = json.loads((Path(__file__).parent / "texts.json").read_text("utf-8"))
    value = {"list": texts, "keys": {text: True for text in texts if "\n" not in text}}
    path = "f/mlops/texts"
    body = {"path": path, "value": value, "resource_type": "any", "description": texts[0]}
    folder = Item(Kind.folder, "mlops", {"name": "mlops"})
    export([folder, Item(Kind.resource, path, body)], tmp_path / "tree")
    wmill = Wmill(tmp_path / "tree", windmill.base_url, TOKEN)
    wmill.push()
    held = windmill.get(f"resources/get_value/{path}")
    assert [text for text in held["list"] if text not in texts] == []
    assert held == value
    assert wmill.changes() == []


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_archives_hold_code_and_metadata_but_no_state_and_no_secret(
    kind: str, windmill: Windmill
) -> None:
    body = {"path": "f/mlops/a", "content": "def main(): ...\n", "language": "python3"}
    windmill.post("scripts/create", body)
    windmill.post("scripts/create", {**body, "path": "f/mlops/old"})
    windmill.post("scripts/archive/p/f/mlops/old", {})
    state = {"path": "f/mlops/state", "value": "x", "resource_type": "state"}
    windmill.post("resources/create", state)
    secret = {"path": "f/mlops/key", "value": "hunter2", "is_secret": True}
    windmill.post("variables/create", secret)
    held = archive(windmill, kind)
    assert held.keys() == {"f/mlops/a.py", "f/mlops/a.script.json"}
    assert json.loads(held["f/mlops/a.script.json"])["lock"] == ""
    assert archive(windmill, kind, plain_secret="true")["f/mlops/key.variable.json"]


def archive(windmill: Windmill, kind: str, **query: str) -> dict[str, str]:
    packed = io.BytesIO(tarball(windmill, kind, **query).raise_for_status().content)
    if kind == "zip":
        with zipfile.ZipFile(packed) as opened:
            return {name: opened.read(name).decode() for name in opened.namelist()}
    with tarfile.open(fileobj=packed) as opened:
        files = ((name, opened.extractfile(name)) for name in opened.getnames())
        return {name: file.read().decode() for name, file in files if file}


def tarball(windmill: Windmill, kind: str, **query: str) -> httpx.Response:
    return httpx.get(
        f"{windmill.base_url}/api/w/mlops/workspaces/tarball",
        params={"archive_type": kind, **query},
        headers={"Authorization": f"Bearer {TOKEN}"},
    )


def test_an_archive_of_another_type_is_refused(windmill: Windmill) -> None:
    answer = tarball(windmill, "rar")
    # The very words at which the official CLI tries the other type.
    assert answer.status_code == 400
    assert "Invalid Archive Type" in answer.text
