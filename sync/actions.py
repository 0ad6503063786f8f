"""What a push does to one item."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from .items import Item


class Verb(StrEnum):
    create = "create"
    update = "update"
    delete = "delete"
    unchanged = "unchanged"


_SIGNS = {Verb.create: "+", Verb.update: "~", Verb.delete: "-", Verb.unchanged: " "}


@dataclass(frozen=True)
class Action:
    """`version` is what the item had when the plan was made; `changed` names its fields.

    `held`: what is there, where it may be shown.
    """

    verb: Verb
    item: Item
    changed: tuple[str, ...] = ()
    version: str = ""
    drifted: bool = False
    used_by: int = 0
    held: Callable[[], Mapping[str, Any]] | None = field(default=None, compare=False)

    def as_dict(self) -> dict[str, Any]:
        shown = {"action": self.verb.value, "kind": self.item.kind.value, "path": self.item.path}
        if self.verb is not Verb.update:
            return shown
        changed = list(self.changed)
        return {**shown, "changed": changed, "drifted": self.drifted, "used_by": self.used_by}

    def __str__(self) -> str:
        fields = f" ({', '.join(self.changed)})" if self.changed else ""
        users = f"  used by {self.used_by}" if self.used_by else ""
        drift = f"  ! edited in {self.item.kind.home} itself" if self.drifted else ""
        return f"{_SIGNS[self.verb]} {self.item.kind} {self.item.path}{fields}{users}{drift}"
