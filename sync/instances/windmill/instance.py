"""A Windmill as what a plan is made from and written to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...actions import Action
from ...items import Home, Item
from ...record import Record, Remote
from .client import Windmill
from .reading import LISTED, listed_versions, read_record, read_remote
from .writing import write, write_record


@dataclass(frozen=True)
class WindmillInstance:
    windmill: Windmill
    home: Home = Home.windmill

    def read(self, items: Sequence[Item]) -> Remote:
        return read_remote(self.windmill, items)

    def record(self) -> Record:
        return read_record(self.windmill)

    def write(self, action: Action) -> str:
        return write(action, self.windmill)

    def write_record(self, record: Record) -> None:
        write_record(self.windmill, record)

    def versions(self, written: Mapping[str, str]) -> Mapping[str, str]:
        if not any(key.startswith(tuple(f"{kind}/" for kind in LISTED)) for key in written):
            return {}
        listed = listed_versions(self.windmill)
        return {key: version for key, version in listed.items() if key in written}
