"""The quickstart, typed block after block as it stands in the documentation."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, blocks
from tests.e2e.harness import MLOPS, OURS, Platform

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.xdist_group("second platform"),
]
PAGE = ROOT / "docs" / "tutorials" / "quickstart.md"


def typed(platform: Platform, script: str) -> str:
    environment = {
        **os.environ,
        **OURS,
        "MLOPS_HOME": str(platform.home),
        "PATH": f"{Path(MLOPS).parent}{os.pathsep}{os.environ['PATH']}",
    }
    done = subprocess.run(
        ["bash", "-euc", script],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{platform.logs()}"
    return done.stdout


def test_the_quickstart_does_what_it_says(platform: Platform) -> None:
    steps = [block.text for block in blocks(PAGE, "sh") if block.file == "quickstart"]
    # Others share this platform; that it can be stopped is their test.
    text = "\n".join(steps).replace("\nmlops down ", "\n# mlops down ")
    told = typed(platform, text)
    assert "handbook is live" in told
    assert "handbook: nothing changed" in told
    assert "gpu-handbook.pdf" in told
    assert "handbook" not in platform.run("ls").stdout
