"""Each target is asked once for the same needs: some providers count what is asked by the day."""

from ...model.base.target import Target
from ...model.cost.offer import Offer
from ...model.drawing.pipeline import Compute
from ..registry import TARGETS
from ..selection import offers_of


class OnceAsked:
    """Offers of the targets, for as many pipelines as one plan is of."""

    def __init__(self) -> None:
        self._found: dict[tuple[Target, str], list[Offer]] = {}

    def of(self, target: Target, needs: Compute) -> list[Offer]:
        key = target, needs.model_copy(update={"max_hourly_usd": None}).model_dump_json()
        if key not in self._found:
            self._found[key] = offers_of(target, needs)
        return self._found[key]

    def offers(self, needs: Compute) -> list[Offer]:
        """Of all that can be deployed to now."""
        ready = [name for name, each in TARGETS.items() if not (each.planned or each.unavailable())]
        found = [offer for name in ready for offer in self.of(name, needs)]
        return sorted(found, key=lambda offer: (offer.hourly_usd, offer.target, offer.name))
