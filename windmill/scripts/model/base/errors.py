"""The error tree of the platform: scripts, sync, history, gateway and CLI build on it.

A class's docstring is its message's template, `code` is what programs tell it by, `fix` what a
person does about it. All three are fields from the raise to the edge. Windmill keeps of a failed
job's exception only `str(exception)` to show, and its attributes as JSON in `error.extra`: so
`str` joins message and fix, here alone, and `Reason.of_job` reads the attributes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any


def joined(message: str, fix: str) -> str:
    """The one text for where only text is shown: a job's exception, a terminal."""
    return f"{message}\n    {fix}" if fix else message


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

    @property
    def located(self) -> str:
        """The message behind its place and code."""
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        head = "  ".join(part for part in (place, self.code, self.message) if part)
        return f"{head} (at {self.field})" if self.field else head

    def __str__(self) -> str:
        return joined(self.located, self.fix)

    def as_dict(self) -> dict[str, Any]:
        return {key: value for key, value in asdict(self).items() if value}


class MlopsError(Exception):
    """Something went wrong."""

    code = "error"
    fix = ""

    def __init__(self, *, fix: str = "", where: str = "", **values: Any) -> None:
        self.code = type(self).code  # an attribute of its own, or it would not travel in `extra`
        self.message = (type(self).__doc__ or "").format(**values)
        self.fix = fix or type(self).fix.format(**values)
        self.where = where
        super().__init__(self.message)

    def __str__(self) -> str:
        return joined(self.message, self.fix)

    def as_dict(self) -> dict[str, Any]:
        """`where` and what a class adds stand only where there is something to tell."""
        told = {"code": self.code, "message": self.message, "fix": self.fix}
        return {**told, "where": self.where} if self.where else told


@dataclass(frozen=True)
class Reason:
    """Why something failed, whoever raised it."""

    message: str
    fix: str = ""
    code: str = ""
    where: str = ""

    @classmethod
    def of(cls, error: BaseException) -> "Reason":
        if isinstance(error, MlopsError):
            return cls(error.message, error.fix, error.code, error.where)
        return cls(str(error) or type(error).__name__)

    @classmethod
    def of_job(cls, error: Mapping[str, Any]) -> "Reason":
        """`error`: {name, message, stack, extra?}; `extra` holds the exception's attributes."""
        match error:
            case {"extra": {"message": str(message), "fix": str(fix), "code": str(code), **rest}}:
                return cls(message, fix, code, str(rest.get("where") or ""))
        return cls(str(error.get("message") or error.get("name") or "no message"))

    def __str__(self) -> str:
        return joined(self.message, self.fix)


class InvalidInput(MlopsError):
    """{problems}"""

    code = "invalid_input"

    def __init__(self, problems: Sequence[Problem]) -> None:
        fixes = dict.fromkeys(problem.fix for problem in problems if problem.fix)
        located = "\n".join(problem.located for problem in problems)
        super().__init__(problems=located, fix="\n".join(fixes))
        self.problems = tuple(problems)

    def __str__(self) -> str:
        """Each fix under its problem."""
        return "\n".join(str(problem) for problem in self.problems)

    def as_dict(self) -> dict[str, Any]:
        return {**super().as_dict(), "problems": [each.as_dict() for each in self.problems]}


class InvalidSetting(MlopsError):
    """{name} is {value!r} and must be {wanted}."""

    code = "invalid_setting"


class UnknownDeployment(MlopsError):
    """There is no deployment {deployment!r}."""

    code = "unknown_deployment"
    fix = "`mlops ls --all` shows the deployments there are."


class DeploymentBusy(MlopsError):
    """Deployment {name!r} is already being changed by job {job_id}."""

    code = "deployment_busy"
    fix = "Wait until it is done (`mlops status {name}`), or cancel that job."


class NameIsAnId(MlopsError):
    """{name!r} is the id of another deployment: what is said of one would be done to the other."""

    code = "name_is_an_id"
    fix = "Deploy under another name (--name)."


class TargetRefused(MlopsError):
    """Target {target!r} cannot be used here: {reason}"""

    code = "target_refused"


class SpendingNotAllowed(MlopsError):
    """{name} would cost {hourly} USD an hour on {target} ({offer}), and nobody said that it may."""

    code = "spending_not_allowed"
    fix = (
        "Say how much an hour it may cost: `max_hourly_usd` of the request, `--max-hourly` of "
        "`mlops deploy`, or a `budget` in the entry. Nothing was rented."
    )


class DeploymentElsewhere(MlopsError):
    """{name} is on {here} and would have to leave it for {there}."""

    code = "deployment_elsewhere"
    fix = "`mlops destroy {name}` first, or deploy under another name (--name)."


class StateNotShared(MlopsError):
    """The deployment registry at {url} is not shared with the other workers."""

    code = "state_not_shared"
    fix = "Set DATABASE_URL to a Postgres database that every worker reaches."


class WrongRevision(MlopsError):
    """The deployment registry is at revision {found}, and this version needs {needed}."""

    code = "wrong_revision"

    def __init__(self, found: str, needed: str) -> None:
        super().__init__(found=found, needed=needed)
        self.found, self.needed = found, needed


class RegistryBehind(WrongRevision):
    """The deployment registry is at revision {found}, and this version needs {needed}."""

    code = "registry_behind"
    fix = "`mlops sync push`, then run f/mlops/migrate_registry in Windmill, or start a pipeline."


class RegistryAhead(WrongRevision):
    """The deployment registry is at revision {found}; this version knows none after {needed}."""

    code = "registry_ahead"
    fix = "A newer version made it so: start that one (`mlops up`) and `mlops sync push` from it."


class NotARegistry(MlopsError):
    """The database has a table {table!r} that is not the registry's: it lacks {missing}."""

    code = "not_a_registry"
    fix = "Name a database that is the registry's own in DATABASE_URL."


class SealedCell(MlopsError):
    """{place} in the deployment registry cannot be opened."""

    code = "sealed_cell"


class RegistryKeyShort(SealedCell):
    """REGISTRY_SECRET_KEY needs {shortest} characters or more."""

    code = "registry_key_short"
    fix = "openssl rand -hex 32 makes one. Gateway and workers need the same."


class RegistryKeyMissing(SealedCell):
    """{place} in the deployment registry is encrypted with a key that is not here."""

    code = "registry_key_missing"
    fix = (
        "Put that key back: REGISTRY_SECRET_KEY of gateway and workers, or REGISTRY_SECRET_KEY_OLD "
        "for one that it replaced. The embedded platform's own is in secrets.json."
    )


class RegistryCellUnreadable(SealedCell):
    """{place} in the deployment registry was damaged, or moved there from another place."""

    code = "registry_cell_unreadable"
    fix = "Somebody wrote to the database by hand: put that row back from a backup."


class VaultError(MlopsError):
    """A key could not be read from Vault."""

    code = "vault_error"


class VaultMisnamed(VaultError):
    """A key that is named in Vault cannot be looked up: {reason}."""

    code = "vault_misnamed"
    fix = "docs/how-to/keep-keys-in-vault.md has an example."


class VaultUnreachable(VaultError):
    """Vault at {url} does not answer: {reason}."""

    code = "vault_unreachable"
    fix = "Check VAULT_ADDR, VAULT_CACERT and whether it runs."


class VaultSealed(VaultError):
    """Vault is sealed, or not ready yet."""

    code = "vault_sealed"
    fix = "`vault operator unseal` (bao operator unseal), then try again."


class VaultDenied(VaultError):
    """Vault refuses {what} ({status}): the token has expired or may not do it."""

    code = "vault_denied"
    fix = "Renew the file of the token or of the AppRole's secret id, or mend its policy."


class NotInVault(VaultError):
    """There is no {what} in Vault, or it was deleted."""

    code = "not_in_vault"
    fix = "Write it there, or mend the name."


class StillThere(MlopsError):
    """{name} is {state}: only what is destroyed can be forgotten."""

    code = "still_there"
    fix = "`mlops destroy {name}` first, which also deletes its data folder."


class NotHealthy(MlopsError):
    """{service} was not healthy after {seconds:.0f} s: {reason}"""

    code = "not_healthy"
    fix = "The end of its log stands in the log of this step."


class CannotStart(MlopsError):
    """{service} cannot start: {reason}"""

    code = "cannot_start"
    fix = "Mend that and deploy again. The end of its log stands in the log of this step."


class NotAllDestroyed(MlopsError):
    """{failed} of {all} deployments were not destroyed: {reasons}"""

    code = "not_all_destroyed"
    fix = "Run it again: what is gone already is left alone."


class NoAnswer(MlopsError):
    """{name} did not answer: {reason}"""

    code = "no_answer"
    fix = "`mlops status {name}` tells how it is."


class MissingAsset(MlopsError):
    """The resource {path} is not in this Windmill."""

    code = "missing_asset"
    fix = "`mlops sync push` puts it there."


class MissingPrices(MlopsError):
    """There is no price file in {folder}."""

    code = "missing_prices"
    fix = "Add one, named by its day: {folder}/2026-11-09.yaml."


class BudgetExceeded(MlopsError):
    """{level} goes over its budget: {reasons}"""

    code = "budget_exceeded"
    fix = "Nothing was started. {advice}"


class WholeIsSpent(MlopsError):
    """It would cost {wanted} USD an hour, and of the {whole} for all together {left} are left."""

    code = "whole_is_spent"
    fix = "Allow more: `--max-hourly`, or the `budget` of the entry. Nothing was rented for it."


class NothingThere(MlopsError):
    """{entry} has nothing at {path!r}."""

    code = "nothing_there"


class KeyWithoutAddress(MlopsError):
    """The key {key!r} was stored without the address that it may be sent to."""

    code = "key_without_address"
    fix = "Store it again: mlops llm-key {key} --base-url https://… (the provider's address)."


class KeyElsewhere(MlopsError):
    """The key {key!r} is for {stored}, and would be sent to {asked}."""

    code = "key_elsewhere"
    fix = "Name the key of that address, or store one for it: mlops llm-key NAME --base-url {asked}"


class UnknownLlmKey(MlopsError):
    """There is no key {key!r}."""

    code = "unknown_llm_key"
    fix = "Store it: mlops llm-key {key} --base-url https://… (the provider's address)."


class GitPushRefused(MlopsError):
    """{reason}"""

    code = "git_push_refused"
