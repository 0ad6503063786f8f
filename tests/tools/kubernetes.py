"""What Kubernetes itself would say of a manifest, for every release we promise, strictly."""

import os
import subprocess
import sys
from pathlib import Path

from tests.tools.needs import need

RELEASES = tuple(f"1.{minor}" for minor in range(30, 38))


def complaints(*files: Path) -> list[str]:
    """Lines of what is wrong; raises no error for it."""
    releases = [word for release in RELEASES for word in ("-k", release)]
    done = subprocess.run(
        [
            sys.executable,
            "-P",
            "-m",
            "kubernetes_validate",
            "--strict",
            *releases,
            *map(str, files),
        ],
        env={**os.environ, "PYTHONPATH": str(need("kubernetes-validate"))},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = (done.stdout + done.stderr).splitlines()
    assert any("passed" in line or "did not validate" in line for line in lines), lines
    return [line for line in lines if " passed for " not in line]
