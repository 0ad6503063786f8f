"""The n8n that the environment names: does it answer, may our key write, is it new enough."""

import os
from collections.abc import Iterator

from cli.platform.checkup import Finding, State, version_parts
from cli.platform.embedded import is_loopback
from windmill.scripts.model.base.errors import MlopsError

# The first of each line without the known holes.
FLOORS = ("1.123.83", "2.41.4", "2.42.1")
ASK_METRICS = (
    "Set N8N_METRICS=true for n8n, or give the key the scope workflow:export: nothing else tells it"
)


def named_n8n(*, too_old: State = "failed") -> Iterator[Finding]:
    """Nothing where the environment names none. `too_old`: how bad known holes are to who asks."""
    if not os.environ.get("N8N_API_URL"):
        return
    try:
        key = os.environ.get("N8N_API_KEY", "")
        yield from _examined(os.environ["N8N_API_URL"], key, too_old)
    except MlopsError as error:
        yield Finding("n8n", "failed", error.message, error.fix)


def is_new_enough(version: str) -> bool:
    """At least the floor of its own line, or newer than all of them."""
    given, floors = version_parts(version), [version_parts(floor) for floor in FLOORS]
    of_its_line = [floor for floor in floors if floor[:2] == given[:2]]
    return given >= (of_its_line or [max(floors)])[0]


def _examined(url: str, key: str, too_old: State) -> Iterator[Finding]:
    from sync import api

    with api.N8n(url, key) as n8n:
        if missing := api.missing_scopes(n8n):
            fix = "Make a key with them in n8n (Settings, n8n API) and give it as N8N_API_KEY."
            yield Finding("n8n key", "failed", f"lacks {', '.join(missing)}", fix)
        else:
            n8n.check_key()
            yield from _surplus(api.surplus_scopes(n8n))
        yield _versioned(n8n.base_url, api.version_of(n8n), too_old)


def _surplus(kinds: list[str]) -> Iterator[Finding]:
    if kinds:
        fix = "A key for workflows, credentials and data tables alone is enough: make one in n8n."
        yield Finding("n8n key", "warning", f"may also work with {', '.join(kinds)}", fix)


def _versioned(url: str, version: str, too_old: State) -> Finding:
    if not version:
        return Finding("n8n", "warning", f"{url} answers; its version is unknown", ASK_METRICS)
    if is_new_enough(version):
        return Finding("n8n", "ok", f"{url}  {version}")
    # Known holes are no matter on a machine that nobody else reaches.
    state: State = "warning" if is_loopback(url) else too_old
    fix = f"Set N8N_IMAGE=n8nio/n8n:{FLOORS[-1]} in .env, then docker compose up -d"
    return Finding("n8n", state, f"{url}  {version} has known holes", fix)
