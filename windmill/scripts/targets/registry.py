"""Every target. Generated from the folders here: `mlops dev generate`."""

from collections.abc import Mapping

from ..model.base.target import Target
from .exoscale.target import Exoscale
from .k3s.target import K3s
from .local.target import Local
from .protocol import DeploymentTarget
from .runpod.target import Runpod
from .ssh.target import Ssh
from .vastai.target import Vastai

TARGETS: Mapping[Target, DeploymentTarget] = {
    Target.local: Local(),
    Target.k3s: K3s(),
    Target.ssh: Ssh(),
    Target.exoscale: Exoscale(),
    Target.runpod: Runpod(),
    Target.vastai: Vastai(),
}
