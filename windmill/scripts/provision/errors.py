"""Why a machine could not be prepared; a docstring is its error's message template."""

import inspect


class ProvisionError(Exception):
    """Provisioning failed."""

    def __init__(self, **facts: object) -> None:
        super().__init__(inspect.cleandoc(self.__doc__ or "").format(**facts))


class TerraformFailed(ProvisionError):
    """terraform {command} failed: {message}"""

    def __init__(self, command: str, message: str) -> None:
        super().__init__(command=command, message=message)
        self.command = command
        self.message = message


class TerraformMissing(ProvisionError):
    """There is no terraform on PATH; MLOPS_TERRAFORM=library uses the packaged one."""


class InvalidRootName(ProvisionError):
    """{name!r} cannot be {role} of a Terraform module."""

    def __init__(self, name: str, role: str) -> None:
        super().__init__(name=name, role=role)


class UnsafePath(ProvisionError):
    """{path!r} does not stay inside the folder it is meant for."""

    def __init__(self, path: str) -> None:
        super().__init__(path=path)


class AnsibleFailed(ProvisionError):
    """task {task!r} failed: {message}"""

    def __init__(self, task: str, message: str) -> None:
        super().__init__(task=task, message=message)
        self.task = task
        self.message = message


class ReservedKey(ProvisionError):
    """{key!r} means something to Ansible and cannot be a key of the data given to it."""

    def __init__(self, key: str) -> None:
        super().__init__(key=key)


class NoFreePort(ProvisionError):
    """No free port for {name!r} on this host."""

    def __init__(self, name: str) -> None:
        super().__init__(name=name)


class AddressRefused(ProvisionError):
    """{url} is not called: {reason}.
    ALLOW_ADDRESSES in the workers' environment names networks that may be called."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(url=url, reason=reason)


class BadSetting(ProvisionError):
    """The environment variable {name} cannot be used: {reason}"""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name=name, reason=reason)


class CallFailed(ProvisionError):
    """{method} {url} answered {status}: {answer}"""

    def __init__(self, method: str, url: str, status: int, answer: str) -> None:
        super().__init__(method=method, url=url, status=status, answer=answer)


class WorkflowFailed(ProvisionError):
    """n8n's workflow {workflow} did not do its work: {reason}"""

    def __init__(self, workflow: str, reason: str) -> None:
        super().__init__(workflow=workflow, reason=reason)


class NoPod(ProvisionError):
    """{name} has {count} nodes that a GPU machine serves; exactly one is needed of: {known}."""
