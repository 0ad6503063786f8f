"""The host of a deployment whose target is chosen already."""

from ..model.base.target import Target
from ..model.drawing.deployment import Deployment
from .host_protocol import TargetHost
from .hosts import HOSTS


def host_of(deployment: Deployment) -> TargetHost:
    return HOSTS[Target(str(deployment.target))]
