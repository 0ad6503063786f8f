"""A target's name stands in its folder; everything else that names it is generated from there."""

import re
from pathlib import Path

import pytest

from cli.development.generated import NAMES, generated
from tests.targets.support import PROJECT
from windmill.scripts.model.base.target import Target

PARTS = ("cli", "gateway", "sync", "history", "engine", "windmill/scripts", "windmill/apps")
SOURCES = [
    file
    for part in PARTS
    for kind in ("*.py", "*.ts", "*.tsx")
    for file in (PROJECT / part).rglob(kind)
    if "node_modules" not in file.parts
]
# `local` is also Ansible's word for a connection, and `ssh` a program's name.
NAMED = re.compile(
    "|".join(
        rf"""["']{name}["']|\bTarget\.{name}\b"""
        for name in sorted({*Target} - {Target.auto, Target.local, Target.ssh})
    )
)


@pytest.mark.parametrize("file", generated(PROJECT), ids=str)
def test_what_is_generated_is_current(file: Path) -> None:
    current = (PROJECT / file).read_text("utf-8")
    assert current == generated(PROJECT)[file], "mlops dev generate"


def test_the_forms_of_the_deployment_flow_are_among_it() -> None:
    flow = Path("windmill/flows/ml_pipeline_deployment.flow/flow.yaml")
    assert generated(PROJECT)[flow].count(f"[{', '.join(Target)}]") == 2


def test_no_other_source_names_a_target() -> None:
    assert SOURCES
    naming = {
        str(file.relative_to(PROJECT))
        for file in SOURCES
        if NAMED.search(file.read_text("utf-8"))
        and file.relative_to(PROJECT) not in generated(PROJECT)
        and file.parent.parent != PROJECT / "windmill/scripts/targets"
    }
    assert naming == set()
    assert NAMED.search((PROJECT / NAMES).read_text("utf-8"))
