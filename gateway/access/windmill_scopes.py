"""What the gateway asks of Windmill for each role, as scopes of a token.

`jobs:write` cancels: newer versions have a scope for that alone, which older ones take for an
error.
"""

from collections.abc import Mapping

from gateway.access.roles import Role
from windmill.scripts.model.base.windmill_paths import (
    ASSETS,
    BUILDER,
    FAIL_DEPLOYMENT,
    FOLDER,
    LIST_OFFERS,
    LLM_KEYS,
    PLAN_DEPLOYMENT,
    PREVIEW_SOURCES,
    PROVIDER_KEYS,
    RECONCILE_ORPHANS,
    SECRET_KEY,
    SHOW_PROCESS_LOG,
)

SHOWN = (
    "flows:read",
    f"resources:read:{ASSETS}/*",
    f"apps:read:{BUILDER}",
    # Windmill does not tell a component from another.
    f"apps:run:{BUILDER}",
)
VIEWING = ("jobs:read", *SHOWN)
BUILDING = (
    *SHOWN,
    "jobs:write",
    f"jobs:run:flows:{FOLDER}/*",
    f"jobs:run:scripts:{SHOW_PROCESS_LOG},{PLAN_DEPLOYMENT},{PREVIEW_SOURCES},{FAIL_DEPLOYMENT}"
    f",{LIST_OFFERS}",
    f"variables:read:{SECRET_KEY},{LLM_KEYS}/*",
)
OPERATING = (
    *BUILDING,
    f"jobs:run:scripts:{RECONCILE_ORPHANS}",
    f"variables:write:{LLM_KEYS}/*,{PROVIDER_KEYS}/*",
)

SCOPES = {Role.viewer: VIEWING, Role.builder: BUILDING, Role.operator: OPERATING}


def token_lines(tokens: Mapping[Role, str]) -> str:
    """As the embedded engine reads them: a token a line, its scopes after it."""
    return "".join(f"{token} {' '.join(SCOPES[role])}\n" for role, token in tokens.items())
