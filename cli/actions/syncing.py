"""Push what this checkout holds into Windmill, and into n8n where one is named, through sync/."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from cli.actions.asking.files import check_place, write
from cli.clients.windmill import WindmillAddress
from cli.platform.embedded import Platform
from cli.platform.home import ROOT, Home
from cli.terminal import console

# Others may push between the plan and the push; who finds that each time is told.
PLANS = 3


@contextmanager
def _planned(address: WindmillAddress, to_n8n: bool = True) -> Iterator[tuple[Any, dict[str, Any]]]:
    """The plan, and the instances it was made for as `push` takes them."""
    from sync import api

    with wanted(address, to_n8n) as (items, instances):
        yield api.plan(items, **instances), instances


@contextmanager
def wanted(
    address: WindmillAddress, to_n8n: bool = True, root: Path = ROOT
) -> Iterator[tuple[Any, dict[str, Any]]]:
    """What the checkout at `root` wants, and the instances as `plan` and `push` take them."""
    from sync import api

    settings = api.n8n_settings({**_of_this_machine(), **os.environ})
    n8n = api.N8n.of(settings) if settings and to_n8n else None
    with api.Windmill(address.url, address.workspace, address.token) as windmill:
        try:
            ends = api.ends_orphans(os.environ)
            items = api.desired(root, settings, tag=_tag(address), end_orphans=ends)
            yield items, {"windmill": windmill, "n8n": n8n}
        finally:
            if n8n:
                n8n.close()


def _tag(address: WindmillAddress) -> str:
    """The embedded engine is a machine of its own, whatever the environment says of another."""
    from sync import api

    engine = Platform.load(Home.from_environment()).parts.get("engine")
    return "" if engine and engine.url == address.url else api.local_tag(os.environ)


def _of_this_machine() -> dict[str, str]:
    """n8n calls the gateway that runs here, unless the environment names another."""
    home = Home.from_environment()
    gateway = Platform.load(home).parts.get("gateway")
    if gateway is None:
        return {}
    return {"GATEWAY_URL": gateway.url, "MLOPS_API_KEY": home.secrets()["gateway_api_key"]}


def make_plan(address: WindmillAddress, out: Path | None = None) -> Any:
    """The plan; `out` is written so that a push can be held to it."""
    from sync import api

    check_place(out)
    with _planned(address) as (plan, instances):
        if out:
            write(out, api.plan_file(plan, addresses(instances)).encode())
        return plan


def differences(plan: Any) -> dict[str, list[str]]:
    """Lines by what they are of."""
    from sync import api

    return {action.item.key: lines for action in plan.writes if (lines := api.diff(action))}


def pull(address: WindmillAddress, *, write_files: bool) -> dict[str, Any]:
    """What was edited there, in the files that it came from."""
    from sync import api

    with _planned(address) as (plan, _):
        pulled = api.pull(plan, ROOT)
    for name, text in pulled.files.items() if write_files else ():
        write(ROOT / name, text.encode())
    done: dict[str, Any] = pulled.as_dict()
    return {**done, "explained": [str(each) for each in pulled.left]}


def push(
    address: WindmillAddress,
    force: bool = False,
    *,
    to_n8n: bool = True,
    planned: Path | None = None,
) -> dict[str, Any]:
    """The plan that was carried out, as data; `planned` is a file that it must be equal to."""
    from sync import api

    for _ in range(PLANS - 1):
        with suppress(api.PlanOutdated):
            return _push(address, force, to_n8n, planned)
    return _push(address, force, to_n8n, planned)


def _push(
    address: WindmillAddress, force: bool, to_n8n: bool, planned: Path | None
) -> dict[str, Any]:
    from sync import api

    with _planned(address, to_n8n) as (plan, instances):
        if planned:
            api.refuse_other(plan, addresses(instances), planned.read_bytes(), str(planned))
        api.push(plan, **instances, force=force, holder=api.this_holder(), on_wait=console.note)
    done: dict[str, Any] = plan.as_dict()
    return done


def addresses(instances: dict[str, Any]) -> tuple[str, ...]:
    windmill, n8n = instances["windmill"], instances["n8n"]
    ours = f"{windmill.base_url}/{windmill.workspace}"
    return (ours, n8n.base_url) if n8n else (ours,)


def prune(address: WindmillAddress, *, for_good: bool, force: bool) -> dict[str, Any]:
    """What Git no longer has; deleted where it is `for_good`."""
    from sync import api

    with wanted(address) as (items, instances):
        plan = api.plan_of_pruning(items, **instances)
        if for_good:
            api.push(plan, **instances, force=force, holder=api.this_holder(), on_wait=console.note)
    told: dict[str, Any] = {**plan.as_dict(), "explained": plan.explain()}
    return told


def export(folder: Path, owner: str) -> dict[str, int]:
    """How many files changed."""
    from sync import api

    tag, ends = api.local_tag(os.environ), api.ends_orphans(os.environ)
    items = api.desired(ROOT, tag=tag, end_orphans=ends, unbuilt_apps=True)
    return api.export(items, folder, owner).as_dict()


def push_what_can_be(address: WindmillAddress) -> dict[str, Any]:
    """Without n8n where it cannot be asked: `n8n_error` says why. What was edited in an instance
    itself is somebody's work: it is told, never overwritten."""
    from sync.api import Drift, N8nError

    try:
        try:
            return push(address)
        except N8nError as error:  # met while planning: nothing was written yet
            return {**push(address, to_n8n=False), "n8n_error": error.message, "fix": error.fix}
    except Drift as drift:
        paths = [action.item.path for action in drift.actions]
        return {"create": 0, "update": 0, "drifted": paths, "fix": drift.fix}
