"""Every target's host. Generated from the folders here: `mlops dev generate`."""

from collections.abc import Mapping

from ..model.base.target import Target
from .host_protocol import TargetHost
from .k3s.host import K3sHost
from .local.host import LocalHost
from .planned_host import PlannedHost
from .runpod.host import RunpodHost
from .ssh.host import SshHost
from .vastai.host import VastaiHost

HOSTS: Mapping[Target, TargetHost] = {
    Target.local: LocalHost(),
    Target.k3s: K3sHost(),
    Target.ssh: SshHost(),
    Target.exoscale: PlannedHost("exoscale"),
    Target.runpod: RunpodHost(),
    Target.vastai: VastaiHost(),
}
