"""The modules' own tests, run by Terraform, and the examples."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from windmill.scripts.provision.terraform import LIBRARY

pytestmark = pytest.mark.slow

TERRAFORM = Path(__file__).parents[2] / "terraform"
MODULES = sorted(module.name for module in (TERRAFORM / "modules").iterdir())
EXAMPLES = sorted(example.name for example in (TERRAFORM / "examples").iterdir())


def terraform(folder: Path, *arguments: str) -> None:
    unwanted = ("TF_CLI_CONFIG_FILE",)
    environment = {name: value for name, value in os.environ.items() if name not in unwanted}
    command = [sys.executable, "-c", LIBRARY, *arguments, "-no-color"]
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment | {"CHECKPOINT_DISABLE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    shutil.copytree(TERRAFORM, tmp_path / "t", ignore=shutil.ignore_patterns(".terraform*"))
    return tmp_path / "t"


@pytest.mark.parametrize("name", MODULES)
def test_a_module_passes_its_own_tests(name: str, copied: Path) -> None:
    terraform(copied / "modules" / name, "init")
    terraform(copied / "modules" / name, "test")


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_valid(name: str, copied: Path) -> None:
    terraform(copied / "examples" / name, "init")
    terraform(copied / "examples" / name, "validate")


def test_all_files_are_in_canonical_form() -> None:
    terraform(TERRAFORM, "fmt", "-check", "-recursive")
