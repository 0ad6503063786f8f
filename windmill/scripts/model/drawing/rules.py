"""What a component demands of several settings together, which a schema of each cannot say."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

Settings = Mapping[str, Any]


class _Rule(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LessThan(_Rule):
    """`{less: overlap, than: chunk_size, times: 0.5}`"""

    less: str
    than: str
    times: float = Field(default=1, gt=0)

    @property
    def about(self) -> str:
        return self.less

    def wrong(self, settings: Settings) -> tuple[str, str]:
        """The message and what mends it; two empty texts where nothing is wrong."""
        low, high = settings.get(self.less), settings.get(self.than)
        if not isinstance(low, int | float) or not isinstance(high, int | float):
            return "", ""  # told by its own schema
        if low < high * self.times:
            return "", ""
        part = f"{self.times:g} × " if self.times != 1 else ""
        message = f"{low} is not less than {part}{self.than} ({high})"
        return message, f"Lower {self.less} or raise {self.than}."


class Apart(_Rule):
    """`{apart: time_column, from: value_column}`; the other may be a list that must not hold it."""

    apart: str
    other: str = Field(alias="from")

    @property
    def about(self) -> str:
        return self.apart

    def wrong(self, settings: Settings) -> tuple[str, str]:
        one, other = settings.get(self.apart), settings.get(self.other)
        if not one or (one not in other if isinstance(other, list) else one != other):
            return "", ""
        verb = "is among" if isinstance(other, list) else "is also"
        return f"{one!r} {verb} {self.other}", f"Name another one, or take it from {self.other}."


class EndsWith(_Rule):
    """`{ends: path, in: [.csv, .tsv]}`, whatever the case of its letters."""

    ends: str
    endings: tuple[str, ...] = Field(alias="in", min_length=1)

    @property
    def about(self) -> str:
        return self.ends

    def wrong(self, settings: Settings) -> tuple[str, str]:
        given = settings.get(self.ends)
        if not given or not isinstance(given, str) or given.lower().endswith(self.endings):
            return "", ""
        known = ", ".join(self.endings)
        return f"{given!r} is none of {known}", f"Name a file that ends in one of {known}."


Rule = LessThan | Apart | EndsWith


def broken_rules(rules: Sequence[Rule], settings: Settings) -> list[tuple[str, str, str]]:
    """(setting, message, fix) of each; what is not known yet breaks none."""
    told = [(rule.about, *rule.wrong(settings)) for rule in rules]
    return [each for each in told if each[1]]
