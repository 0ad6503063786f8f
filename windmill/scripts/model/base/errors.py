"""The error tree of the platform. A class's docstring is the error's message."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with what a person wrote, where it stands and what mends it."""

    message: str
    field: str = ""
    fix: str = ""
    file: str = ""
    line: int = 0
    column: int = 0
    code: str = "E-INPUT"

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        head = "  ".join(part for part in (place, self.code, self.message) if part)
        field = f" (at {self.field})" if self.field else ""
        return f"{head}{field}" + (f"\n    {self.fix}" if self.fix else "")

    def as_dict(self) -> dict[str, Any]:
        return {key: value for key, value in asdict(self).items() if value}


class MlopsError(Exception):
    """Something went wrong."""

    fix = ""

    def __init__(self, **values: Any) -> None:
        message = (type(self).__doc__ or "").format(**values)
        # On an indented line of its own, as in Problem: whoever shows the error can tell it apart.
        self.fix = self.fix.format(**values)
        super().__init__(message + (f"\n    {self.fix}" if self.fix else ""))


class InvalidInput(MlopsError):
    """Input that cannot be used; nothing was started."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        Exception.__init__(self, "\n".join(str(problem) for problem in problems))


class InvalidSetting(MlopsError):
    """{name} is {value!r} and must be {wanted}."""


class UnknownDeployment(MlopsError):
    """There is no deployment {deployment!r}."""

    fix = "`mlops ls --all` shows the deployments there are."


class DeploymentBusy(MlopsError):
    """Deployment {name!r} is already being changed by job {job_id}."""

    fix = "Wait until it is done (`mlops status {name}`), or cancel that job."


class TargetRefused(MlopsError):
    """Target {target!r} cannot be used here: {reason}"""

    fix = "{fix}"


class StateNotShared(MlopsError):
    """The deployment registry at {url} is not shared with the other workers."""

    fix = "Set DATABASE_URL to a Postgres database that every worker reaches."


class WrongRevision(MlopsError):
    """The deployment registry is at revision {found}, and this version needs {needed}."""

    def __init__(self, found: str, needed: str) -> None:
        super().__init__(found=found, needed=needed)
        self.found, self.needed = found, needed


class RegistryBehind(WrongRevision):
    """The deployment registry is at revision {found}, and this version needs {needed}."""

    fix = "`mlops sync push`, then run f/mlops/migrate_registry in Windmill, or start a pipeline."


class RegistryAhead(WrongRevision):
    """The deployment registry is at revision {found}; this version knows none after {needed}."""

    fix = "A newer version made it so: start that one (`mlops up`) and `mlops sync push` from it."


class NotARegistry(MlopsError):
    """The database has a table {table!r} that is not the registry's: it lacks {missing}."""

    fix = "Name a database that is the registry's own in DATABASE_URL."


class NotHealthy(MlopsError):
    """{service} was not healthy after {seconds:.0f} s: {reason}"""

    fix = "Its log: {log}"


class NotAllDestroyed(MlopsError):
    """{failed} of {all} deployments were not destroyed: {reasons}"""

    fix = "Run it again: what is gone already is left alone."


class NoAnswer(MlopsError):
    """{name} did not answer: {reason}"""

    fix = "`mlops status {name}` tells how it is."


class MissingAsset(MlopsError):
    """The resource {path} is not in this Windmill."""

    fix = "`mlops sync push` puts it there."


class MissingPrices(MlopsError):
    """There is no price file in {folder}."""

    fix = "Add one, named by its day: {folder}/2026-11-09.yaml."


class BudgetExceeded(MlopsError):
    """{level} goes over its budget: {reasons}"""

    fix = "Nothing was started. {advice}"


class NothingThere(MlopsError):
    """{entry} has nothing at {path!r}."""

    fix = "{fix}"
