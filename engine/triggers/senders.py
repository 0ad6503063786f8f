"""Who may call a route, by what the resource it names knows of the sender."""

import base64
import binascii
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import BadRequest, SenderMalformed, SenderUnknown

Secret = dict[str, Any]
WINDOW_SECONDS = 300.0
_SECONDS = re.compile(r"[0-9]{1,18}")  # what a server's 64 bits hold
METHODS = ("none", "windmill", "api_key", "basic_http", "custom_script", "signature")


@dataclass(frozen=True)
class Call:
    headers: Mapping[str, str]
    body: str
    at: float

    def header(self, name: str) -> str:
        try:
            return self.headers[name]
        except KeyError:
            raise SenderMalformed(why=f"missing header {name}") from None


@dataclass(frozen=True)
class Signed:
    """How a well-known sender signs: which header, and what of. `time` is the header of its
    moment, or with `fields` the name of it inside the one header."""

    header: str
    prefix: str = ""
    text: str = "{body}"
    time: str | None = None
    fields: tuple[str, str] | None = None


_SENDERS = {
    "Github": Signed("X-Hub-Signature-256", "sha256="),
    "Slack": Signed("X-Slack-Signature", "v0=", "v0:{time}:{body}", "X-Slack-Request-Timestamp"),
    "Stripe": Signed("Stripe-Signature", text="{time}.{body}", fields=("t", "v1")),
    "TikTok": Signed("TikTok-Signature", text="{time}.{body}", fields=("t", "s")),
}
_ENCODINGS: dict[str, Callable[[bytes], str]] = {
    "hex": bytes.hex,
    "base64": lambda digest: base64.b64encode(digest).decode(),
    "base64uri": lambda digest: base64.urlsafe_b64encode(digest).decode(),
}
_ALGORITHMS = ("sha1", "sha256", "sha512")


def check_sender(method: str, secret: Secret, call: Call) -> None:
    """Raises SenderUnknown or SenderMalformed; BadRequest if the resource is of another kind."""
    try:
        _CHECKS[method](secret, call)
    except (KeyError, TypeError) as error:
        raise BadRequest(why=f"the resource is none for {method}: {error}") from error


def _api_key(secret: Secret, call: Call) -> None:
    if not _same(call.headers.get(secret["api_key_header"], ""), secret["api_key_secret"]):
        raise SenderUnknown(why="Unauthorized")


def _basic(secret: Secret, call: Call) -> None:
    kind, _, sent = call.headers.get("Authorization", "").partition(" ")
    if kind != "Basic" or not _same(_decoded(sent), f"{secret['username']}:{secret['password']}"):
        raise SenderUnknown(why="Unauthorized")


def _decoded(sent: str) -> str:
    try:
        return base64.b64decode(sent, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _signature(secret: Secret, call: Call) -> None:
    sender = secret["signature_provider"]
    if sender == "Custom":
        _custom(secret, call)
    elif how := _SENDERS.get(sender):
        _known(how, secret, call)
    else:
        raise BadRequest(why=f"signatures of {sender} are not supported by the embedded engine")


def _known(how: Signed, secret: Secret, call: Call) -> None:
    time, sent = _sent(how, call)
    text = how.text.replace("{time}", time).replace("{body}", call.body)
    _verify(how.prefix + _digest("sha256", secret["secret_key"], text).hex(), sent)


def _sent(how: Signed, call: Call) -> tuple[str, str]:
    """The moment and the signature that came along."""
    sent = call.header(how.header)
    if how.fields is None:
        time = call.header(how.time) if how.time else ""
    else:
        held = dict(part.split("=", 1) for part in sent.split(",") if "=" in part)
        time, sent = (held.get(name, "") for name in how.fields)
    if how.time or how.fields:
        _check_time(time, call.at)
    return time, sent


def _check_time(time: str, now: float) -> None:
    if not _SECONDS.fullmatch(time):
        raise SenderMalformed(why="failed to parse timestamp")
    if int(time) < now - WINDOW_SECONDS:
        raise SenderMalformed(why="signature timestamp too old")
    if int(time) > now + WINDOW_SECONDS:
        raise SenderMalformed(why="signature timestamp too far in future")


def _custom(secret: Secret, call: Call) -> None:
    how = secret.get("authentication_config") or {}
    algorithm, encode = how.get("algorithm"), _ENCODINGS.get(how.get("encoding", ""))
    if algorithm not in _ALGORITHMS or encode is None or "signature_header_name" not in how:
        raise SenderMalformed(why="invalid custom config")
    expected = encode(_digest(algorithm, secret["secret_key"], call.body))
    _verify(
        (how.get("signature_prefix") or "") + expected, call.header(how["signature_header_name"])
    )


def _digest(algorithm: str, key: str, text: str) -> bytes:
    return hmac.digest(key.encode(), text.encode(), algorithm)


def _verify(expected: str, sent: str) -> None:
    if not _same(sent, expected):
        raise SenderUnknown(why="signature invalid")


def _same(sent: str, expected: str) -> bool:
    return hmac.compare_digest(sent.encode(), expected.encode())


_CHECKS: dict[str, Callable[[Secret, Call], None]] = {
    "api_key": _api_key,
    "basic_http": _basic,
    "signature": _signature,
}
