"""What all providers offer now for what somebody wants."""

from collections.abc import Sequence
from math import ceil

from ...model.base.errors import MlopsError
from ...model.base.target import Target
from ...model.cost.optimizer import Constraints, rank
from ...model.cost.prices import LEAST_GB, ListPrice
from ...model.drawing.pipeline import Compute, Gpu
from ...model.show.offers_now import OffersNow
from ..rental.current_offers import MARKETS

MOST_SHOWN = 100  # of those that fit, and of the others


def offers_now(wanted: Constraints, baselines: Sequence[ListPrice]) -> OffersNow:
    """Each provider is asked once. One whose key is not stored, or that does not answer, is told
    with the reason, beside its list prices."""
    not_asked: dict[Target, str] = {}

    def tell(target: Target, why: MlopsError) -> None:
        not_asked[target] = why.message

    needs = _needs(wanted)
    found = [offer for market in MARKETS.values() for offer in market(needs, tell)]
    ranking = rank(found, wanted, baselines)
    return OffersNow(
        candidates=ranking.candidates[:MOST_SHOWN],
        refused=ranking.refused[:MOST_SHOWN],
        fitting=len(ranking.candidates),
        others=len(ranking.refused),
        not_asked=not_asked,
    )


def _needs(wanted: Constraints) -> Compute:
    """Machines without a GPU are not rented, so that one is always asked for."""
    memory, count = wanted.gpu_memory_gb or LEAST_GB, max(wanted.gpus, 1)
    return Compute(
        gpu=Gpu(memory_gb=memory, count=count, model=wanted.gpu or None),
        cpus=ceil(wanted.cpus) or None,
        memory_gb=wanted.memory_gb or None,
        regions=wanted.regions,
        spot=wanted.spot,
    )
