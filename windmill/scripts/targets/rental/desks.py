"""The desks at the providers whose keys are stored."""

import os
import time
from collections.abc import Callable, Iterator, Mapping

from pydantic import SecretStr

from ...store.attempts import Attempts
from ...store.registry import Registry
from ...worker.instance import platform_key
from ..exoscale.rentals import exoscale_rentals
from ..runpod.rentals import runpod_rentals
from ..vastai.rentals import vastai_rentals
from .errors import NoProviderKey, RentalError
from .machine_names import installation_of
from .provider import Desk, Provider
from .provider_keys import provider_key

Rentals = Callable[[SecretStr, Mapping[str, str]], Provider]
# By the name of the target whose machines they rent out.
RENTALS: Mapping[str, Rentals] = {
    "exoscale": exoscale_rentals,
    "runpod": runpod_rentals,
    "vastai": vastai_rentals,
}


def desk_of(target: str, registry: Registry, say: Callable[[str], None]) -> Desk:
    """Raises NoProviderKey."""
    return Desk(
        provider=RENTALS[target](provider_key(target), os.environ),
        books=Attempts(registry.engine, registry.clock),
        installation=installation_of(platform_key()),
        now=time.monotonic,
        sleep=time.sleep,
        say=say,
    )


def desks(
    registry: Registry, say: Callable[[str], None], not_asked: dict[str, str]
) -> Iterator[Desk]:
    """Of the targets whose key is stored; a key that cannot be used says why in `not_asked`."""
    for target in RENTALS:
        try:
            yield desk_of(target, registry, say)
        except NoProviderKey:
            continue
        except RentalError as error:
            not_asked[error.provider] = error.message
