"""Keys of those who rent machines out: for which there is one; never the keys."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict

from gateway.access.guard import GuardedRoute
from gateway.errors import UnknownProviderKey, WrongKeyForm
from gateway.http.services import Platform
from gateway.runs.responses import KeptProviderKey
from windmill.scripts.model.base.target import KEY_FORMS, RENTED
from windmill.scripts.model.base.windmill_paths import PROVIDER_KEYS
from windmill.scripts.model.drawing.llm_keys import KeyText
from windmill.scripts.model.drawing.provider_keys import key_parts

router = APIRouter(prefix="/provider-keys", tags=["keys"], route_class=GuardedRoute)
TARGETS = "|".join(sorted(RENTED))
Name = Annotated[str, Path(pattern=f"^({TARGETS})$", description="the target that rents by it")]


class ProviderKey(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    key: KeyText


@router.get("")
async def list_provider_keys(platform: Platform) -> list[KeptProviderKey]:
    """The targets whose provider's key is stored."""
    kept = await platform.windmill.variables(f"{PROVIDER_KEYS}/")
    return [KeptProviderKey(target=path.rpartition("/")[2]) for path, _ in kept]


@router.put("/{target}")
async def store_provider_key(
    target: Name, body: ProviderKey, platform: Platform
) -> KeptProviderKey:
    """From now on deployments to this target rent machines by it, which costs money."""
    form, key = KEY_FORMS.get(target), body.key.get_secret_value()
    if form and not key_parts(target, key):
        raise WrongKeyForm(target=target, form=form["example"])
    path, says = f"{PROVIDER_KEYS}/{target}", f"rents machines for the target {target}"
    await platform.windmill.keep_secret(path, key, says)
    return KeptProviderKey(target=target)


@router.delete("/{target}")
async def remove_provider_key(target: Name, platform: Platform) -> KeptProviderKey:
    """What is rented goes on, and can be ended again once a key is stored."""
    if target not in {kept.target for kept in await list_provider_keys(platform)}:
        raise UnknownProviderKey(target=target)
    await platform.windmill.delete_variable(f"{PROVIDER_KEYS}/{target}")
    return KeptProviderKey(target=target)
