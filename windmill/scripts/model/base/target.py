"""Where a pipeline may run. Generated from windmill/scripts/targets:
`mlops dev generate`."""

from enum import StrEnum


class Target(StrEnum):
    local = "local"
    k3s = "k3s"
    ssh = "ssh"
    exoscale = "exoscale"
    runpod = "runpod"
    vastai = "vastai"
    auto = "auto"  # no target of its own: the cheapest that fits


# Nothing more is paid for what one has; its owner knows whether it is large enough.
OWN = {
    Target.local: "this machine",
    Target.k3s: "a cluster of your own",
    Target.ssh: "a machine of your own",
}
# Only deployments may create what is rented, for only they are never forgotten.
RENTED = frozenset[str](
    {
        Target.exoscale,
        Target.runpod,
        Target.vastai,
    }
)
