"""Answers runs of `git_push`: the plan of what the repository has now, and then that plan pushed.

What is kept between the two stands in a folder a run, so that whoever is started again goes on.
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cli.actions.syncing import addresses, wanted
from cli.clients.git_host import Checkout, GitSettings, fetch
from cli.clients.windmill import WindmillAddress, WindmillClient
from cli.errors import PlanLost
from cli.platform.home import ROOT
from cli.terminal import console
from windmill.scripts.model.base.errors import MlopsError
from windmill.scripts.model.base.windmill_paths import GIT_PUSH
from windmill.scripts.model.catalog.git_push import AFTER, shortened

WAITS = "WaitingForEvents"
BUNDLE = Path("windmill/apps/ml_pipeline_builder.raw_app")
MOST_NAMED = 8


def answer_all(address: WindmillAddress, settings: GitSettings, folder: Path) -> list[str]:
    """What was done, a line a run, the oldest first. Raises Refused where Windmill cannot be
    asked; what else goes wrong is the run's answer."""
    with WindmillClient(address) as windmill:
        waiting = list(_waiting(windmill))
        _forget_others(folder, {run for run, _ in waiting} | set(windmill.queued(GIT_PUSH)))
        return [_answer(windmill, settings, folder / run, work) for run, work in waiting]


def _waiting(windmill: WindmillClient) -> list[tuple[str, str]]:
    """Runs, and what each waits for."""
    jobs = [windmill.job(id) for id in reversed(windmill.queued(GIT_PUSH))]
    found = []
    for job in jobs:
        for module in (job.get("flow_status") or {}).get("modules", ()):
            if module["type"] == WAITS and module["id"] in AFTER:
                found.append((str(job["id"]), AFTER[module["id"]]))
    return found


def _answer(windmill: WindmillClient, settings: GitSettings, folder: Path, work: str) -> str:
    does: Callable[..., dict[str, Any]] = {"plan": _plan, "push": _push}[work]
    try:
        told = does(windmill.address, settings, folder)
    except MlopsError as error:
        told = {"error": str(error)}
    windmill.resume(folder.name, told)
    return f"{folder.name}  {work}: {told.get('error') or told['commit'][:12]}"


def _plan(address: WindmillAddress, settings: GitSettings, folder: Path) -> dict[str, Any]:
    from sync import api

    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    checkout = fetch(settings, _checkout(folder))
    _bring_builder(checkout.folder)
    with wanted(address, root=checkout.folder) as (items, instances):
        plan, gone = api.plan(items, **instances), api.plan_of_pruning(items, **instances)
        for name, each in (("push", plan), ("prune", gone)):
            (folder / name).write_text(api.plan_file(each, addresses(instances)), "utf-8")
    (folder / "commit").write_text(checkout.commit, "utf-8")
    lines = [str(action) for action in (*plan.writes, *gone.writes)]
    question = _question(checkout, plan, gone)
    return {"commit": checkout.commit, "lines": shortened(lines), "question": question}


def _question(checkout: Checkout, plan: Any, gone: Any) -> str:
    """Empty where nothing of anybody is lost."""
    deleted = [action.item.path for action in gone.writes]
    edited = [action.item.path for action in plan.drifted]
    told = [
        f"{verb} {', '.join(paths[:MOST_NAMED])}{' and more' if len(paths) > MOST_NAMED else ''}"
        for verb, paths in (("delete", deleted), ("overwrite what was edited of", edited))
        if paths
    ]
    return f"May commit {checkout.commit[:12]} {' and '.join(told)}?" if told else ""


def _push(address: WindmillAddress, settings: GitSettings, folder: Path) -> dict[str, Any]:
    """Exactly what was planned, or nothing; of what people were asked, they said yes."""
    from sync import api

    if not (folder / "commit").is_file():
        raise PlanLost
    commit, lines = (folder / "commit").read_text("utf-8"), []
    with wanted(address, root=_checkout(folder)) as (items, instances):
        for name, make in (("push", api.plan), ("prune", api.plan_of_pruning)):
            plan = make(items, **instances)
            planned = (folder / name).read_bytes()
            api.refuse_other(plan, addresses(instances), planned, f"the plan of {commit[:12]}")
            holder = api.this_holder()
            api.push(plan, **instances, force=True, holder=holder, on_wait=console.note)
            lines += [str(action) for action in plan.writes]
    shutil.rmtree(folder)
    return {"commit": commit, "lines": shortened(lines)}


def _checkout(folder: Path) -> Path:
    return folder / "checkout"


def _bring_builder(checkout: Path) -> None:
    """The bundle is not in Git: ours is taken where it is of the same sources, else one is made."""
    from sync.build.bundle import build, bundle_folder, is_built

    app = checkout / BUNDLE
    if not app.is_dir() or not is_built(ROOT / BUNDLE):
        return
    shutil.rmtree(bundle_folder(app), ignore_errors=True)
    shutil.copytree(bundle_folder(ROOT / BUNDLE), bundle_folder(app))
    if not is_built(app):
        build(app)


def _forget_others(folder: Path, runs: set[str]) -> None:
    """Of runs that people rejected or canceled."""
    for left in folder.iterdir() if folder.is_dir() else ():
        if left.name not in runs:
            shutil.rmtree(left)


def folder_of(home: Path) -> Path:
    return Path(os.path.abspath(home)) / "git-push"
