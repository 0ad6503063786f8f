"""The module that writes many files, and the one that builds environments."""

import json
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType

import pytest
import uv
from hypothesis import given
from hypothesis import strategies as st

LOCK = (Path(__file__).parents[2] / "requirements" / "supervisor.lock").read_text()
TREES = st.dictionaries(
    st.lists(st.sampled_from(["a", "b", "c d", "é"]), min_size=1, max_size=3).map("/".join),
    st.binary(max_size=20),
)


@pytest.fixture(scope="module")
def file_trees(ansible_module: Callable[[str], ModuleType]) -> ModuleType:
    return ansible_module("file_trees")


@pytest.fixture(scope="module")
def virtual_environments(ansible_module: Callable[[str], ModuleType]) -> ModuleType:
    return ansible_module("virtual_environments")


def test_the_folder_holds_what_was_given_and_nothing_else(
    file_trees: ModuleType, tmp_path: Path
) -> None:
    assert file_trees.keep(tmp_path, {"a.py": b"1", "deep/b.py": b"2"})
    assert not file_trees.keep(tmp_path, {"a.py": b"1", "deep/b.py": b"2"})
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.pyc").write_bytes(b"")
    assert not file_trees.keep(tmp_path, {"a.py": b"1", "deep/b.py": b"2"})
    assert file_trees.keep(tmp_path, {"a.py": b"changed"})
    assert (tmp_path / "a.py").read_bytes() == b"changed"
    assert not (tmp_path / "deep" / "b.py").exists()


def test_a_link_is_replaced_and_not_followed(file_trees: ModuleType, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("kept")
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "a").symlink_to(outside)
    assert file_trees.keep(tmp_path / "tree", {"a": b"new"})
    assert outside.read_text() == "kept"
    assert (tmp_path / "tree" / "a").read_text() == "new"


@given(TREES, TREES)
def test_the_digest_tells_trees_apart(
    file_trees: ModuleType, one: dict[str, bytes], other: dict[str, bytes]
) -> None:
    assert (file_trees.digest(one) == file_trees.digest(other)) == (one == other)


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", "", "."])
def test_a_path_that_leaves_the_folder_is_seen(file_trees: ModuleType, name: str) -> None:
    assert not file_trees._is_inside(name)


@pytest.mark.slow
def test_an_environment_is_built_once_however_many_ask(
    virtual_environments: ModuleType, tmp_path: Path
) -> None:
    environment = tmp_path / "envs" / virtual_environments.key("supervisor", LOCK)
    environment.with_suffix(".building").mkdir(parents=True)
    with ThreadPoolExecutor() as pool:
        builds = [
            pool.submit(virtual_environments.build, uv.find_uv_bin(), environment, LOCK)
            for _ in range(3)
        ]
        [build.result() for build in builds]
    python = virtual_environments.python_of(environment)
    imported = [str(python), "-c", "import json, sys, supervisor; print(json.dumps(sys.path))"]
    paths = json.loads(subprocess.run(imported, capture_output=True, check=True).stdout)
    assert any(path.startswith(str(environment)) for path in paths)
    assert not environment.with_suffix(".building").exists()


def test_another_lock_is_another_environment(virtual_environments: ModuleType) -> None:
    key = virtual_environments.key
    assert key("litellm", LOCK) == key("litellm", LOCK)
    assert key("litellm", LOCK) != key("litellm", LOCK + "#")


@pytest.mark.slow
def test_a_lock_whose_hash_is_wrong_is_refused_and_leaves_no_environment(
    virtual_environments: ModuleType, tmp_path: Path
) -> None:
    forged = "supervisor==4.3.0 --hash=sha256:" + "0" * 64
    environment = tmp_path / "envs" / "supervisor-0"
    with pytest.raises(virtual_environments.BuildFailed, match=r"(?i)hash"):
        virtual_environments.build(uv.find_uv_bin(), environment, forged)
    assert not environment.exists()
