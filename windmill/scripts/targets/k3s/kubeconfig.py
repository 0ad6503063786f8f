"""By what a worker speaks to a cluster: a Windmill variable, or a file the operator allows.

Only data is taken from it. A kubeconfig may name programs to run and files to read, and whoever
writes the variable is not whoever owns the worker.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from ...model.base.windmill_paths import KUBECONFIGS
from ...worker.instance import secret_variable
from .errors import KubeconfigRefused

ALLOWED = "MLOPS_KUBECONFIGS"  # files, or folders of such, separated by colons
MOST_CHARACTERS = 200_000
CLUSTER = ("server", "certificate-authority-data", "tls-server-name")
USER = ("token", "client-certificate-data", "client-key-data")


@dataclass(frozen=True)
class Access:
    """`config` holds one cluster, one user and nothing that runs or reads."""

    context: str
    server: str
    config: Mapping[str, Any]

    @property
    def host(self) -> str:
        return urlsplit(self.server).hostname or ""

    @property
    def port(self) -> int:
        return urlsplit(self.server).port or 443


def access(kubeconfig: str, context: str) -> Access:
    """`context` empty: the current one of the file. Raises KubeconfigRefused."""
    told = _parsed(kubeconfig)
    name = context or str(told.get("current-context") or "")
    chosen = _named(kubeconfig, told, "context", name)
    cluster = _named(kubeconfig, told, "cluster", str(chosen.get("cluster")))
    user = _named(kubeconfig, told, "user", str(chosen.get("user")))
    _require_data(kubeconfig, "cluster", cluster, CLUSTER)
    _require_data(kubeconfig, "user", user, USER)
    server = str(cluster["server"])
    if urlsplit(server).scheme != "https" or not urlsplit(server).hostname:
        raise _refused(kubeconfig, f"its server {server!r} is no https address", "Correct it.")
    return Access(name, server, _alone(cluster, user))


def _alone(cluster: Mapping[str, Any], user: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "mlops",
        "clusters": [{"name": "mlops", "cluster": dict(cluster)}],
        "users": [{"name": "mlops", "user": dict(user)}],
        "contexts": [{"name": "mlops", "context": {"cluster": "mlops", "user": "mlops"}}],
    }


def _parsed(kubeconfig: str) -> Mapping[str, Any]:
    text = _of_file(Path(kubeconfig)) if kubeconfig.startswith("/") else _of_variable(kubeconfig)
    try:
        if len(text) > MOST_CHARACTERS:
            raise ValueError
        told = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        told = None  # the parser's words would quote a secret
    if not isinstance(told, Mapping):
        fix = "Give the output of `kubectl config view --raw --flatten --minify`."
        raise _refused(kubeconfig, "it is no kubeconfig", fix)
    return told


def _named(kubeconfig: str, told: Mapping[str, Any], kind: str, name: str) -> Mapping[str, Any]:
    entries = told.get(f"{kind}s")
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, Mapping) and entry.get("name") == name:
            found = entry.get(kind)
            if isinstance(found, Mapping):
                return found
    fix = "`kubectl config get-contexts` lists those it has: --set context=NAME"
    raise _refused(kubeconfig, f"it has no {kind} {name!r}", fix)


def _require_data(
    kubeconfig: str, kind: str, entry: Mapping[str, Any], known: tuple[str, ...]
) -> None:
    """Raises KubeconfigRefused for what would run a program, read a file or trust anybody."""
    others = sorted(str(field) for field in entry if field not in known)
    if others:
        fix = (
            f"Of a {kind} only {', '.join(known)} are used. `kubectl config view --raw --flatten "
            "--minify` puts files into it; a program is replaced by a service account's token."
        )
        raise _refused(kubeconfig, f"its {kind} has {', '.join(others)}", fix)
    if not all(isinstance(entry[field], str) for field in entry) or not entry:
        raise _refused(kubeconfig, f"its {kind} holds no text", "Write it anew.")


def _of_variable(name: str) -> str:
    path = f"{KUBECONFIGS}/{name}"
    text = secret_variable(path)
    if not text:
        fix = (
            f"Put the kubeconfig into Windmill's secret variable {path}, or name a file that the "
            f"operator allows: --set kubeconfig=/path (with {ALLOWED}=/path where the workers run)."
        )
        raise _refused(name, f"there is no variable {path}", fix)
    return text


def _of_file(path: Path) -> str:
    real = path.resolve()
    words = filter(None, os.environ.get(ALLOWED, "").split(os.pathsep))
    allowed = [Path(word).expanduser().resolve() for word in words]
    if not any(real.is_relative_to(place) for place in allowed):
        fix = f"Start the platform with {ALLOWED}={path}, or use a variable below {KUBECONFIGS}."
        raise _refused(str(path), "the operator has not allowed this file", fix)
    try:
        return real.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise _refused(str(path), reason, "Check its name.") from error


def _refused(kubeconfig: str, reason: str, fix: str) -> KubeconfigRefused:
    return KubeconfigRefused(kubeconfig=kubeconfig, reason=reason, fix=fix)
