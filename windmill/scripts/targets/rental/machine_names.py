"""What a rented machine is called at its provider: enough to find it with all else lost."""

import re
from dataclasses import dataclass

from ...model.base.derived_secrets import derived_secret

OWNER = "mlops"
INSTALLATION_LENGTH = 12
_NAME = re.compile(
    rf"{OWNER}\.([0-9a-f]{{{INSTALLATION_LENGTH}}})\.([a-z][a-z0-9-]{{0,79}})\.([1-9]\d{{0,6}})"
)


@dataclass(frozen=True)
class MachineName:
    """`mlops.3f9a2c41d0be.rag-chatbot-3f9a2c.1`."""

    installation: str
    deployment_id: str
    attempt: int

    def __str__(self) -> str:
        return f"{OWNER}.{self.installation}.{self.deployment_id}.{self.attempt}"

    @classmethod
    def read(cls, text: str) -> "MachineName | None":
        """None for what is nobody's of ours."""
        match = _NAME.fullmatch(text)
        return cls(match[1], match[2], int(match[3])) if match else None


def installation_of(platform_key: str) -> str:
    """Lives with the secrets: whoever lost the database still knows which machines are theirs."""
    return derived_secret(platform_key, "installation", "")[:INSTALLATION_LENGTH]
