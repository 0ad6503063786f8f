"""The builder's parts that need no browser, run as they are by Node."""

import json
import subprocess
from pathlib import Path

import pytest

from cli.platform.home import ROOT
from sync.build.bundle import APPS, install
from sync.build.node import node_environment, node_home, npm_packages
from tests.tools.needs import need
from windmill.scripts.model.catalog.catalog import read_catalog

APP = APPS / "ml_pipeline_builder.raw_app"


@pytest.mark.slow
@pytest.mark.xdist_group("platform")  # whoever builds the app installs into the same folder
@pytest.mark.parametrize(
    "part", ["entry_text", "composition", "chat", "watch", "cost", "outline", "words"]
)
def test_what_needs_no_browser_does_what_its_own_tests_say(part: str, tmp_path: Path) -> None:
    need("windmill-cli")
    install(APP)
    components = tmp_path / "components.json"
    catalog, _ = read_catalog(ROOT / "catalog")
    dumped = {name: each.model_dump(mode="json") for name, each in catalog.components.items()}
    components.write_text(json.dumps(dumped), "utf-8")
    program = bundled(Path(__file__).with_name(f"{part}.test.ts"), tmp_path)
    node(program, components, ROOT / "catalog")


def bundled(test: Path, folder: Path) -> Path:
    """By the bundler that makes the app, so that both read the same imports alike."""
    program = folder / "test.cjs"
    bundler = npm_packages(APPS) / "esbuild/bin/esbuild"
    node(bundler, test, "--bundle", "--platform=node", f"--outfile={program}", "--log-level=error")
    return program


def node(program: Path, *arguments: str | Path) -> None:
    command = [str(node_home() / "bin/node"), str(program), *map(str, arguments)]
    environment = {**node_environment(), "NODE_PATH": str(APP / "node_modules"), "LC_ALL": "C"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
