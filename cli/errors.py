"""What can go wrong on the command line. A class's docstring is the error's message."""

from typing import Any

from windmill.scripts.model.base.errors import MlopsError


class CliError(MlopsError):
    """The command could not be carried out."""


class PlatformDown(CliError):
    """The platform is not running."""

    code = "platform_down"
    fix = "mlops up"


class PartDied(CliError):
    """The {part} ended while it was starting:
    {lines}"""

    code = "part_died"


class PartSlow(CliError):
    """The {part} was not ready after {seconds:.0f} s."""

    code = "part_slow"
    fix = "Its log tells what it is doing; `mlops down` and `mlops up` start it afresh."


class HomeBusy(CliError):
    """Another `mlops up` or `mlops down` is at work in {home}."""

    code = "home_busy"
    fix = "Wait until it is done."


class HomeUnusable(CliError):
    """{reason}."""

    code = "home_unusable"
    fix = "Give a folder of your own: MLOPS_HOME=/path mlops up"


class HomeInUse(CliError):
    """{home} has a platform already, and two pasts cannot become one."""

    code = "home_in_use"
    fix = "Restore into an empty one: MLOPS_HOME=/path mlops restore FILE"


class BackupUnusable(CliError):
    """{file} {reason}."""

    code = "backup_unusable"
    fix = "Take another one; nothing was changed."


class DumpFailed(CliError):
    """The database {name} could not be copied: {reason}"""

    code = "dump_failed"
    fix = "--through names what runs Postgres' programs beside it: docker compose exec -T postgres"


class GatewayUnreachable(CliError):
    """The gateway does not answer at {url}."""

    code = "gateway_unreachable"
    fix = "mlops up"


class Refused(CliError):
    """{message}"""

    code = "refused"

    def __init__(self, *, code: str = "refused", problems: Any = (), **values: Any) -> None:
        super().__init__(**values)
        self.code = code
        self.problems = list(problems)

    def as_dict(self) -> dict[str, Any]:
        told = super().as_dict()
        return {**told, "problems": self.problems} if self.problems else told


class MissingInput(CliError):
    """{names} not given."""

    code = "missing_input"


class CannotAsk(CliError):
    """{name} is not asked like this: it takes {what}."""

    code = "cannot_ask"


class MissingColumns(CliError):
    """{given} does not fit {name}: it {what}."""

    code = "missing_columns"


class BadOption(CliError):
    """{what}."""

    code = "bad_option"


class NoSuchFile(CliError):
    """{path} cannot be read: {reason}."""

    code = "no_such_file"


class DeploymentFailed(CliError):
    """{name} was not deployed: {message}"""

    code = "deployment_failed"


class NotConfirmed(CliError):
    """Nobody here to ask for a confirmation."""

    code = "not_confirmed"
    fix = "Add --yes."


class PriceNotConfirmed(CliError):
    """{name} would cost {hourly} USD an hour, and nobody is here to ask."""

    code = "price_not_confirmed"
    fix = "Add --max-hourly {limit}, or --yes for whatever it costs now."


class PriceNotKnown(CliError):
    """{name} would cost {hourly} USD an hour or more: the rest is known only while it runs."""

    code = "price_not_known"
    fix = "Say how much all of it together may cost an hour: --max-hourly USD."


class CannotRun(CliError):
    """{program!r} cannot be run: {reason}."""

    code = "cannot_run"


class NoTunnel(CliError):
    """{name} answers on {place} only, and no tunnel leads there: {reason}"""

    code = "no_tunnel"
    fix = "Log in there with a key of yours: mlops tunnel {name} --identity ~/.ssh/KEY"


class NotPrivate(CliError):
    """{name} needs no tunnel: {reason}."""

    code = "not_private"


class NotFetched(CliError):
    """{repository} {branch} was not fetched: {reason}."""

    code = "not_fetched"
    fix = "Check GIT_PUSH_REPOSITORY, GIT_PUSH_BRANCH and GIT_PUSH_TOKEN."


class PlanLost(CliError):
    """The plan that people agreed to is no longer here; nothing was pushed."""

    code = "plan_lost"
    fix = "Keep MLOPS_HOME between two starts of `mlops sync follow`; then push to Git again."


class DestroyIncomplete(CliError):
    """Not everything could be destroyed: {names}."""

    code = "destroy_incomplete"
    fix = "mlops up, then mlops logs NAME shows why."


class NoSuchEntry(CliError):
    """The catalog has no entry {name!r}."""

    code = "no_such_entry"


class EntryExists(CliError):
    """{path} is there already."""

    code = "entry_exists"
    fix = "Choose another name; nothing was written."
