"""Where secrets that were made are kept for the programs that need them."""

import re
from pathlib import Path
from typing import Protocol, Self

from cli.errors import Refused
from cli.platform.home import write_private


class SecretKeeper(Protocol):
    """`name`: of the environment variable that the secret is for."""

    def read(self, name: str) -> str:
        """'' where there is none."""
        ...

    def keep(self, name: str, secret: str) -> None:
        """Raises Refused."""
        ...


class EnvironmentFile:
    """`NAME=secret` lines; whatever else stands in the file stays."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __str__(self) -> str:
        return str(self._path)

    def read(self, name: str) -> str:
        found = re.search(rf"^{name}=(\S+)", self._text(), re.MULTILINE)
        return found[1] if found else ""

    def keep(self, name: str, secret: str) -> None:
        others = [line for line in self._text().splitlines() if not line.startswith(f"{name}=")]
        _write(self._path, "\n".join([*others, f"{name}={secret}", ""]))

    def _text(self) -> str:
        return self._path.read_text("utf-8") if self._path.exists() else ""


class SecretsFolder:
    """A file a secret, named as its variable in small letters: programs that are told the folder
    read it themselves."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @classmethod
    def within(cls, path: Path, name: str, *, make: bool) -> Self:
        """For one program alone: who may read the others' does not read its."""
        folder = path / name
        if make:
            folder.mkdir(mode=0o700, exist_ok=True)
        return cls(folder)

    def __str__(self) -> str:
        return str(self._path)

    def read(self, name: str) -> str:
        file = self._file(name)
        return file.read_text("utf-8").strip() if file.exists() else ""

    def keep(self, name: str, secret: str) -> None:
        _write(self._file(name), f"{secret}\n")

    def _file(self, name: str) -> Path:
        return self._path / name.lower()


def _write(path: Path, text: str) -> None:
    try:
        write_private(path, text)
    except OSError as error:
        raise Refused(message=f"{path} cannot be written: {error.strerror}") from error
