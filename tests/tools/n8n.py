"""n8n as n8n/package-lock.json has it, installed once a machine."""

import shutil
from pathlib import Path

from cli.platform.home import ROOT
from sync.build.install_once import built_once
from sync.build.node import NODE_LOCK, npm

MANIFESTS = (ROOT / "n8n" / "package.json", ROOT / "n8n" / "package-lock.json")
# Its other native parts belong to nodes that nothing of ours uses.
NATIVE = ("sqlite3", "isolated-vm")


def n8n() -> Path:
    """The program, for node to run; takes minutes the first time."""
    return built_once("n8n", _install, *MANIFESTS, NODE_LOCK) / "node_modules/n8n/bin/n8n"


def _install(folder: Path) -> None:
    for manifest in MANIFESTS:
        shutil.copy(manifest, folder)
    # Not `npm ci`: it asks for optional parts of other platforms that the lock rightly leaves out.
    npm("install", "--ignore-scripts", cwd=folder)
    npm("rebuild", *NATIVE, cwd=folder)
