"""Whether somebody looks for rented machines that no deployment uses, and when that was last."""

from collections.abc import Iterator

from cli.clients.windmill import Answer, WindmillClient, find_windmill
from cli.errors import PlatformDown
from cli.platform.checkup import Finding
from cli.platform.home import Home
from windmill.scripts.model.base.errors import MlopsError
from windmill.scripts.model.base.windmill_paths import RECONCILE_ORPHANS

WATCH = "orphans, watch"


def orphan_watch(home: Home) -> Iterator[Finding]:
    """Of the Windmill that is named, else of this machine's; nothing where none runs."""
    try:
        with WindmillClient(find_windmill(home)) as windmill:
            schedule = windmill.schedule(RECONCILE_ORPHANS)
            yield _schedule(windmill, schedule) if schedule else _missing()
    except PlatformDown:
        return
    except MlopsError as error:
        yield Finding(WATCH, "warning", error.message, error.fix)


def _missing() -> Finding:
    return Finding(WATCH, "warning", f"no schedule {RECONCILE_ORPHANS} is there", "mlops sync push")


def _schedule(windmill: WindmillClient, schedule: Answer) -> Finding:
    if not schedule["enabled"]:
        why = f": {schedule['error']}" if schedule.get("error") else ""
        fix = "Switch it on in Windmill, or: mlops sync push --force"
        return Finding(WATCH, "warning", f"the schedule is switched off{why}", fix)
    run = windmill.last_run(RECONCILE_ORPHANS)
    if run is None:
        return Finding(WATCH, "ok", f"{_does(schedule)}; it has not run yet")
    if not run["success"]:
        fix = f"Its log: job {run['id']} in Windmill's runs."
        return Finding(WATCH, "warning", f"its run of {run['started_at']} failed", fix)
    return Finding(WATCH, "ok", f"{_does(schedule)}; last run {run['started_at']}")


def _does(schedule: Answer) -> str:
    ends = (schedule.get("args") or {}).get("end")
    return "ends what it finds" if ends else "tells what it finds, ends nothing"
