"""A platform under test, driven as a person drives it: by `mlops`."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil

EXAMPLES = Path(__file__).parents[2] / "examples" / "documents"
MLOPS = Path(sys.executable).parent / "mlops"
ANSWER_WITHIN_SECONDS = 600
READABLE = "127.0.0.42"  # the one address of this machine that pipelines may read
# Tests are the load that the throttler would wait for.
OURS = {"THROTTLE_DISABLE": "true"}


@dataclass
class Platform:
    home: Path
    environment: dict[str, str] = field(default_factory=dict)

    def run(
        self, *arguments: str, fine: tuple[int, ...] = (0,)
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [str(MLOPS), *arguments],
            env={**os.environ, **self.environment, **OURS, "MLOPS_HOME": str(self.home)},
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=ANSWER_WITHIN_SECONDS,
            check=False,
        )
        assert done.returncode in fine, f"{arguments}: {done.stdout}\n{done.stderr}\n{self.logs()}"
        return done

    def json(self, *arguments: str, fine: tuple[int, ...] = (0,)) -> Any:
        return json.loads(self.run(*arguments, "--json", fine=fine).stdout)

    def logs(self) -> str:
        files = sorted((self.home / "logs").glob("*.log"))
        return "\n".join(f"== {f.name}\n{f.read_text()[-2000:]}" for f in files)

    @property
    def parts(self) -> dict[str, Any]:
        told: dict[str, dict[str, Any]] = json.loads((self.home / "platform.json").read_text())
        return told["parts"]

    def url(self, part: str) -> str:
        return str(self.parts[part]["url"])

    @property
    def secrets(self) -> dict[str, str]:
        secrets: dict[str, str] = json.loads((self.home / "secrets.json").read_text())
        return secrets

    def windmill(self) -> httpx.Client:
        return httpx.Client(
            base_url=f"{self.url('engine')}/api/w/mlops",
            headers={"Authorization": f"Bearer {self.secrets['windmill_token']}"},
            timeout=30,
        )

    def gateway(self) -> httpx.Client:
        return httpx.Client(
            base_url=self.url("gateway"),
            headers={"Authorization": f"Bearer {self.secrets['gateway_api_key']}"},
            timeout=30,
        )

    def key(self, name: str) -> str:
        return self.run("key", name).stdout.strip()

    def api(self, name: str) -> httpx.Client:
        """Of a deployed pipeline, as its owner asks it."""
        told = self.json("key", name)
        headers = {"Authorization": f"Bearer {told['key']}"}
        return httpx.Client(base_url=told["endpoint_url"], headers=headers, timeout=180)

    def deployment_folder(self, deployment_id: str) -> Path:
        return self.home / "deployments" / deployment_id

    def targets_file(self, deployment_id: str) -> Path:
        return self.home / "monitoring" / "targets" / f"{deployment_id}.json"

    def processes_of(self, deployment_id: str) -> list[psutil.Process]:
        """Every process whose command line or environment names the deployment's folder."""
        folder = f"{self.deployment_folder(deployment_id)}/"
        found = []
        for process in psutil.process_iter():
            try:
                words = [*process.cmdline(), *process.environ().values()]
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
            if any(folder in word for word in words):
                found.append(process)
        return found


@contextmanager
def broken_asset(platform: Platform, asset: str, file: str, old: str, new: str) -> Iterator[None]:
    """The pushed file tree with one file changed, as a bad edit of a colleague would."""
    path = f"f/mlops/assets/{asset}"
    with platform.windmill() as windmill:
        good = windmill.get(f"/resources/get_value/{path}").json()
        name = next(name for name in good if name.endswith(file))
        assert old in good[name], f"{name} no longer holds {old!r}"
        bad = {**good, name: good[name].replace(old, new)}
        windmill.post(f"/resources/update_value/{path}", json={"value": bad}).raise_for_status()
        try:
            yield
        finally:
            windmill.post(f"/resources/update_value/{path}", json={"value": good})
