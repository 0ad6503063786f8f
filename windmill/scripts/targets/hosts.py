"""Every target's host. Generated from the folders here: `mlops dev generate`."""

from collections.abc import Mapping

from ..model.base.target import Target
from .host_protocol import TargetHost
from .local.host import LocalHost
from .planned_host import PlannedHost
from .runpod.host import RunpodHost

HOSTS: Mapping[Target, TargetHost] = {
    Target.local: LocalHost(),
    Target.k3s: PlannedHost("k3s"),
    Target.ssh: PlannedHost("ssh"),
    Target.exoscale: PlannedHost("exoscale"),
    Target.runpod: RunpodHost(),
    Target.vastai: PlannedHost("vastai"),
}
