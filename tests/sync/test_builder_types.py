"""The builder's own TypeScript, checked by its compiler as strictly as the rest by mypy."""

import subprocess

import pytest

from cli.platform.home import ROOT
from sync.build.bundle import install
from sync.build.node import node_environment, node_home
from tests.tools.needs import need

APP = ROOT / "windmill/apps/ml_pipeline_builder.raw_app"


@pytest.mark.slow
@pytest.mark.xdist_group("platform")  # whoever builds the app installs into the same folder
def test_the_builder_has_no_type_errors() -> None:
    need("windmill-cli")
    install(APP)
    command = [str(node_home() / "bin/node"), "node_modules/typescript/bin/tsc"]
    done = subprocess.run(
        command, cwd=APP, env=node_environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
