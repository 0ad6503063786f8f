"""Windmill's own CLI, run as a person runs it."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sync.build.node import node_environment
from tests.tools.needs import need


@dataclass
class Wmill:
    """`wmill` in a folder, talking to one workspace; keeps its settings out of the home folder."""

    folder: Path
    url: str
    token: str
    workspace: str = "mlops"

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        login = ["--base-url", self.url, "--workspace", self.workspace, "--token", self.token]
        return self.offline(*arguments, *login)

    def offline(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        home = ["--config-dir", str(self.folder.parent / "wmill-config")]
        command: list[str | Path] = [need("node"), need("windmill-cli"), *arguments, *home]
        return subprocess.run(
            command,
            cwd=self.folder,
            env={**node_environment(), "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def push(self, *options: str) -> str:
        done = self.run("sync", "push", "--yes", *options)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def changes(self) -> list[dict[str, Any]]:
        """What a push would do."""
        return self._would("push")

    def incoming(self) -> list[dict[str, Any]]:
        """What a pull would do."""
        return self._would("pull")

    def pull(self, *options: str) -> None:
        done = self.run("sync", "pull", "--yes", *options)
        assert done.returncode == 0, done.stdout + done.stderr

    def _would(self, verb: str) -> list[dict[str, Any]]:
        done = self.run("sync", verb, "--dry-run", "--json-output")
        assert done.returncode == 0, done.stdout + done.stderr
        changes: list[dict[str, Any]] = json.loads(done.stdout)["changes"]
        return changes
