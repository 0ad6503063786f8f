"""Keys of language models' providers: who has one, and for which address; never the keys."""

from typing import Annotated

from fastapi import APIRouter, Path

from gateway.access.guard import GuardedRoute
from gateway.errors import UnknownLlmKey
from gateway.http.services import Platform
from gateway.runs.responses import KeptKey
from windmill.scripts.model.base.windmill_paths import LLM_KEYS
from windmill.scripts.model.drawing.llm_keys import KEY_NAME, StoredKey

router = APIRouter(prefix="/llm-keys", tags=["keys"], route_class=GuardedRoute)
Name = Annotated[str, Path(pattern=KEY_NAME)]
# The address once more, so that listing keys decrypts none of them.
SAYS = "LLM key for "


@router.get("")
async def list_keys(platform: Platform) -> list[KeptKey]:
    """The keys there are. One without an address is sent nowhere: store it again."""
    kept = await platform.windmill.variables(f"{LLM_KEYS}/")
    return [KeptKey(name=path.rpartition("/")[2], base_url=_told(says)) for path, says in kept]


@router.put("/{name}")
async def store_key(name: Name, body: StoredKey, platform: Platform) -> KeptKey:
    """A pipeline names the key; it is sent to this address, and what lies below it, alone."""
    path, description = f"{LLM_KEYS}/{name}", f"{SAYS}{body.base_url}"
    await platform.windmill.keep_secret(path, body.text(), description)
    return KeptKey(name=name, base_url=body.base_url)


@router.delete("/{name}")
async def remove_key(name: Name, platform: Platform) -> KeptKey:
    """Deployments keep it until they are deployed again."""
    kept = {key.name: key for key in await list_keys(platform)}
    if name not in kept:
        raise UnknownLlmKey(name=name)
    await platform.windmill.delete_variable(f"{LLM_KEYS}/{name}")
    return kept[name]


def _told(description: str) -> str:
    return description.removeprefix(SAYS) if description.startswith(SAYS) else ""
