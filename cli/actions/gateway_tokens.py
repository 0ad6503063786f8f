"""The tokens that a gateway calls Windmill by: one a role, each with what that role needs."""

import re
from collections.abc import Iterator
from pathlib import Path

from cli.clients.windmill import WindmillAddress, WindmillClient
from cli.errors import Refused
from cli.platform.checkup import Finding
from cli.platform.home import ROLES, write_private
from windmill.scripts.model.base.errors import MlopsError

WHAT = "gateway tokens"
VARIABLES = {role: f"WINDMILL_{role.upper()}_KEY" for role in ROLES}


def make_tokens(address: WindmillAddress, file: Path, *, dry_run: bool) -> Iterator[Finding]:
    """Written into `file`, of which other lines stay; those that are there are kept."""
    text = file.read_text("utf-8") if file.exists() else ""
    missing = [role for role, name in VARIABLES.items() if not _has(text, name)]
    if not missing:
        yield Finding(WHAT, "ok", f"in {file}, kept")
    elif dry_run:
        yield Finding(WHAT, "ok", f"would be made for {', '.join(missing)}, in {file}")
    else:
        yield from _made(address, file, text, missing)


def _made(address: WindmillAddress, file: Path, text: str, missing: list[str]) -> Iterator[Finding]:
    from gateway.access.roles import Role
    from gateway.access.windmill_scopes import SCOPES

    try:
        with WindmillClient(address) as windmill:
            for role in missing:
                token = windmill.create_token(f"mlops gateway, {role}", SCOPES[Role(role)])
                text = f"{_ended(text)}{VARIABLES[role]}={token}\n"
                # At once: Windmill shows each a single time.
                write_private(file, text)
    except MlopsError as error:
        yield Finding(WHAT, "failed", error.message, error.fix)
    except OSError as error:
        raise Refused(message=f"{file} cannot be written: {error.strerror}") from error
    else:
        fix = "Start the gateway again with them; of WINDMILL_API_KEY it has no more need."
        yield Finding(WHAT, "ok", f"made for {', '.join(missing)}, in {file}", fix)


def _has(text: str, name: str) -> bool:
    return re.search(rf"^{name}=\S", text, re.MULTILINE) is not None


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else f"{text}\n"
