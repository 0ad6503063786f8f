"""Which route asks for what: the one table. A route without a row keeps the gateway from starting.

A row is named by method and path, without the prefix of the version.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.access.roles import Permission


class Over(StrEnum):
    """What the permission is needed over."""

    workspace = "all of the workspace"
    deployment = "the deployments that `id` names"
    # The route itself narrows what it shows or starts.
    some = "anything in the workspace"


@dataclass(frozen=True)
class Rule:
    """`permission` is None where nobody needs to be known. `page`: a browser's session will do.

    `each` names permissions by the value of a path's parameter. `action` is what the audit log
    calls it; what only shows has none.
    """

    permission: Permission | None
    over: Over = Over.workspace
    page: bool = False
    each: Mapping[str, Permission] = field(default_factory=dict)
    action: str = ""

    def asked(self, path_params: Mapping[str, str]) -> Permission | None:
        named = (self.each[value] for value in path_params.values() if value in self.each)
        return next(named, self.permission)


OPEN = Rule(None)
SEE, BUILD, APPROVE = Permission.see, Permission.build, Permission.approve
SEE_KEYS = Permission.see_keys
MANAGE, AUDIT = Permission.manage, Permission.audit
# What the builder's app may run; whatever stands not here asks for a builder.
RUNNABLES = dict.fromkeys(("catalog", "prices", "validate", "offers", "deployment"), SEE)

RULES: dict[str, Rule] = {
    "GET /health": OPEN,
    "GET /metrics": OPEN,
    # It looks at the token of whoever watches itself.
    "GET /metrics/platform": OPEN,
    "GET /docs": OPEN,
    "GET /docs/swagger-ui.css": OPEN,
    "GET /docs/swagger-ui-bundle.js": OPEN,
    "GET /openapi.json": OPEN,
    # The page itself shows a way to sign in to whoever has none.
    "GET /": OPEN,
    "GET /builder/pages/{name}": OPEN,
    "POST /builder/session": Rule(None, action="sign in"),
    "GET /builder/login": OPEN,
    "GET /builder/login/callback": Rule(None, action="sign in elsewhere"),
    # They look at the refresh token themselves.
    "POST /builder/session/renewal": OPEN,
    "DELETE /builder/session": Rule(None, action="sign out"),
    "GET /builder/account": Rule(SEE, page=True),
    "GET /builder/app": Rule(SEE, page=True),
    "GET /builder/bundle.{kind}": Rule(SEE, page=True),
    "POST /builder/run/{runnable}": Rule(
        BUILD, page=True, each=RUNNABLES, action="run in the builder"
    ),
    "GET /builder/jobs/{id}": Rule(SEE, page=True),
    "GET /builder/jobs/{id}/log": Rule(BUILD, page=True),
    "GET /builder/catalog": Rule(SEE, Over.some, page=True),
    "GET /builder/catalog/{folder}/{name}/source": Rule(SEE, Over.some, page=True),
    "GET /builder/catalog/{folder}/{name}/versions": Rule(SEE, Over.some, page=True),
    "PUT /builder/catalog/{folder}/{name}": Rule(BUILD, page=True, action="save entry"),
    "POST /builder/catalog/check": Rule(SEE, Over.some, page=True),
    "POST /builder/runs": Rule(BUILD, Over.some, page=True, action="deploy"),
    "GET /builder/runs/{id}": Rule(SEE, Over.deployment, page=True),
    "POST /builder/runs/{id}/approval": Rule(APPROVE, Over.deployment, page=True, action="approve"),
    "DELETE /builder/runs/{id}": Rule(BUILD, Over.deployment, page=True, action="destroy"),
    "GET /builder/runs/{id}/revisions": Rule(SEE, Over.deployment, page=True),
    "POST /builder/runs/{id}/rollback": Rule(BUILD, Over.deployment, page=True, action="roll back"),
    "POST /builder/plan": Rule(BUILD, Over.some, page=True, action="plan"),
    "PUT /builder/uploads/{folder}/{name}": Rule(BUILD, page=True, action="upload"),
    "GET /builder/uploads/{folder}": Rule(BUILD, page=True),
    "DELETE /builder/uploads/{folder}": Rule(BUILD, page=True, action="remove upload"),
    "GET /builder/deployments": Rule(SEE, Over.some, page=True),
    "GET /builder/lines": Rule(SEE, Over.some, page=True),
    "GET /builder/deployments/{id}/drawing": Rule(SEE, Over.deployment, page=True),
    "GET /builder/deployments/{id}/reading": Rule(SEE, Over.deployment, page=True),
    "POST /builder/deployments/{id}/chat": Rule(BUILD, Over.deployment, page=True, action="ask"),
    "GET /builder/keys/{id}": Rule(SEE_KEYS, Over.deployment, page=True, action="see key"),
    "GET /catalog": Rule(SEE, Over.some),
    "GET /catalog/{key:path}": Rule(SEE, Over.some),
    "GET /components": Rule(SEE, Over.some),
    "GET /offers": Rule(SEE, Over.some),
    "GET /offers/now": Rule(BUILD, Over.some),
    "GET /catalog/{folder}/{name}/source": Rule(SEE, Over.some),
    "GET /catalog/{folder}/{name}/versions": Rule(SEE, Over.some),
    "PUT /catalog/{folder}/{name}": Rule(BUILD, action="save entry"),
    "GET /pipelines": Rule(SEE, Over.some),
    "POST /pipelines/deploy": Rule(BUILD, Over.some, action="deploy"),
    "POST /pipelines/plan": Rule(BUILD, Over.some, action="plan"),
    # Whoever may build reads what the pipeline would read.
    "POST /pipelines/preview": Rule(BUILD, Over.some, page=True, action="preview"),
    "GET /pipelines/{id}/status": Rule(SEE, Over.deployment),
    "GET /pipelines/{id}/key": Rule(SEE_KEYS, Over.deployment, action="see key"),
    "GET /pipelines/{id}/logs": Rule(SEE, Over.deployment),
    # What callers asked may stand there.
    "GET /pipelines/{id}/process-log": Rule(BUILD, Over.deployment),
    "GET /pipelines/{id}/events": Rule(SEE, Over.deployment),
    "GET /pipelines/{id}/revisions": Rule(SEE, Over.deployment),
    "GET /pipelines/{id}/reading": Rule(SEE, Over.deployment),
    "POST /pipelines/{id}/rollback": Rule(BUILD, Over.deployment, action="roll back"),
    "POST /pipelines/{id}/redeploy": Rule(BUILD, Over.deployment, action="deploy again"),
    "POST /pipelines/{id}/scale": Rule(BUILD, Over.deployment, action="scale"),
    "POST /pipelines/{id}/scale/plan": Rule(BUILD, Over.deployment, action="plan"),
    "POST /pipelines/{id}/target": Rule(BUILD, Over.deployment, action="choose target"),
    "POST /pipelines/{id}/cancel": Rule(BUILD, Over.deployment, page=True, action="cancel"),
    "POST /pipelines/{id}/approve": Rule(APPROVE, Over.deployment, action="approve"),
    "POST /pipelines/{id}/rating": Rule(SEE, Over.deployment, page=True, action="rate"),
    "DELETE /pipelines/{id}": Rule(BUILD, Over.deployment, action="destroy"),
    "GET /access/me": Rule(SEE, Over.some, page=True),
    "GET /access/findings": Rule(MANAGE),
    "GET /access/keys": Rule(MANAGE),
    "POST /access/keys": Rule(MANAGE, action="make key"),
    "DELETE /access/keys/{key}": Rule(MANAGE, action="revoke key"),
    "GET /access/sessions": Rule(MANAGE),
    "DELETE /access/sessions/{id}": Rule(MANAGE, action="end session"),
    "GET /kpis": Rule(SEE),
    "GET /costs": Rule(SEE),
    "GET /audit": Rule(AUDIT),
    "GET /audit/verify": Rule(AUDIT),
    "GET /orphans": Rule(MANAGE),
    "POST /orphans/end": Rule(MANAGE, action="end orphans"),
    "GET /data/deployments/{id}": Rule(AUDIT, action="export data"),
    "DELETE /data/deployments/{id}": Rule(MANAGE, action="delete data"),
    "GET /data/persons/{name}": Rule(AUDIT, action="export data"),
    "DELETE /data/persons/{name}": Rule(MANAGE, action="delete data"),
    "GET /llm-keys": Rule(BUILD),
    "PUT /llm-keys/{name}": Rule(MANAGE, action="store LLM key"),
    "DELETE /llm-keys/{name}": Rule(MANAGE, action="remove LLM key"),
    "GET /provider-keys": Rule(MANAGE),
    "PUT /provider-keys/{target}": Rule(MANAGE, action="store provider key"),
    "DELETE /provider-keys/{target}": Rule(MANAGE, action="remove provider key"),
    "POST /webhooks/deploy": Rule(BUILD, Over.some, action="deploy by event"),
    "POST /webhooks/git": Rule(MANAGE, action="push from Git"),
}
