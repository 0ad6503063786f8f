"""What can go wrong in the embedded engine; a class's docstring is its message's template.

The same shape as in the rest of the platform (code, message, fix), from which the engine takes
nothing. Its API answers the text alone, as Windmill does.
"""

from pathlib import Path
from typing import Any


class EngineError(Exception):
    """The engine cannot go on."""

    code = "engine_error"
    fix = ""

    def __init__(self, *, fix: str = "", **values: Any) -> None:
        self.message = (type(self).__doc__ or "").format(**values)
        self.fix = fix or type(self).fix.format(**values)
        super().__init__(self.message)

    def __str__(self) -> str:
        """For where only text is shown: the API's answer, the log and the terminal."""
        return f"{self.message}\n    {self.fix}" if self.fix else self.message

    def as_dict(self) -> dict[str, Any]:
        return {"code": self.code, "message": self.message, "fix": self.fix}


class ApiError(EngineError):
    """The request cannot be served."""

    code = "api_error"
    status = 400


class BadRequest(ApiError):
    """Bad request: {why}"""

    code = "bad_request"


class PathConflict(ApiError):
    """Path conflict for {path}: {why}"""

    code = "path_conflict"


class JobExists(ApiError):
    """Bad request: a job with id {id} already exists"""

    code = "job_exists"


class UnsupportedFlow(ApiError):
    """Bad request: {where}: {why}"""

    code = "unsupported_flow"


class Unauthorized(ApiError):
    """Unauthorized: a valid token is needed (Authorization: Bearer …)"""

    code = "unauthorized"
    status = 401


class NotFound(ApiError):
    """Not found: {what}"""

    code = "not_found"
    status = 404


class UnknownRoute(ApiError):
    """Not found: no route {method} {path} in the embedded engine"""

    code = "unknown_route"
    status = 404


class NotAllowed(ApiError):
    """Not allowed: the policy of app {app} has no {call}"""

    code = "not_allowed"
    status = 403


class StillRunning(ApiError):
    """The job has not ended within {seconds:g} s; it goes on as {id}"""

    code = "still_running"
    status = 408


class DatabaseInUse(EngineError):
    """{path} is in use by another engine"""

    code = "database_in_use"
    fix = "Stop that one first, or name another file with --db."

    def __init__(self, path: Path) -> None:
        super().__init__(path=path)


class JobError(EngineError):
    """{message}"""

    code = "job_error"

    def __init__(self, name: str, message: str) -> None:
        """`name` is what the job's error will be called in its result."""
        super().__init__(message=message)
        self.name = name

    def as_result(self) -> dict[str, Any]:
        return {"error": {"name": self.name, "message": self.message}}
