"""windmill/schedules as Windmill's schedules: scripts and flows that the clock starts."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue

from windmill.scripts.model.base.errors import InvalidInput, InvalidSetting, Problem
from windmill.scripts.model.base.names import did_you_mean
from windmill.scripts.model.base.parse import parse
from windmill.scripts.model.base.source import Source, load_yaml
from windmill.scripts.model.base.windmill_paths import FOLDER, RECONCILE_ORPHANS

from ...items import FOLDER_KEY, Item, Kind
from ..files import read_text
from ..flow_check import FlowChecker
from ..pages import from_git

SCHEDULES = Path("windmill/schedules")
SETTING = "MLOPS_END_ORPHANS"
ENDING = ".schedule.yaml"
# Any day will do: it is only asked whether there is a moment at all.
_FROM = datetime(2026, 1, 1)


def _cron(text: str) -> str:
    if len(text.split()) != 6:
        raise ValueError("six fields are needed, seconds first")
    try:
        next(CronSim(text, _FROM))
    except CronSimError as error:
        raise ValueError(str(error)) from error
    except StopIteration:
        raise ValueError("it is never due") from None
    return text


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (LookupError, ValueError, OSError) as error:
        raise ValueError("there is no such time zone") from error
    return name


class Schedule(BaseModel):
    """A file of `wmill sync`, with what the embedded engine and every edition of Windmill do."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    summary: str = Field(min_length=1)
    description: str = ""
    schedule: Annotated[str, AfterValidator(_cron)]
    timezone: Annotated[str, AfterValidator(_zone)]
    cron_version: Literal["v2"] = "v2"
    enabled: bool = True
    script_path: str
    is_flow: bool
    args: dict[str, JsonValue] = Field(default_factory=dict)
    no_flow_overlap: bool = False
    ws_error_handler_muted: bool = False
    tag: str | None = None


def schedule_items(root: Path, checker: FlowChecker, problems: list[Problem]) -> list[Item]:
    items: list[Item] = []
    for file in sorted((root / SCHEDULES).rglob(f"*{ENDING}")):
        text, shown = read_text(file, root, problems), file.relative_to(root)
        if text is not None:
            try:
                items.append(_item(load_yaml(text, shown.as_posix()), root, checker))
            except InvalidInput as error:
                problems.extend(replace(each, code="E-SYNC-014") for each in error.problems)
    return items


def ends_orphans(environment: Mapping[str, str]) -> bool:
    """Whether what the schedule finds is ended, too. Raises InvalidSetting."""
    written = environment.get(SETTING, "").strip() or "false"
    if written not in ("true", "false"):
        raise InvalidSetting(name=SETTING, value=written, wanted="true or false")
    return written == "true"


def ending_orphans(items: Iterable[Item]) -> list[Item]:
    return [_ending(item) if item.path == RECONCILE_ORPHANS else item for item in items]


def _ending(item: Item) -> Item:
    return replace(item, body={**item.body, "args": {**item.body["args"], "end": True}})


def _item(source: Source, root: Path, checker: FlowChecker) -> Item:
    schedule = parse(Schedule, source)
    if wrong := list(_misfits(schedule, source, checker)):
        raise InvalidInput(wrong)
    name = Path(source.file).relative_to(SCHEDULES).as_posix().removesuffix(ENDING)
    path = f"{FOLDER}/{name}"
    body = {"path": path, **schedule.model_dump(exclude_none=True)}
    body["description"] = from_git(schedule.description, path, source.file, root)
    needs = frozenset([FOLDER_KEY, f"{_kind(schedule)}/{schedule.script_path}"])
    return Item(Kind.schedule, path, body, needs, source.file)


def _kind(schedule: Schedule) -> Kind:
    return Kind.flow if schedule.is_flow else Kind.script


def _misfits(schedule: Schedule, source: Source, checker: FlowChecker) -> Iterator[Problem]:
    schemas = checker.schemas(_kind(schedule))
    schema = schemas.get(schedule.script_path)
    if schema is None:
        message = f"{_kind(schedule)} {schedule.script_path} does not exist, or cannot be run"
        yield source.problem(message, "script_path", did_you_mean(schedule.script_path, schemas))
        return
    takes: Mapping[str, Any] = schema.get("properties") or {}
    for name in sorted(schedule.args.keys() - takes.keys()):
        message = f"{schedule.script_path} takes no argument {name!r}"
        yield source.problem(message, f"args.{name}", did_you_mean(name, takes))
    needed: Iterable[str] = schema.get("required") or ()
    for name in sorted(set(needed) - schedule.args.keys()):
        message = f"{schedule.script_path} needs argument {name!r}"
        yield source.problem(message, "args", f"Add `{name}:` to `args:`.")
