"""What failures tell, without the secrets that this process knows."""

import os
import re
from collections.abc import Iterable
from typing import Any

SECRET_NAMES = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL", re.IGNORECASE)
PASSWORD_IN_URL = re.compile(r"(?P<before>\w://[^\s/:@]*:)[^\s/@]+(?=@)")
# Shorter ones stand in too many innocent words.
LEAST = 6


class Redaction:
    """Of these secrets, of the environment's, and of every password in a URL."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = {each.strip() for each in (*secrets, *_of_the_environment())}
        self._hidden = sorted((each for each in known if len(each) >= LEAST), key=len, reverse=True)

    def text(self, text: str) -> str:
        for secret in self._hidden:
            text = text.replace(secret, "***")
        return PASSWORD_IN_URL.sub(r"\g<before>***", text)

    def everywhere(self, value: Any) -> Any:
        """In every text of a JSON value; keys are ours."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {key: self.everywhere(each) for key, each in value.items()}
        return [self.everywhere(each) for each in value] if isinstance(value, list) else value


def _of_the_environment() -> Iterable[str]:
    return (value for name, value in os.environ.items() if SECRET_NAMES.search(name))
