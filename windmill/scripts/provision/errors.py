"""Why a machine could not be prepared; a docstring is its error's message template."""

import re
from pathlib import Path

from ..model.base.errors import MlopsError

MOST_SAID = 2000  # characters of what another program said
LOGIN = re.compile(r"://[^/\s@]+@")


def excerpt(said: str, most: int = MOST_SAID) -> str:
    """The first and the last lines of what a program said, where there is more: the reason stands
    in these. Logins in addresses are hidden.
    """
    said = LOGIN.sub("://***@", said).strip()
    if len(said) <= most:
        return said
    first = said[: most // 3].rpartition("\n")[0] or said[: most // 3]
    last = said[-(most * 2 // 3) :].partition("\n")[2] or said[-(most * 2 // 3) :]
    return f"{first}\n… {len(said) - len(first) - len(last)} characters …\n{last}"


class ProvisionError(MlopsError):
    """Provisioning failed."""

    code = "provision_error"


class TerraformFailed(ProvisionError):
    """terraform {command} failed: {message}"""

    code = "terraform_failed"

    def __init__(self, command: str, message: str) -> None:
        super().__init__(command=command, message=excerpt(message))
        self.command = command


class StateLocked(ProvisionError):
    """Terraform's state of this deployment is held by {holder}."""

    code = "terraform_state_locked"
    fix = "Wait until that run has ended, then deploy again."


class TerraformMissing(ProvisionError):
    """There is no terraform on PATH."""

    code = "terraform_missing"
    fix = "Install it, or set MLOPS_TERRAFORM=library to use the packaged one."


class InvalidRootName(ProvisionError):
    """{name!r} cannot be {role} of a Terraform module."""

    code = "invalid_root_name"

    def __init__(self, name: str, role: str) -> None:
        super().__init__(name=name, role=role)


class UnsafePath(ProvisionError):
    """{path!r} does not stay inside the folder it is meant for."""

    code = "unsafe_path"

    def __init__(self, path: str) -> None:
        super().__init__(path=path)


class PathRefused(ProvisionError):
    """{path} is not read: {reason}"""

    code = "path_refused"
    fix = (
        "Move it to a folder for data, or start the platform with the folder among "
        "MLOPS_DATA_ROOTS, for example MLOPS_DATA_ROOTS=/srv/data:$HOME."
    )

    def __init__(self, *, path: object, reason: str) -> None:
        super().__init__(path=path, reason=reason)
        self.reason = reason


class AnsibleFailed(ProvisionError):
    """task {task!r} failed: {message}"""

    code = "ansible_failed"

    def __init__(self, task: str, message: str) -> None:
        super().__init__(task=task, message=excerpt(message))
        self.task = task


class HostLost(AnsibleFailed):
    """the host was lost at task {task!r}: {message}"""

    code = "host_lost"
    fix = "See that it is up and can be reached, then deploy again."


class ReservedKey(ProvisionError):
    """{key!r} means something to Ansible and cannot be a key of the data given to it."""

    code = "reserved_key"

    def __init__(self, key: str) -> None:
        super().__init__(key=key)


class NoFreePort(ProvisionError):
    """No free port for {name!r} on this host."""

    code = "no_free_port"

    def __init__(self, name: str) -> None:
        super().__init__(name=name)


class AddressRefused(ProvisionError):
    """{url} is not called: {reason}."""

    code = "address_refused"
    fix = "ALLOW_ADDRESSES in the workers' environment names networks that may be called."

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(url=url, reason=reason)


class PreviewFailed(ProvisionError):
    """The sources cannot be shown: {reason}"""

    code = "preview_failed"
    fix = "Name a smaller file or folder, or one node of the pipeline."

    def __init__(self, *, reason: str) -> None:
        super().__init__(reason=reason)


class BadSetting(ProvisionError):
    """The environment variable {name} cannot be used: {reason}"""

    code = "bad_setting"

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name=name, reason=reason)


class CallFailed(ProvisionError):
    """{method} {url} answered {status}: {answer}"""

    code = "call_failed"

    def __init__(self, method: str, url: str, status: int, answer: str) -> None:
        super().__init__(method=method, url=url, status=status, answer=answer)


class NotToBeReached(ProvisionError):
    """{url} is a deployment that whoever deploys this may not work with."""

    code = "not_to_be_reached"
    fix = "Ask an operator for a key that is for that deployment too, or leave the address out."


class WorkflowFailed(ProvisionError):
    """n8n's workflow {workflow} did not do its work: {reason}"""

    code = "workflow_failed"

    def __init__(self, workflow: str, reason: str) -> None:
        super().__init__(workflow=workflow, reason=reason)


class NoPod(ProvisionError):
    """{name} has {count} nodes that a GPU machine serves; exactly one is needed of: {known}."""

    code = "no_pod"


class OnAnotherMachine(ProvisionError):
    """{name} is on machine {machine}, and this worker is on {here}."""

    code = "on_another_machine"

    def __init__(self, name: str, machine: str, here: str, file: Path) -> None:
        fix = (
            "One machine has the tag of target `local`: `mlops doctor` names those that have it. "
            f"If {machine} is gone for good, write {machine} into {file}, and destroy {name}."
        )
        super().__init__(fix=fix, name=name, machine=machine, here=here)


class NoSuchProcess(ProvisionError):
    """{name} runs no process {process!r}; it runs {names}"""

    code = "no_such_process"
    fix = "Name one of those with --process."
