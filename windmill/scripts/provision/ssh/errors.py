"""Why a host cannot be used; a docstring is its error's message template."""

from ..errors import ProvisionError


class HostUnreachable(ProvisionError):
    """{host} cannot be reached by SSH: {reason}"""

    code = "host_unreachable"
    fix = "Check its address, its port and that it is up: `ssh -p {port} {host}`."


class LoginRefused(ProvisionError):
    """{host} did not let {user} in: {reason}"""

    code = "login_refused"
    fix = "Put the public part of the key into ~{user}/.ssh/authorized_keys there."


class HostKeyChanged(ProvisionError):
    """{host} shows the host key {shown}, not {known}: it is another machine, or was made anew."""

    code = "host_key_changed"
    fix = (
        "If you know that it was made anew, accept it: deploy with --set host_key={shown} "
        "(or `mlops destroy NAME --forget`: what it had is gone)."
    )


class HostUnfit(ProvisionError):
    """{host} cannot run it: {reason}"""

    code = "host_unfit"


class HostFailed(ProvisionError):
    """{host}: {command} failed: {reason}"""

    code = "host_failed"


class KeyRefused(ProvisionError):
    """The private key {key!r} cannot be used: {reason}"""

    code = "key_refused"


class NoSshClient(ProvisionError):
    """This worker has no ssh program."""

    code = "no_ssh_client"
    fix = "Install it where the worker runs: apt-get install openssh-client."
