"""Why a cluster cannot be used; a docstring is its error's message template."""

from ...provision.errors import ProvisionError


class NoKubectl(ProvisionError):
    """This worker has no kubectl program."""

    code = "no_kubectl"
    fix = "Install it where the workers run: https://kubernetes.io/docs/tasks/tools"


class KubeconfigRefused(ProvisionError):
    """The kubeconfig {kubeconfig!r} cannot be used: {reason}"""

    code = "kubeconfig_refused"


class ClusterError(ProvisionError):
    """The cluster {server}: {reason}"""

    code = "cluster_failed"


class ClusterUnreachable(ClusterError):
    """The cluster {server} cannot be reached: {reason}"""

    code = "cluster_unreachable"
    fix = "Check that it is up, and that the workers reach the address in the kubeconfig."


class ClusterLoginRefused(ClusterError):
    """The cluster {server} does not know who asks: {reason}"""

    code = "cluster_login_refused"
    fix = "The token or certificate of the kubeconfig has ended or is another cluster's: renew it."


class ClusterForbids(ClusterError):
    """The cluster {server} forbids it: {reason}"""

    code = "cluster_forbids"
    fix = "Give the kubeconfig's user the rights in docs/how-to/deploy-to-kubernetes.md."


class NamespaceTaken(ProvisionError):
    """The namespace {namespace} of {server} is somebody else's."""

    code = "namespace_taken"
    fix = "Deploy under another name (--name)."


class ImageNotPulled(ProvisionError):
    """The cluster cannot get the image {image}: {reason}"""

    code = "image_not_pulled"
    fix = "Check its name, and that the cluster's nodes may pull it from there."


class NoRoom(ProvisionError):
    """No node of the cluster takes it: {reason}"""

    code = "no_room"
    fix = (
        "Add a node, free what is taken, or ask for less (`compute`). GPUs need the device plugin "
        "of their vendor."
    )


class PodFailed(ProvisionError):
    """Pod {pod} does not run: {reason}"""

    code = "pod_failed"
    fix = "Its log: kubectl -n {namespace} logs {pod}"


class TooLarge(ProvisionError):
    """{what} has {size} bytes, and Kubernetes carries {most}."""

    code = "too_large"
    fix = "Put it where the cluster reads it from (a URL), or deploy to a host: target ssh."
