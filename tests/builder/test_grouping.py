"""What the builder makes of a selection of steps is an entry that the catalog takes."""

import shutil
from pathlib import Path

import pytest

from cli.platform.home import ROOT
from sync.build.bundle import install
from tests.builder.test_typescript import APP, bundled, node
from tests.tools.needs import need
from windmill.scripts.model.catalog.catalog import read_catalog
from windmill.scripts.model.check.check_catalog import check_catalog


@pytest.mark.slow
@pytest.mark.xdist_group("platform")  # whoever builds the app installs into the same folder
def test_grouped_and_ungrouped_steps_are_entries_without_a_problem(tmp_path: Path) -> None:
    need("windmill-cli")
    install(APP)
    copy = tmp_path / "catalog"
    shutil.copytree(ROOT / "catalog", copy)
    node(bundled(Path(__file__).with_name("grouping.test.ts"), tmp_path), copy)
    catalog, problems = read_catalog(copy)
    assert [*problems, *check_catalog(catalog)] == []
    assert {"meta-pipelines/tried-classifier", "meta-pipelines/told"} <= set(catalog.entries)
