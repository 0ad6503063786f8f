"""A cluster as kubectl speaks to it, with a kubeconfig of its own for as long as it is used."""

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...model.drawing.place import HostPlace
from ...provision.files import write_private
from .errors import (
    ClusterError,
    ClusterForbids,
    ClusterLoginRefused,
    ClusterUnreachable,
    NoKubectl,
)
from .kubeconfig import Access, access

SECONDS = 60
MOST_REASON = 500
# In the order in which they are looked for in what kubectl says.
MEANINGS: tuple[tuple[re.Pattern[str], type[ClusterError]], ...] = (
    (re.compile("unauthorized|must be logged in|credentials", re.I), ClusterLoginRefused),
    (re.compile("forbidden", re.I), ClusterForbids),
    (
        re.compile(
            "unable to connect|was refused|no such host|i/o timeout|deadline exceeded|"
            "no route|x509|tls:|timed out|EOF",
            re.I,
        ),
        ClusterUnreachable,
    ),
)


@dataclass(frozen=True)
class Cluster:
    server: str
    config: Path

    @property
    def environment(self) -> dict[str, str]:
        """`KUBERC=off`: what the worker's user set up for kubectl changes nothing here."""
        return {**os.environ, "KUBECONFIG": str(self.config), "KUBERC": "off"}

    def command(self, *arguments: str) -> list[str]:
        return ["kubectl", f"--request-timeout={SECONDS}s", *arguments]

    def run(self, *arguments: str, given: str = "", seconds: float = SECONDS) -> str:
        """What it printed. Raises ClusterError."""
        try:
            done = subprocess.run(
                self.command(*arguments),
                env=self.environment,
                input=given,
                capture_output=True,
                text=True,
                check=False,
                timeout=seconds + 5,
            )
        except subprocess.TimeoutExpired:
            raise ClusterUnreachable(server=self.server, reason="it timed out") from None
        if done.returncode:
            raise explained(self.server, done.stderr)
        return done.stdout

    def get(self, *arguments: str) -> dict[str, Any]:
        """Empty where it is not there."""
        text = self.run("get", "--ignore-not-found", "--output=json", *arguments)
        found: dict[str, Any] = json.loads(text) if text.strip() else {}
        return found

    def apply(self, documents: Sequence[Mapping[str, Any]]) -> bool:
        """Whether that changed anything. Nothing of it is in a file or in a command."""
        whole = {"apiVersion": "v1", "kind": "List", "items": list(documents)}
        ours = ("--server-side", "--force-conflicts", "--field-manager=mlops")
        before = self._versions(documents)
        self.run("apply", *ours, "--filename=-", given=json.dumps(whole))
        return self._versions(documents) != before

    def _versions(self, documents: Sequence[Mapping[str, Any]]) -> list[str]:
        named = [(d["kind"], d["metadata"]["name"], d["metadata"]["namespace"]) for d in documents]
        found = [self.get(kind, name, f"--namespace={where}") for kind, name, where in named]
        return [one.get("metadata", {}).get("resourceVersion", "") for one in found]

    def may(self, verb: str, what: str, *options: str) -> bool:
        command = self.command("auth", "can-i", verb, what, *options)
        done = subprocess.run(
            command,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )
        word = done.stdout.partition(" ")[0].strip()  # a reason may follow a no
        if word not in ("yes", "no"):
            raise explained(self.server, done.stderr)
        return word == "yes"


@contextmanager
def connected(place: HostPlace) -> Iterator[Cluster]:
    """Raises KubeconfigRefused, NoKubectl."""
    with opened(access(place.key, place.user)) as cluster:
        yield cluster


@contextmanager
def opened(found: Access) -> Iterator[Cluster]:
    if not shutil.which("kubectl"):
        raise NoKubectl
    folder = Path(tempfile.mkdtemp(prefix="mlops-kube-"))
    try:
        write_private(folder / "config", json.dumps(found.config))
        yield Cluster(found.server, folder / "config")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def explained(server: str, said: str) -> ClusterError:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    reason = (lines[-1] if lines else "kubectl gave no reason")[:MOST_REASON]
    for pattern, kind in MEANINGS:
        if pattern.search(said):
            return kind(server=server, reason=reason)
    return ClusterError(server=server, reason=reason)
