"""Keys of providers that give two parts: written and stored as one, `first:second`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class KeyForm:
    """`example` is told to who stored another one."""

    pattern: str
    example: str

    def parts(self, key: str) -> tuple[str, str] | None:
        """None where it is not of this form."""
        found = re.fullmatch(self.pattern, key)
        return (found[1], found[2]) if found else None


# By target; of others any text may be a key.
KEY_FORMS: Mapping[str, KeyForm] = {
    "exoscale": KeyForm(
        r"(EXO[A-Za-z0-9]{8,60}):([A-Za-z0-9_+/=-]{16,200})", "EXOkey:secret, with a colon"
    ),
}
