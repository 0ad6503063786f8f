"""A preview reads with the program that serves: its worker needs what that reads with."""

import ast
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

from sync.desired.imports import extra_requirements

ROOT = Path(__file__).parents[2]
READERS = ("documents", "tables", "isolation", "components/data_source", "components/preprocessing")


def imported() -> Iterator[str]:
    for folder in READERS:
        for path in (ROOT / "serving" / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.ImportFrom) and node.module:
                    yield node.module.partition(".")[0]
                elif isinstance(node, ast.Import):
                    yield from (name.name.partition(".")[0] for name in node.names)


def test_the_preview_s_worker_has_every_package_that_reads() -> None:
    modules = set(imported()) - set(sys.stdlib_module_names) - {"serving"}
    packages = {packages_distributions()[module][0].lower() for module in modules}
    text = (ROOT / "windmill" / "scripts" / "preview_sources.py").read_text("utf-8")
    assert {"docutils", "selectolax"} <= packages
    assert packages - set(extra_requirements(text)) == set()
