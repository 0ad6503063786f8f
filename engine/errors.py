"""What the API answers when it must say no; the docstring is the message."""

from pathlib import Path
from typing import Any


class ApiError(Exception):
    """The request cannot be served."""

    status = 400

    def __init__(self, **values: Any) -> None:
        super().__init__((self.__doc__ or "").format(**values))


class BadRequest(ApiError):
    """Bad request: {why}"""


class PathConflict(ApiError):
    """Path conflict for {path}: {why}"""


class JobExists(ApiError):
    """Bad request: a job with id {id} already exists"""


class UnsupportedFlow(ApiError):
    """Bad request: {where}: {why}"""


class Unauthorized(ApiError):
    """Unauthorized: a valid token is needed (Authorization: Bearer …)"""

    status = 401


class NotFound(ApiError):
    """Not found: {what}"""

    status = 404


class UnknownRoute(ApiError):
    """Not found: no route {method} {path} in the embedded engine"""

    status = 404


class NotAllowed(ApiError):
    """Not allowed: the policy of app {app} has no {call}"""

    status = 403


class StillRunning(ApiError):
    """The job has not ended within {seconds:g} s; it goes on as {id}"""

    status = 408


class DatabaseInUse(Exception):
    """{path} is in use by another engine"""

    def __init__(self, path: Path) -> None:
        super().__init__((self.__doc__ or "").format(path=path))


class JobError(Exception):
    """A job that cannot go on; `name` is what its result's error will be called."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name

    def as_result(self) -> dict[str, Any]:
        return {"error": {"name": self.name, "message": str(self)}}
