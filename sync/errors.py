"""What can go wrong between Git and an instance. A class's docstring is the error's message."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from windmill.scripts.model.base.errors import MlopsError

from .actions import Action


class SyncError(MlopsError):
    """Git and an instance could not be brought together."""

    code = "sync_error"


class InstanceError(SyncError):
    """{what} ({call})"""

    code = "instance_error"

    def __init__(self, what: str, call: str, fix: str = "") -> None:
        super().__init__(fix=fix, what=what, call=call)


class WindmillError(InstanceError):
    """{what} ({call})"""

    code = "windmill_error"


class N8nError(InstanceError):
    """{what} ({call})"""

    code = "n8n_error"


class NotWritable(InstanceError):
    """{home} holds no items of the kind {kind} ({path})"""

    code = "not_writable"

    def __init__(self, path: str, **values: Any) -> None:
        SyncError.__init__(self, path=path, **values)


class BadN8nSettings(SyncError):
    """n8n is named, but its environment is not complete: {wrong}."""

    code = "bad_n8n_settings"
    fix = "Set these, or leave N8N_API_URL unset to push to Windmill alone."


class BadLocalTag(SyncError):
    """MLOPS_LOCAL_TAG={tag!r} is not the tag of one worker."""

    code = "bad_local_tag"
    fix = "Give one worker a tag of its own: letters, digits, - and _, 50 at most."


class Drift(SyncError):
    """Edited in {homes} itself, not from Git: {paths}. Nothing was written."""

    code = "drift"
    fix = "Bring the change to Git, or overwrite it: `mlops sync push --force`."

    def __init__(self, actions: Sequence[Action]) -> None:
        self.actions = tuple(actions)
        homes = " and ".join(sorted({action.item.kind.home for action in actions}))
        super().__init__(homes=homes, paths=", ".join(action.item.path for action in actions))


class PushUnderWay(SyncError):
    """Somebody else pushes: {holder}, for {age} by now. Nothing was written."""

    code = "push_under_way"
    fix = "Wait until they are done; then push again: it writes only what is still missing."


class PlanOutdated(SyncError):
    """Since this plan was made somebody else pushed to {home}. Nothing was written."""

    code = "plan_outdated"
    fix = "Make it anew: `mlops sync plan`."


class BadPlanFile(SyncError):
    """{file} is not a plan: {why}."""

    code = "bad_plan_file"
    fix = "Make one: `mlops sync plan --out FILE`."


class PlanChanged(SyncError):
    """What would be pushed now is not what {file} says: {differences}. Nothing was written."""

    code = "plan_changed"
    fix = "Make the plan anew and look at it: `mlops sync plan --out FILE`."


class PushFailed(SyncError):
    """{failed} could not be written: {reason}. {told}"""

    code = "push_failed"
    fix = "Run `mlops sync push` again: it writes only what is still missing."

    def __init__(
        self,
        failed: str,
        reason: str,
        written: Sequence[Action],
        not_written: Sequence[Action],
    ) -> None:
        self.failed = failed
        self.reason = reason
        self.written = tuple(written)
        self.not_written = tuple(not_written)
        super().__init__(failed=failed, reason=reason, told=self._told())

    def after(self, earlier: Sequence[Action], writes: Sequence[Action]) -> "PushFailed":
        """The same seen from all of `writes`, of which others wrote `earlier`."""
        written = [*earlier, *self.written]
        missing = [action for action in writes if action not in written]
        return PushFailed(self.failed, self.reason, written, missing)

    def _told(self) -> str:
        """An instance each: it is one thing to lack a workflow, another to lack a script."""
        done = Counter(action.item.kind.home for action in self.written)
        wanted = done + Counter(action.item.kind.home for action in self.not_written)
        return " ".join(
            f"{home}: {done[home]} of {wanted[home]} items were written." for home in sorted(wanted)
        )

    def as_dict(self) -> dict[str, Any]:
        return {
            **super().as_dict(),
            "failed": self.failed,
            "written": [action.item.key for action in self.written],
            "not_written": [action.item.key for action in self.not_written],
        }


class NotAnExport(SyncError):
    """{folder} holds something else: it is neither empty nor an earlier export."""

    code = "not_an_export"
    fix = "Name an empty folder; hidden files, such as those of Git, may be there."


class NotExportable(SyncError):
    """Step {step!r} of {path} cannot become a file of its own ({language})."""

    code = "not_exportable"
    fix = "Its id may hold letters, digits, _ and -; its language python3, bash, bun or nativets."


class ToolFailed(SyncError):
    """{tool} {arguments} failed: {said}"""

    code = "tool_failed"
    fix = "Read what it said; `make clean` and the same command again start from nothing."
