"""Terraform's state is read by whoever reads its folder or its database: so it holds no secret."""

import re
from pathlib import Path

import pytest

from windmill.scripts.model.base.target import Target
from windmill.scripts.targets.registry import TARGETS

ROOT = Path(__file__).parents[2]
MODULES = sorted(path for path in (ROOT / "terraform/modules").iterdir() if path.is_dir())
# What reads anything that is not a variable's value, or would be kept though it is not shown.
READS = re.compile(
    r"""^\s*(data|ephemeral|provider)\s+"|\b(file\w*|templatefile|sensitive)\(|\bsensitive\s*="""
    r"""|^\s*backend\s""",
    re.MULTILINE,
)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_a_module_knows_only_what_stands_in_the_root_configuration(module: Path) -> None:
    for source in module.glob("*.tf"):
        assert READS.search(source.read_text("utf-8")) is None, source.name


@pytest.mark.parametrize("name", [name for name in TARGETS if not TARGETS[name].planned])
def test_no_target_hands_a_secret_to_its_module(name: Target) -> None:
    assert not TARGETS[name].secrets, "Terraform keeps in its state whatever a resource is given"


@pytest.mark.parametrize(
    "source",
    ['data "http" "x" {}', 'x = file("key")', "sensitive = true", 'provider "runpod" {'],
)
def test_what_would_get_into_a_state_by_another_way_is_found(source: str) -> None:
    assert READS.search(f"  {source}\n")
