"""What a provider offers now; list prices where it is not asked or does not say."""

from collections.abc import Callable

from pydantic import SecretStr

from ...model.base.target import Target
from ...model.cost.offer import Offer
from ...model.drawing.pipeline import Compute
from ..listed_offers import listed_offers
from .errors import NoProviderKey, RentalError
from .provider_keys import provider_key


def live_offers(
    target: Target, needs: Compute, ask: Callable[[SecretStr], list[Offer]]
) -> list[Offer]:
    """Cheapest first. A provider that is down must not keep `auto` from all others."""
    try:
        return ask(provider_key(target))
    except (NoProviderKey, RentalError):
        return listed_offers(target, needs)
