"""A push that GitHub or GitLab tells of: who sent it, and the little that is believed of it.

GitHub signs the raw body (`X-Hub-Signature-256`); GitLab signs as Standard Webhooks do where it has
a signing token, else it sends the secret itself (`X-Gitlab-Token`).
"""

import hashlib
import hmac
import uuid
from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.access.errors import BadSignature
from gateway.errors import NoGitEvent
from gateway.http.webhook_signature import Event, verify

GIT_RUNS = uuid.UUID("3f4c1f0e-5a0d-5d0b-9b8e-6c7e0a5d2b19")
GITHUB, GITLAB, STANDARD = "x-hub-signature-256", "x-gitlab-token", "webhook-signature"
BRANCH = "refs/heads/"


class _Person(BaseModel):
    name: str = ""


class GitPush(BaseModel):
    """What both tell of a push; neither what changed nor where from is taken from an event."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    ref: Annotated[str, Field(max_length=300)] = ""
    after: Annotated[str, Field(pattern=r"^([0-9a-f]{40}|[0-9a-f]{64})?$")] = ""
    pusher: _Person = _Person()  # GitHub
    user_username: str = ""  # GitLab

    @property
    def branch(self) -> str:
        return self.ref.removeprefix(BRANCH) if self.ref.startswith(BRANCH) else ""

    @property
    def by(self) -> str:
        """As a word that nobody takes for anything else."""
        told = self.pusher.name or self.user_username
        kept = "".join(each if each.isalnum() or each in "._-" else "?" for each in told)
        return kept[:100] or "somebody"

    def is_to(self, branch: str) -> bool:
        """Whether the branch is there after it."""
        return self.branch == branch and bool(self.after.strip("0"))


def received(headers: Mapping[str, str], body: bytes, secret: str, now: float) -> GitPush:
    """Raises BadSignature, whatever is wrong with it; NoGitEvent for what is no JSON object."""
    _verify(headers, body, secret, now)
    try:
        return GitPush.model_validate_json(body)
    except ValidationError:
        raise NoGitEvent from None


def run_of(body: bytes) -> str:
    """One push, one run. Of what is signed: anybody may send a body again with another id."""
    return str(uuid.uuid5(GIT_RUNS, hashlib.sha256(body).hexdigest()))


def _verify(headers: Mapping[str, str], body: bytes, secret: str, now: float) -> None:
    if headers.get(STANDARD):
        return verify(Event.received(headers, body), secret, now)
    if given := headers.get(GITHUB):
        digest = hmac.digest(secret.encode(), body, hashlib.sha256).hex()
        return _same(given, f"sha256={digest}")
    return _same(headers.get(GITLAB, ""), secret)


def _same(given: str, wanted: str) -> None:
    if not hmac.compare_digest(given.encode(), wanted.encode()):
        raise BadSignature
