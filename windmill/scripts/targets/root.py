"""The root configuration of a deployment."""

from typing import Any

from ..provision.root_config import render_root
from .protocol import Order
from .selection import target_of


def root_of(order: Order) -> dict[str, Any]:
    target = target_of(order.deployment)
    return render_root(target.module, target.variables(order), target.outputs, target.secrets)
