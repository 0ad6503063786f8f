"""Every target's host. Generated from the folders here: `mlops dev generate`."""

from collections.abc import Mapping

from ..model.base.target import Target
from .exoscale.host import ExoscaleHost
from .host_protocol import TargetHost
from .k3s.host import K3sHost
from .local.host import LocalHost
from .runpod.host import RunpodHost
from .ssh.host import SshHost
from .vastai.host import VastaiHost

HOSTS: Mapping[Target, TargetHost] = {
    Target.local: LocalHost(),
    Target.k3s: K3sHost(),
    Target.ssh: SshHost(),
    Target.exoscale: ExoscaleHost(),
    Target.runpod: RunpodHost(),
    Target.vastai: VastaiHost(),
}
