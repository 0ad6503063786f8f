"""Debian's Chromium; a machine that lacks it and may install it gets it."""

import os
import shutil
import subprocess

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium() -> str | None:
    """Its path; None where there is none and only an administrator could install it."""
    found = shutil.which("chromium")
    if found or os.geteuid() != 0 or not shutil.which("apt-get"):
        return found
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-inter"]
    for command in (["update", "-qq"], install):
        subprocess.run(
            ["apt-get", "-o", "DPkg::Lock::Timeout=120", *command],
            env=environment,
            check=True,
            capture_output=True,
        )
    return shutil.which("chromium")
