"""What can go wrong in the embedded engine; a class's docstring is its message's template.

The same shape as in the rest of the platform (code, message, fix), from which the engine takes
nothing. Its API answers the text alone, as Windmill does.
"""

import re
from pathlib import Path
from typing import Any

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


class SameScript(ApiError):
    """Bad request: A script with same hash as the newest version of {path} already exists"""

    code = "same_script"


class JobExists(ApiError):
    """Bad request: a job with id {id} already exists"""

    code = "job_exists"


class UnsupportedFlow(ApiError):
    """Bad request: {where}: {why}"""

    code = "unsupported_flow"


class MalformedFlow(ApiError):
    """Failed to deserialize the JSON body into the target type: {where}: {why}"""

    code = "malformed_flow"
    status = 422


class NoJson(ApiError):
    """Expected request with `Content-Type: application/json`"""

    code = "no_json"
    status = 415


class Unauthorized(ApiError):
    """Unauthorized: a valid token is needed (Authorization: Bearer …)"""

    code = "unauthorized"
    status = 401


class PermissionDenied(ApiError):
    """Permission denied: Access denied. Required scope: {scope}"""

    code = "permission_denied"
    status = 403


class NotAuthorized(ApiError):
    """Not authorized: Required scope: {scope}"""

    code = "not_authorized"
    status = 401


class UnknownDomain(ApiError):
    """Bad request: Could not extract domain from route: {route}"""

    code = "unknown_domain"


# Of a request to an HTTP route.
class SenderUnknown(ApiError):
    """{why}"""

    code = "sender_unknown"
    status = 401


# It has no signature, or none that can be judged.
class SenderMalformed(ApiError):
    """{why}"""

    code = "sender_malformed"


class UnsupportedMediaType(ApiError):
    """The embedded engine reads JSON, forms and text, not {kind}"""

    code = "unsupported_media_type"
    status = 415


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


class KeyFileOpen(EngineError):
    """{file}, the key of all secrets, can be read by others"""

    code = "key_file_open"
    fix = "chmod 600 {file}"


class SecretKeyMissing(EngineError):
    """{place} is encrypted with a key that is not here"""

    code = "secret_key_missing"
    fix = (
        "Put that key back: the file beside the database, or ENGINE_SECRET_KEY_OLD for one that "
        "ENGINE_SECRET_KEY replaced."
    )


class SecretUnreadable(EngineError):
    """{place} was damaged, or moved there from another place"""

    code = "secret_unreadable"
    fix = "Write the variable again."


class JobError(EngineError):
    """{message}"""

    code = "job_error"

    def __init__(self, name: str, message: str, at_step: bool = True) -> None:
        """`at_step`: whether it names the step whose job it ended."""
        super().__init__(message=message)
        self.name, self.at_step = name, at_step

    def as_result(self) -> dict[str, Any]:
        return {"error": {"name": self.name, "message": self.message}}


# An argument names a variable or resource that cannot be had.
class CannotResolve(JobError):
    """{message}"""

    code = "cannot_resolve"

    def __init__(self, what: str, argument: str, why: str) -> None:
        told = f"Not found: {what} not found for `{argument}`: {why}"
        super().__init__("ExecutionErr", f"execution error:\n{told}")


# A step that cannot even begin: what it runs or loops over is not there or of a wrong kind.
class CannotStart(JobError):
    """{message}"""

    code = "cannot_start"

    def __init__(self, message: str) -> None:
        super().__init__("InternalError", message)


# A flow that cannot go on after a step has ended; no handler is asked.
class FlowBroken(JobError):
    """{message}"""

    code = "flow_broken"

    def __init__(self, message: str) -> None:
        super().__init__("InternalError", message)


# A step that failed before it could run, in a way that retries and handlers deal with.
class StepFailed(JobError):
    """{message}"""

    code = "step_failed"


def _place(expression: str) -> str:
    return f"Error during isolated evaluation of expression `{expression}`"


# An expression threw; `why` is QuickJS's word without ours about the place.
class ExpressionFailed(JobError):
    """{message}"""

    code = "expression_failed"

    def __init__(self, expression: str, why: str) -> None:
        self.why = f"QuickJS evaluation error: {why}"
        super().__init__("ExecutionErr", f"{_place(expression)}:\n{self.why}\n")


# An expression asked for more memory than it may have.
class ExpressionTooLarge(ExpressionFailed):
    """{message}"""

    code = "expression_too_large"

    def __init__(self, expression: str, megabytes: int) -> None:
        self.why = (
            f"The expression evaluation exceeded the memory limit of {megabytes} MB. Reduce the "
            "amount of data handled in the expression, or raise the cap via the "
            "QUICKJS_MEMORY_LIMIT_MB environment variable."
        )
        JobError.__init__(self, "ExecutionErr", f"{_place(expression)}:\n{self.why}")


# A condition of a flow threw.
class PredicateFailed(JobError):
    """{message}"""

    code = "predicate_failed"

    def __init__(self, why: str) -> None:
        super().__init__("Anyhow", f"Error: {why}")
