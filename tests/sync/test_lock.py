from pathlib import Path

import pytest

from sync.desired.lock import PYTHON_VERSION, distribution_of, read_lock, requirement_name
from sync.desired.scripts import load_scripts
from windmill.scripts.model.base.errors import Problem

ROOT = Path(__file__).resolve().parents[2]
LOCK = """\
# comment
Alpha_One==1.0 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
    # via -r scripts.in
beta[extra]==2.0 ; python_version < '3.12' \\
    --hash=sha256:cc
    # via alpha-one
gamma==3.0
    # via
    #   -c dev.lock
    #   beta
    #   delta[more]
delta==4.0
    # via gamma
"""


def test_annotations_are_the_dependency_graph() -> None:
    lock = read_lock(LOCK)
    assert lock.closure(["alpha-one"]) == {"alpha-one", "beta", "gamma", "delta"}
    assert lock.closure(["gamma"]) == {"gamma", "delta"}


def test_pins_keep_markers_and_lose_hashes() -> None:
    assert read_lock(LOCK).text(["beta"]) == (
        "# py: 3.11\nbeta==2.0 ; python_version < '3.12'\ndelta==4.0\ngamma==3.0\n"
    )


@pytest.mark.parametrize(
    ("root", "distribution"),
    [("yaml", "pyyaml"), ("ansible", "ansible-core"), ("python_terraform", "python-terraform")],
)
def test_distribution_of_an_import(root: str, distribution: str) -> None:
    assert distribution_of(root) == distribution


@pytest.mark.parametrize(
    "line", ["uv", "uv==1", "uv >= 1", "uv[x]~=2", "uv; python_version<'4'", "UV @ file:///x"]
)
def test_name_of_a_requirement(line: str) -> None:
    assert requirement_name(line) == "uv"


def test_scripts_run_on_the_python_that_their_lock_was_made_for() -> None:
    text = (ROOT / "requirements/lock.py").read_text("utf-8")
    assert f'PYTHON_VERSION = "{PYTHON_VERSION}"' in text


def test_our_own_lock_is_closed_and_each_root_reaches_all_it_requires() -> None:
    text = (ROOT / "requirements/scripts.lock").read_text("utf-8")
    lock = read_lock(text)
    roots = [requirement_name(line) for line in _lines("scripts.in")]
    assert lock.closure(roots) == lock.pins.keys()


@pytest.mark.parametrize("step", ["validate_pipeline", "migrate_registry"])
def test_a_step_that_opens_the_registry_can_migrate_it_and_reach_postgres(step: str) -> None:
    problems: list[Problem] = []
    scripts = load_scripts(ROOT, problems)
    script = scripts.sources[f"f/mlops/{step}"]
    needed = scripts.distributions(script, scripts.imports[script.path])
    assert {"alembic", "mako", "psycopg", "psycopg-binary"} <= needed


def _lines(name: str) -> list[str]:
    text = (ROOT / "requirements" / name).read_text("utf-8")
    return [line for line in text.splitlines() if line and line[0] not in "#-"]
