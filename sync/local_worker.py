"""Which steps run on the machine of target `local`, where a Windmill has a worker for it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from windmill.scripts.model.base.windmill_paths import FOLDER

from .desired.scripts import Scripts
from .errors import BadLocalTag
from .items import TAG, Item, Kind

SETTING = "MLOPS_LOCAL_TAG"
# Whoever uses one of these reads or writes that machine's files, or calls what answers on it.
OF_ONE_MACHINE = {f"{FOLDER}/targets/local/machine"} | {
    f"{FOLDER}/provision/{name}"
    for name in ("workdir", "endpoint", "metrics_targets", "outgoing", "reading/file_gate")
}
# What every worker takes.
_EVERYBODY_S = {"python3", "bash", "flow", "dependency", "deno", "bun", "go", "nativets", "other"}


def local_tag(environment: Mapping[str, str]) -> str:
    """Of the one worker that is the machine; '' where there is none. Raises BadLocalTag."""
    tag = environment.get(SETTING, "").strip()
    if tag and (tag in _EVERYBODY_S or not re.fullmatch(r"[\w-]{1,50}", tag, re.ASCII)):
        raise BadLocalTag(tag=tag)
    return tag


def on_its_machine(items: Iterable[Item], scripts: Scripts, tag: str) -> list[Item]:
    return [_tagged(item, tag) if _needs_it(item, scripts) else item for item in items]


def _needs_it(item: Item, scripts: Scripts) -> bool:
    return item.kind is Kind.script and bool(scripts.reached_from(item.path) & OF_ONE_MACHINE)


def _tagged(item: Item, tag: str) -> Item:
    return replace(item, body={**item.body, TAG: tag})
