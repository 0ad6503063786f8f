"""The private key by which a worker logs in: a Windmill variable, or a file the operator allows."""

import os
import re
from pathlib import Path

from ...model.base.windmill_paths import SSH_KEYS
from ...provision.ssh.errors import KeyRefused
from ...worker.instance import secret_variable

ALLOWED = "MLOPS_SSH_KEYS"  # files, or folders of such, separated by colons
_BLOCK = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.+-----END [A-Z ]*PRIVATE KEY-----", re.S)


def private_key(key: str) -> str:
    """Raises KeyRefused."""
    text = _of_file(Path(key)) if key.startswith("/") else _of_variable(key)
    block = _BLOCK.search(text)
    if block is None:
        fix = "Give the private half: the file without .pub, from -----BEGIN to -----END."
        raise KeyRefused(key=key, reason="it holds no private key", fix=fix)
    return block[0]


def _of_variable(name: str) -> str:
    path = f"{SSH_KEYS}/{name}"
    text = secret_variable(path)
    if not text:
        fix = (
            f"Put the private key into Windmill's secret variable {path}, or name a file that "
            f"the operator allows: --set key=/path (with {ALLOWED}=/path where the workers run)."
        )
        raise KeyRefused(key=name, reason=f"there is no variable {path}", fix=fix)
    return text


def _of_file(path: Path) -> str:
    real = path.resolve()
    words = filter(None, os.environ.get(ALLOWED, "").split(os.pathsep))
    allowed = [Path(word).expanduser().resolve() for word in words]
    if not any(real.is_relative_to(place) for place in allowed):
        fix = f"Start the platform with {ALLOWED}={path}, or use a variable below {SSH_KEYS}."
        raise KeyRefused(key=str(path), reason="the operator has not allowed this file", fix=fix)
    try:
        return real.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise KeyRefused(key=str(path), reason=reason, fix="Check its name.") from error
