"""What OpenSSH's client complains of, told as errors of ours."""

import re
from typing import Any

from ..errors import ProvisionError
from .errors import HostKeyChanged, HostUnreachable, KeyRefused, LoginRefused
from .login import Login

FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")
CHANGED = ("REMOTE HOST IDENTIFICATION HAS CHANGED", "Host key verification failed")
BAD_KEY = ("invalid format", "error in libcrypto", "passphrase", "bad permissions")
UNREACHED = {
    "could not resolve hostname": "its name is not known",
    "connection refused": "nothing listens on port {port}",
    "timed out": "it does not answer on port {port}",
    "timeout": "it does not answer on port {port}",
    "no route to host": "there is no way to it",
    "network is unreachable": "there is no way to it",
}


def explained(login: Login, complaint: str, known: str = "unknown") -> ProvisionError:
    """`known` is the fingerprint that the host showed before."""
    told: dict[str, Any] = {"host": login.host, "port": login.port, "user": login.user}
    if any(words in complaint for words in CHANGED):
        shown = FINGERPRINT.search(complaint)
        return HostKeyChanged(**told, shown=shown[0] if shown else "unknown", known=known)
    if "Load key" in complaint and any(words in complaint for words in BAD_KEY):
        fix = "It must be a private key in OpenSSH's or PEM form, without a passphrase."
        return KeyRefused(key=login.key, reason="it cannot be read", fix=fix)
    if "Permission denied" in complaint or "Too many authentication failures" in complaint:
        return LoginRefused(**told, reason=f"the key {login.key!r} is not accepted")
    for words, reason in UNREACHED.items():
        if words in complaint.lower():
            return HostUnreachable(**told, reason=reason.format(**told))
    last = complaint.strip().splitlines()[-1:] or ["it gave no reason"]
    return HostUnreachable(**told, reason=last[0][:300])
