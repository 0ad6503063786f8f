"""A Windmill made ready for the platform, and what one of its workers says it has."""

import re
import secrets
import time
from collections.abc import Callable, Iterator
from typing import Any

from cli.actions.local_worker import LOCAL, local_findings
from cli.actions.syncing import make_plan, push_what_can_be
from cli.clients.windmill import WindmillAddress, WindmillClient, named_windmill
from cli.errors import Refused
from cli.platform.checkup import WINDMILL_FLOOR, Finding, version_parts
from windmill.scripts.model.base.errors import MlopsError
from windmill.scripts.model.base.windmill_paths import PROBE_WORKER, SECRET_KEY

# A worker's first job installs the packages of the probe's lock.
PROBE_SECONDS = 300
CLOCK_SECONDS = 2.0
WORKSPACES = "The community edition has three workspaces at most: name one that is there."
WITHOUT_ONE = "Make a token in Windmill (account settings) and give it as WINDMILL_API_KEY."

FIRST_LOGIN = ("admin@windmill.dev", "changeme")
CHANGE_IT = "Sign in with it and change it (account settings) before anybody else does."

Step = Callable[[WindmillClient], Iterator[Finding]]


def connect(
    address: WindmillAddress, *, dry_run: bool = False, ask_worker: bool = True
) -> Iterator[Finding]:
    """What is there or was done, in order; nothing follows what failed. A dry run only looks."""
    with WindmillClient(address) as windmill:
        for what, step in LOOKS if dry_run else STEPS:
            if step is probe and not ask_worker:
                continue
            for finding in _told(what, step, windmill):
                yield finding
                if finding.state == "failed" and step is not probe:
                    return


def _told(what: str, step: Step, windmill: WindmillClient) -> Iterator[Finding]:
    try:
        yield from step(windmill)
    except MlopsError as error:  # sync's, too: a push that fails is a finding like any other
        yield Finding(what, "failed", error.message, error.fix)


def _version(windmill: WindmillClient) -> Iterator[Finding]:
    version = windmill.version()
    if not re.search(r"\d+\.\d+", version):
        message = f"{windmill.address.url} answers, but is no Windmill: {version[:80]!r}"
        raise Refused(message=message, fix="Check WINDMILL_API_URL.")
    if version_parts(version) < version_parts(WINDMILL_FLOOR):
        yield Finding("windmill", "failed", version, f"Upgrade it to {WINDMILL_FLOOR} or newer.")
    else:
        yield Finding("windmill", "ok", f"{windmill.address.url}  {version}")


def _first_login(windmill: WindmillClient) -> Iterator[Finding]:
    if windmill.log_in(*FIRST_LOGIN):
        told = f"{FIRST_LOGIN[0]} still has the password that every Windmill begins with"
        yield Finding("first login", "failed", told, CHANGE_IT)


def _token(windmill: WindmillClient) -> Iterator[Finding]:
    if not windmill.address.token:
        yield Finding("token", "failed", "none is given", WITHOUT_ONE)
        return
    who = windmill.who()
    rank = "superadmin" if who.get("super_admin") else "not a superadmin"
    yield Finding("token", "ok", f"{who['email']}, {rank}")


def _workspace_looked_at(windmill: WindmillClient) -> Iterator[Finding]:
    name = windmill.address.workspace
    if windmill.workspace_exists():
        yield Finding("workspace", "ok", name)
    else:
        yield Finding("workspace", "failed", f"{name} is not there; `mlops setup` would make it")


def _workspace(windmill: WindmillClient) -> Iterator[Finding]:
    name = windmill.address.workspace
    if windmill.workspace_exists():
        yield Finding("workspace", "ok", name)
        return
    try:
        windmill.create_workspace()
    except Refused as error:
        fix = f"{WORKSPACES} (WINDMILL_WORKSPACE or --workspace)"
        yield Finding("workspace", "failed", f"{name} could not be made: {error.message}", fix)
    else:
        yield Finding("workspace", "ok", f"{name}, made")


def _rights(windmill: WindmillClient) -> Iterator[Finding]:
    who = windmill.who_in_workspace()
    name = f"{who['username']} in {windmill.address.workspace}"
    if who.get("is_admin") or who.get("is_super_admin"):
        yield Finding("rights", "ok", f"{name} is an admin")
    else:
        fix = "Use a token of an admin: scripts run with the rights of whoever pushed them."
        yield Finding("rights", "failed", f"{name} is no admin", fix)


def _planned(windmill: WindmillClient) -> Iterator[Finding]:
    plan = make_plan(windmill.address).as_dict()
    yield Finding("push", "ok", f"{plan['create']} to create, {plan['update']} to change")
    for path in plan["drifted"]:
        yield Finding("push", "warning", f"{path} was edited there", DRIFT)


DRIFT = "It stays as it is: bring it to Git, or overwrite it with `mlops sync push --force`."


def _secret_key(windmill: WindmillClient) -> Iterator[Finding]:
    """Never another one: what deployments keep is sealed with it."""
    if windmill.variable(SECRET_KEY):
        yield Finding("secret key", "ok", f"{SECRET_KEY}, kept")
        return
    about = "Seals what deployments keep; made by `mlops setup`"
    windmill.set_variable(SECRET_KEY, secrets.token_urlsafe(48), about, is_new=True)
    yield Finding("secret key", "ok", f"{SECRET_KEY}, made")


def _pushed(windmill: WindmillClient) -> Iterator[Finding]:
    done = push_what_can_be(windmill.address)
    same = f", {done['unchanged']} as in Git" if "unchanged" in done else ""
    yield Finding("push", "ok", f"{done['create']} created, {done['update']} changed{same}")
    for path in done["drifted"]:
        yield Finding("push", "warning", f"{path} was edited there", DRIFT)
    if "n8n_error" in done:
        yield Finding("n8n", "warning", f"not pushed: {done['n8n_error']}", done["fix"])


def named_worker() -> Iterator[Finding]:
    """Of the Windmill that the environment names; nothing where it names none."""
    address = named_windmill()
    if address is None:
        return
    with WindmillClient(address) as windmill:
        yield from _told("first login", _first_login, windmill)
        yield from _told("worker", _probed_if_pushed, windmill)


def _probed_if_pushed(windmill: WindmillClient) -> Iterator[Finding]:
    if windmill.script_exists(PROBE_WORKER):
        yield from probe(windmill)
    else:
        yield Finding("worker", "warning", f"{PROBE_WORKER} is not there to ask it", "mlops setup")


def probe(windmill: WindmillClient) -> Iterator[Finding]:
    """What a worker that takes our jobs has, and which one is the machine of target `local`."""
    told: dict[str, Any] = {}
    for finding in asked(windmill, "", told):
        if finding.what != LOCAL:
            yield finding
    if told:
        yield from local_findings(windmill, told, lambda tag: asked(windmill, tag, {}))


def asked(windmill: WindmillClient, tag: str, told: dict[str, Any]) -> Iterator[Finding]:
    """Of a worker that listens to the tag; its clock against ours. `told` gets its words."""
    sent = time.time()
    job = windmill.start(PROBE_WORKER, tag)
    answer = _wait(windmill, job)
    received = time.time()
    if answer is None:
        fix = "Start a worker that takes python3 jobs: docker compose up -d windmill_worker"
        found = f"no worker ended the probe within {PROBE_SECONDS} s"
        yield Finding("worker", "failed", found, fix)
    elif not answer["success"]:
        error = (answer["result"] or {}).get("error", {})
        fix = f"Its log: job {job} in Windmill's runs."
        yield Finding("worker", "failed", str(error.get("message", answer["result"]))[:300], fix)
    else:
        told |= answer["result"]
        yield from _of_worker(told, sent, received)


def _of_worker(told: Any, sent: float, received: float) -> Iterator[Finding]:
    yield Finding("worker", "ok", told["worker"])
    off = max(sent - told["time"], told["time"] - received)
    if off > CLOCK_SECONDS:
        fix = "Set both by NTP: signed events and tokens are only good for minutes."
        yield Finding("clock", "warning", f"{off:.0f} s away from this machine's", fix)
    else:
        yield Finding("clock", "ok", "as this machine's")
    for check in told["checks"]:
        yield Finding(check["what"], check["state"], check["found"], check["fix"])


LOOKS: tuple[tuple[str, Step], ...] = (
    ("windmill", _version),
    ("first login", _first_login),
    ("token", _token),
    ("workspace", _workspace_looked_at),
    ("rights", _rights),
    ("push", _planned),
)
STEPS: tuple[tuple[str, Step], ...] = (
    ("windmill", _version),
    ("first login", _first_login),
    ("token", _token),
    ("workspace", _workspace),
    ("rights", _rights),
    ("push", _pushed),
    ("secret key", _secret_key),
    ("worker", probe),
)


def _wait(windmill: WindmillClient, job: str) -> Any:
    """None when nobody ended it in time; then it is canceled."""
    deadline = time.monotonic() + PROBE_SECONDS
    pause = 0.05
    try:
        while time.monotonic() < deadline:
            answer = windmill.result_maybe(job)
            if answer["completed"]:
                return answer
            time.sleep(pause)
            pause = min(pause * 1.5, 1.0)
    except KeyboardInterrupt:
        windmill.cancel(job)
        raise
    windmill.cancel(job)
    return None
