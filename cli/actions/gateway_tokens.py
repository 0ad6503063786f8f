"""The tokens that a gateway calls Windmill by: one a role, each with what that role needs."""

from collections.abc import Iterator
from dataclasses import replace

from cli.clients.windmill import WindmillAddress, WindmillClient
from cli.platform.checkup import Finding
from cli.platform.home import ROLES
from cli.platform.secret_files import SecretKeeper
from windmill.scripts.model.base.errors import MlopsError

WHAT = "gateway tokens"
VARIABLES = {role: f"WINDMILL_{role.upper()}_KEY" for role in ROLES}


def make_tokens(
    address: WindmillAddress, keeper: SecretKeeper, *, dry_run: bool
) -> Iterator[Finding]:
    """Those that Windmill still knows are kept. Raises Refused where the others cannot be."""
    try:
        missing = [role for role, name in VARIABLES.items() if not _is_known(address, keeper, name)]
    except MlopsError as error:  # nobody can say whether they still open it: they stay
        yield Finding(WHAT, "failed", error.message, error.fix)
        return
    if not missing:
        yield Finding(WHAT, "ok", f"in {keeper}, kept")
    elif dry_run:
        yield Finding(WHAT, "ok", f"would be made for {', '.join(missing)}, in {keeper}")
    else:
        yield from _made(address, keeper, missing)


def _is_known(address: WindmillAddress, keeper: SecretKeeper, name: str) -> bool:
    """A Windmill made anew knows none of before."""
    token = keeper.read(name)
    if not token:
        return False
    with WindmillClient(replace(address, token=token)) as windmill:
        return windmill.knows_token()


def _made(address: WindmillAddress, keeper: SecretKeeper, missing: list[str]) -> Iterator[Finding]:
    from gateway.access.roles import Role
    from gateway.access.windmill_scopes import SCOPES

    try:
        with WindmillClient(address) as windmill:
            for role in missing:
                token = windmill.create_token(f"mlops gateway, {role}", SCOPES[Role(role)])
                # At once: Windmill shows each a single time.
                keeper.keep(VARIABLES[role], token)
    except MlopsError as error:
        yield Finding(WHAT, "failed", error.message, error.fix)
    else:
        fix = "Start the gateway again with them; of WINDMILL_API_KEY it has no more need."
        yield Finding(WHAT, "ok", f"made for {', '.join(missing)}, in {keeper}", fix)
