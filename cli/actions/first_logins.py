"""Windmill and n8n as they come: their first logins are taken over, and keys are made by them."""

import os
from dataclasses import dataclass, field, replace

from cli.actions.connecting import FIRST_LOGIN
from cli.clients.n8n_owner import N8nOwner, Owner
from cli.clients.windmill import WindmillAddress, WindmillClient
from cli.errors import Refused
from cli.platform.checkup import Finding
from cli.platform.secret_files import SecretsFolder
from windmill.scripts.model.base.errors import MlopsError

N8N_KEY = "N8N_API_KEY"
CHANGED_ELSEWHERE = (
    "It was changed elsewhere: put it into .env, or give a token of an admin as WINDMILL_API_KEY."
)


@dataclass(frozen=True)
class Login:
    email: str
    password: str = field(repr=False)


def windmill_login() -> Login | None:
    """That the environment says Windmill's administrator shall have."""
    password = os.environ.get("WINDMILL_ADMIN_PASSWORD", "")
    return Login(FIRST_LOGIN[0], password) if password else None


def n8n_owner() -> Owner | None:
    """That the environment says n8n shall have."""
    password = os.environ.get("N8N_OWNER_PASSWORD", "")
    email = os.environ.get("N8N_OWNER_EMAIL", "")
    return Owner(email, password) if email and password else None


def sign_in(address: WindmillAddress, login: Login) -> tuple[WindmillAddress, Finding]:
    """With the first login, whose password is then this one. The token is a session's."""
    try:
        return _signed_in(address, login)
    except MlopsError as error:
        return address, Finding("sign in", "failed", error.message, error.fix)


def _signed_in(address: WindmillAddress, login: Login) -> tuple[WindmillAddress, Finding]:
    with WindmillClient(address) as windmill:
        if token := windmill.log_in(login.email, login.password):
            return replace(address, token=token), Finding("sign in", "ok", login.email)
        if not (token := windmill.log_in(*FIRST_LOGIN)):
            told = (
                f"{login.email} has neither the password of WINDMILL_ADMIN_PASSWORD nor the first"
            )
            return address, Finding("sign in", "failed", told, CHANGED_ELSEWHERE)
    signed_in = replace(address, token=token)
    with WindmillClient(signed_in) as windmill:
        windmill.set_password(login.password)
    return signed_in, Finding("sign in", "ok", f"{login.email}, its first password changed")


def signed_in_again(address: WindmillAddress, secrets: SecretsFolder) -> WindmillAddress:
    """As `mlops setup` left both with that folder; n8n's key is then that of this process.

    Raises Refused where Windmill does not take the password.
    """
    if key := secrets.read(N8N_KEY):
        os.environ[N8N_KEY] = key
    login = windmill_login()
    if not login or address.token:
        return address
    with WindmillClient(address) as windmill:
        if token := windmill.log_in(login.email, login.password):
            return replace(address, token=token)
    raise Refused(message=f"{login.email} has not the password of WINDMILL_ADMIN_PASSWORD.")


def own_n8n(url: str, owner: Owner, secrets: SecretsFolder) -> tuple[str, Finding]:
    """Its key, '' where none could be had: the one kept before, as long as it opens n8n."""
    try:
        with N8nOwner(url, owner) as n8n:
            if (kept := secrets.read(N8N_KEY)) and n8n.takes(kept):
                return kept, Finding("n8n owner", "ok", f"key in {secrets}, kept")
            told = n8n.come_in()
            key = n8n.make_key()
            secrets.keep(N8N_KEY, key)
    except MlopsError as error:
        return "", Finding("n8n owner", "failed", error.message, error.fix)
    return key, Finding("n8n owner", "ok", f"{owner.email}, {told}; key made in {secrets}")
