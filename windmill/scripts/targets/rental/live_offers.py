"""What a provider offers now; list prices where it is not asked or does not say."""

from collections.abc import Callable

from pydantic import SecretStr

from ...model.base.errors import MlopsError
from ...model.base.target import Target
from ...model.cost.offer import Offer
from ...model.drawing.pipeline import Compute
from ..listed_offers import listed_offers
from .errors import NoProviderKey, RentalError
from .provider_keys import provider_key

NotAsked = Callable[[Target, MlopsError], None]


def nobody_told(_target: Target, _why: MlopsError) -> None:
    """Whoever deploys goes by what there is."""


def live_offers(
    target: Target,
    needs: Compute,
    ask: Callable[[SecretStr], list[Offer]],
    not_asked: NotAsked = nobody_told,
) -> list[Offer]:
    """Cheapest first. A provider that is down must not keep `auto` from all others: `not_asked` is
    told whose prices are the list's, and why."""
    try:
        return ask(provider_key(target))
    except (NoProviderKey, RentalError) as why:
        not_asked(target, why)
        return listed_offers(target, needs)
