"""The double where Terraform finds it: a mirror of providers, and the settings that name it."""

import os
import platform
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.tools.needs import need

HERE = Path(__file__).parent
VERSION = "2.0.0"
MACHINES = {"x86_64": "linux_amd64", "aarch64": "linux_arm64"}
# Apart from the tests' own packages and home: its certificates go where it is told that home is.
PROGRAM = """\
#!{python} -I
import os, sys
os.environ["HOME"] = {home!r}
sys.path[:0] = [{packages!r}, {here!r}]
import double
double.main()
"""
SETTINGS = """\
provider_installation {{
  filesystem_mirror {{
    path = "{mirror}"
  }}
}}
"""


@dataclass(frozen=True)
class ProviderDouble:
    settings: Path
    pods: Path

    @property
    def environment(self) -> dict[str, str]:
        return {
            "TF_CLI_CONFIG_FILE": str(self.settings),
            "PROVIDER_DOUBLE_PODS": str(self.pods),
            "RUNPOD_API_KEY": "of-nobody",
        }


def install(folder: Path, module: Path, launcher: list[str]) -> ProviderDouble:
    """`launcher` is Terraform, which knows where it would look for `module`'s provider."""
    pods, mirror = folder / "pods", folder / "mirror"
    pods.mkdir()
    place = mirror / _source(folder, module, launcher) / VERSION / MACHINES[platform.machine()]
    place.mkdir(parents=True)
    program = place / f"terraform-provider-runpod_v{VERSION}"
    packages = str(need("provider-double"))
    program.write_text(
        PROGRAM.format(python=sys.executable, home=str(folder), packages=packages, here=str(HERE))
    )
    program.chmod(0o755)
    settings = folder / "settings.tfrc"
    settings.write_text(SETTINGS.format(mirror=mirror))
    return ProviderDouble(settings, pods)


def _source(folder: Path, module: Path, launcher: list[str]) -> str:
    shutil.copytree(module, folder / "asked", ignore=shutil.ignore_patterns("tests"))
    done = subprocess.run(
        [*launcher, "providers"],
        cwd=folder / "asked",
        env={**os.environ, "CHECKPOINT_DISABLE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.search(r"provider\[([^\]]+)\]", done.stdout)
    assert found, done.stdout
    return found[1]
