"""The repository that is followed, fetched by a library: no program is started, no hook is run."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from cli.errors import BadOption, NotFetched
from windmill.scripts.model.base.errors import Reason

USER = "git"  # hosts that take a token for a password take any name with it
FIX = "See docs/how-to/sync-from-git.md."


class GitSettings(BaseModel):
    """One field an environment variable of the same name in capitals."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)
    # No name and password in it: it is shown.
    git_push_repository: str = Field(pattern=r"^(https://[^\s@?#]+|/[^\s]+)$")
    git_push_branch: str = Field(pattern=r"^[\w][\w./-]{0,99}$")
    git_push_token: SecretStr = SecretStr("")

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "GitSettings":
        """Raises BadOption."""
        given = {name: environment.get(name.upper(), "") for name in cls.model_fields}
        try:
            return cls.model_validate({name: text for name, text in given.items() if text})
        except ValidationError as error:
            wrong = [f"{str(item['loc'][0]).upper()}: {item['msg']}" for item in error.errors()]
            raise BadOption(what="; ".join(wrong), fix=FIX) from error


@dataclass(frozen=True)
class Checkout:
    folder: Path
    commit: str


def fetch(settings: GitSettings, folder: Path) -> Checkout:
    """The newest commit of the branch, alone. Raises NotFetched."""
    from dulwich import porcelain

    token = settings.git_push_token.get_secret_value()
    login: dict[str, Any] = {"username": USER, "password": token} if token else {}
    branch, repository = settings.git_push_branch, settings.git_push_repository
    try:
        with (
            open("/dev/null", "wb") as nowhere,
            porcelain.clone(
                repository, folder, branch=branch, depth=1, errstream=nowhere, **login
            ) as repo,
        ):
            commit = repo.head().decode()
    except Exception as error:  # whatever it meets: network, server, refs
        reason = Reason.of(error).message.replace(token or "\0", "***")
        raise NotFetched(repository=repository, branch=branch, reason=reason) from error
    _refuse_links(folder)
    return Checkout(folder, commit)


def _refuse_links(folder: Path) -> None:
    """One could lead to a secret of whoever follows."""
    inside = folder.resolve()
    for file in folder.rglob("*"):
        if file.is_symlink() and not file.resolve().is_relative_to(inside):
            name = file.relative_to(folder)
            raise NotFetched(repository=name, branch="", reason="it leads out of the repository")
