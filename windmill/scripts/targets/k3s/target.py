from ..planned import PlannedTarget


class K3s(PlannedTarget):
    name = "k3s"
    planned = "It will be a Kubernetes cluster of your own."
