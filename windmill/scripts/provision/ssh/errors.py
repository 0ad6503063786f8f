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
    """{host} shows another host key than before ({shown}): it was made anew, or is another one."""

    code = "host_key_changed"
    fix = "If you know that it was made anew, accept it: --set host_key={shown}"


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
