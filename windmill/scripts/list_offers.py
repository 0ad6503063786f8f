"""What providers rent out now, least money for the same work first. Nothing is rented.

Gives what `model.show.offers_now.OffersNow` says.
"""

import json
from typing import Any

from .model.cost.optimizer import Constraints
from .targets.listed_offers import baselines
from .targets.planning.market import offers_now


def main(wanted: str) -> dict[str, Any]:
    """`wanted`: JSON of `model.cost.optimizer.Constraints`."""
    found = offers_now(Constraints.model_validate(json.loads(wanted)), baselines())
    print(f"{found.fitting} fit, {found.others} do not; not asked: {', '.join(found.not_asked)}")
    return found.model_dump(mode="json")
