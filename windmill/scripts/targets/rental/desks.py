"""The desks at all providers whose key is stored."""

import os
import time
from collections.abc import Callable, Iterator, Mapping

from pydantic import SecretStr

from ...model.base.windmill_paths import PROVIDER_KEYS
from ...store.attempts import Attempts
from ...store.registry import Registry
from ...worker.instance import platform_key, secret_variable
from ..runpod.rentals import runpod_rentals
from .machine_names import installation_of
from .provider import Desk, Provider

Rentals = Callable[[SecretStr, Mapping[str, str]], Provider]
# By the name of the target whose machines they rent out.
RENTALS: Mapping[str, Rentals] = {"runpod": runpod_rentals}


def desks(registry: Registry, say: Callable[[str], None]) -> Iterator[Desk]:
    installation = installation_of(platform_key())
    for name, rentals in RENTALS.items():
        if key := secret_variable(f"{PROVIDER_KEYS}/{name}"):
            yield Desk(
                provider=rentals(SecretStr(key), os.environ),
                books=Attempts(registry.engine, registry.clock),
                installation=installation,
                now=time.monotonic,
                sleep=time.sleep,
                say=say,
            )
