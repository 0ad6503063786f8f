"""Who logs in where, and by which host key the machine is known."""

import base64
import hashlib
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Login:
    """`key` is what people call the private key, `private_key` its text."""

    host: str
    port: int
    user: str
    key: str
    private_key: str = field(repr=False)


def fingerprint(host_key: str) -> str:
    """Of `ssh-ed25519 AAAA…`, as OpenSSH shows it."""
    blob = base64.b64decode(host_key.split()[1])
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
