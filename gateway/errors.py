"""What can go wrong, as callers see it. A class's docstring is the error's message."""

from collections.abc import Sequence
from typing import Any, ClassVar

from windmill.scripts.model.base.errors import MlopsError, Problem
from windmill.scripts.model.catalog.history import Conflict


class GatewayError(MlopsError):
    """The request could not be carried out."""

    status: ClassVar[int] = 500
    code = "internal_error"


class Unexpected(GatewayError):
    """The gateway failed while answering; nothing is known to have been started."""

    fix = "Its log has the details."


class InvalidRequest(GatewayError):
    """The request has {count} problem(s); nothing was started."""

    status = 422
    code = "invalid_request"
    fix = "Mend the problems listed and send it again."

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(count=len(problems))
        self.problems = tuple(problems)

    def as_dict(self) -> dict[str, Any]:
        return {**super().as_dict(), "problems": [item.as_dict() for item in self.problems]}


class UnknownPipeline(GatewayError):
    """There is no pipeline {name!r} in the catalog."""

    status = 404
    code = "unknown_pipeline"


class NotFound(GatewayError):
    """There is no such thing."""

    status = 404
    code = "not_found"


class UnknownRun(NotFound):
    """There is no deployment or run {id!r}."""

    fix = "GET /pipelines lists the deployments there are (`mlops ls`)."


class NoMetricsToken(NotFound):
    """Nobody may watch what is deployed: no token is set for it."""

    fix = "Set MLOPS_METRICS_TOKEN at the gateway, and give Prometheus the same."


class PrometheusUnknown(GatewayError):
    """Prometheus at {url} gave no answer that can be used ({reason})."""

    status = 502
    code = "prometheus_unknown"
    fix = "See whether it runs, and whether PROMETHEUS_URL of the gateway names it."


class UnknownLlmKey(NotFound):
    """There is no key {name!r}."""

    fix = "GET /llm-keys lists the keys there are (`mlops llm-key`)."


class UnknownProviderKey(NotFound):
    """No key of {target} is stored."""

    fix = "GET /provider-keys lists the keys there are (`mlops provider-key`)."


class WrongKeyForm(GatewayError):
    """A key of {target} is written as {form}; nothing was stored."""

    status = 422
    code = "wrong_key_form"
    fix = "Give both parts of the key in one line: mlops provider-key {target}"


class AppMissing(GatewayError):
    """The ML Pipeline Builder is not in this Windmill."""

    status = 404
    code = "app_missing"
    fix = "`make builder` builds it and puts it there."


class UnknownRoute(NotFound):
    """{call}: {reason}."""

    fix = "GET /docs shows the routes there are."


class RequestRefused(GatewayError):
    """{call}: {reason}."""

    status = 400
    code = "refused"
    fix = "GET /docs shows the routes there are."


class MethodNotAllowed(RequestRefused):
    """{call}: {reason}."""

    status = 405
    code = "method_not_allowed"


class BodyTooLarge(RequestRefused):
    """{call}: {reason}."""

    status = 413
    code = "body_too_large"


class NoSuchRevision(GatewayError):
    """Of {name!r} there is no {what}."""

    status = 404
    code = "no_such_revision"
    fix = "GET /pipelines/{name}/revisions lists what there is (`mlops rollback {name} --list`)."


class NoReading(GatewayError):
    """What {name!r} read of its data was not kept{of}."""

    status = 404
    code = "no_reading"
    fix = "It is kept each time a deployment goes live: mlops deploy."


class NotWaiting(GatewayError):
    """{id!r} is not waiting for {what}: it is {state}."""

    status = 409
    code = "not_waiting"
    fix = "GET /pipelines/{id}/status tells what it waits for (`mlops status {id}`)."


class NoLongerAsked(GatewayError):
    """{name} no longer asks this: it was answered, or it was too late. It is {state}."""

    status = 409
    code = "no_longer_asked"
    fix = "`mlops status {name}` tells what it waits for, if anything."


class NoUploads(GatewayError):
    """This gateway keeps no files of people."""

    status = 409
    code = "no_uploads"
    fix = "Name a folder that its workers read as MLOPS_UPLOADS, or give the path of your data."


class UploadRefused(GatewayError):
    """{name!r} is no name for a file that is sent."""

    status = 422
    code = "upload_refused"
    fix = "Rename it: no slash, no dot at its beginning, 150 letters at most."


class UploadOutOfStep(GatewayError):
    """{name!r} has {bytes} bytes here and the part begins at {at}."""

    status = 409
    code = "upload_out_of_step"
    fix = "Send it again from its beginning."


class UploadsFull(GatewayError):
    """What people sent may have {most} MB and {most_files} files, and would have more."""

    status = 413
    code = "uploads_full"
    fix = "Remove drawings with data that nobody needs, or raise MAX_UPLOAD_MB."


class NothingToCancel(GatewayError):
    """{id!r} is no deploy that goes on: there is nothing to cancel."""

    status = 409
    code = "nothing_to_cancel"
    fix = "What runs is ended by destroying it; DELETE /pipelines/{id} ends a meta-pipeline's run."


class SeveralQuestions(GatewayError):
    """{id!r} does not wait for one such answer but at: {steps}."""

    status = 409
    code = "several_questions"
    fix = "Name the step that is meant."


class KeyReused(GatewayError):
    """This Idempotency-Key was used for a different request."""

    status = 409
    code = "idempotency_key_reused"
    fix = "Use a new key for a new request."


class NoCatalogRepository(GatewayError):
    """This gateway has no Git repository of the catalog: {reason}"""

    status = 503
    code = "no_catalog_repository"
    fix = "Set MLOPS_CATALOG_REPO to the catalog's checkout, or to a bare repository."


class EntryConflict(GatewayError):
    """{reason}"""

    status = 409
    code = "entry_conflict"

    def __init__(self, conflict: Conflict) -> None:
        super().__init__(fix=conflict.fix, reason=conflict.message)
        self.conflict = conflict

    def as_dict(self) -> dict[str, Any]:
        return {**self.conflict.as_dict(), **super().as_dict()}


class NotInHistory(GatewayError):
    """{reason}"""

    status = 404
    code = "not_in_history"


class BadGitName(GatewayError):
    """{reason}"""

    status = 422
    code = "bad_git_name"


class NoEndpoint(GatewayError):
    """{id} answers at no address of its own."""

    status = 409
    code = "no_endpoint"
    fix = "`mlops ls` shows what answers, and where; each has a key of its own."


class EndpointSilent(GatewayError):
    """What is deployed at {url} gave the gateway no answer to show ({reason})."""

    status = 502
    code = "endpoint_silent"
    fix = "`mlops status` tells how it does; `mlops ask` reaches it the way it was deployed."


class NoPlatformKey(GatewayError):
    """Windmill shows the gateway no variable {path}, from which all keys are derived."""

    status = 502
    code = "no_platform_key"
    fix = "`mlops setup` makes it; the gateway's token must be allowed to read it."


class NotSaved(GatewayError):
    """{reason}"""

    status = 409
    code = "not_saved"


class NoGitEvent(GatewayError):
    """The event is no push that could be read."""

    status = 422
    code = "no_git_event"
    fix = "Set the webhook's content type to application/json, and its events to pushes."


class WindmillUnreachable(GatewayError):
    """Windmill does not answer at {url}."""

    status = 503
    code = "windmill_unreachable"
    fix = "Start it (`mlops up`), or correct WINDMILL_API_URL."


class WindmillRefused(GatewayError):
    """Windmill refused to {what}: {reason}"""

    status = 502
    code = "windmill_refused"
    fix = "If something is missing there, `mlops sync push` puts it back."


class RegistryUnreachable(GatewayError):
    """The deployment registry does not answer."""

    status = 503
    code = "registry_unreachable"
    fix = "Check DATABASE_URL and the database it names."


class RegistryOutOfStep(GatewayError):
    """The deployment registry is at revision {found}, and this gateway reads {needed}."""

    status = 503
    code = "registry_out_of_step"


class NotDestroyed(GatewayError):
    """{reason}"""

    status = 409
    code = "not_destroyed"


class RegistrySealed(GatewayError):
    """The deployment registry cannot be read: {reason}"""

    status = 503
    code = "registry_sealed"


class StateUnreachable(GatewayError):
    """The database of keys and of the audit log does not answer."""

    status = 503
    code = "state_unreachable"
    fix = "Check ACCESS_DATABASE_URL (else DATABASE_URL) and the database it names."


class StateAhead(GatewayError):
    """The gateway's own tables are at revision {found}, and this gateway knows up to {needed}."""

    status = 503
    code = "state_ahead"
    fix = "A newer gateway has been here: run that one, or restore a copy from before."


class OrphansUnknown(GatewayError):
    """What providers hold could not be found out: {reason}"""

    status = 502
    code = "orphans_unknown"
    fix = "Look at the provider's own page, too. `mlops doctor` tells whether a worker is there."


class LogUnread(GatewayError):
    """What {name} wrote could not be read: {reason}"""

    status = 502
    code = "log_unread"
    fix = "`mlops status {name}` tells how it is; `mlops doctor` whether a worker is there."


class PlanRefused(GatewayError):
    """{name} would not be deployed: {reason}"""

    status = 422
    code = "plan_refused"
    fix = "{advice}"


class PlanUnknown(GatewayError):
    """What deploying {name} would do is not known: {reason}"""

    status = 502
    code = "plan_unknown"
    fix = "`mlops doctor` tells whether a worker is there; nothing was started."


class OffersUnknown(GatewayError):
    """What providers offer now is not known: {reason}"""

    status = 502
    code = "offers_unknown"
    fix = "`mlops doctor` tells whether a worker is there; `mlops offers` alone shows list prices."


class PreviewRefused(GatewayError):
    """The sources of {name} would not be read: {reason}"""

    status = 422
    code = "preview_refused"
    fix = "{advice}"


class PreviewUnknown(GatewayError):
    """What {name} would read is not known: {reason}"""

    status = 502
    code = "preview_unknown"
    fix = "`mlops doctor` tells whether a worker is there; nothing was started."


class NothingToPreview(GatewayError):
    """{name} deploys several pipelines, or none: a preview is of one."""

    status = 422
    code = "nothing_to_preview"
    fix = "`mlops catalog graph {name}` names its pipelines: preview one of them."


class NothingToPlan(GatewayError):
    """{name} deploys nothing, and a plan tells what would be deployed."""

    status = 422
    code = "nothing_to_plan"
    fix = "`mlops catalog explain {name}` tells what it does."
