"""A real provider of identities, oidc-provider from npm, and the keys that it signs with."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from joserfc.jwk import RSAKey

from sync.build.node import node_home, npm_packages

FOLDER = Path(__file__).with_name("oidc_provider_package")


def oidc_provider() -> Path:
    """Its package, installed once a machine."""
    return npm_packages(FOLDER) / "oidc-provider"


@dataclass
class RunningProvider:
    issuer: str
    client_id: str
    keys: list[RSAKey]
    _process: subprocess.Popen[str]

    def rotate(self, *keys: RSAKey) -> None:
        """From now on it signs by the first and names no others than these."""
        self.keys = list(keys)
        _pipe(self._process.stdin).write(json.dumps(_written(self.keys)) + "\n")
        _pipe(self._process.stdin).flush()
        assert _pipe(self._process.stdout).readline() == "changed\n"


def new_key(name: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig", "alg": "RS256"})


@contextmanager
def running_oidc_provider(
    package: Path, client: Mapping[str, Any], people: Mapping[str, Any]
) -> Iterator[RunningProvider]:
    keys = [new_key("first")]
    told = json.dumps({"keys": _written(keys), "client": client, "people": people})
    program = (FOLDER / "provider.mjs").read_text("utf-8")
    node = [
        str(node_home() / "bin" / "node"),
        "--no-warnings",
        "--input-type=module",
        "-e",
        program,
    ]
    process = subprocess.Popen(
        [*node, told],
        cwd=package.parents[1],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        issuer = _pipe(process.stdout).readline().strip()
        assert issuer, "the provider did not start"
        yield RunningProvider(issuer, client["client_id"], keys, process)
    finally:
        process.kill()
        process.communicate()


def _written(keys: list[RSAKey]) -> list[dict[str, Any]]:
    return [dict(key.as_dict(private=True)) for key in keys]


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe
    return pipe
