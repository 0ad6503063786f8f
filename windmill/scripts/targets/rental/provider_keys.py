"""The keys by which machines are rented: secrets of Windmill, which no pipeline can name."""

from pydantic import SecretStr

from ...model.base.windmill_paths import PROVIDER_KEYS
from ...worker.instance import secret_variable
from .errors import NoProviderKey


def provider_key(target: str) -> SecretStr:
    """Raises NoProviderKey."""
    if text := secret_variable(f"{PROVIDER_KEYS}/{target}"):
        return SecretStr(text)
    raise NoProviderKey(target=target)


def missing_key(target: str) -> str:
    """In words; '' where it is stored."""
    try:
        provider_key(target)
    except NoProviderKey as error:
        return f"{error.message} {error.fix}"
    return ""
