"""What a model looks at: learnt from the training table, and held against every later row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from serving import errors
from serving.port_types import Cell, Column, Table
from serving.problems import few
from serving.reading_report import LeftOut
from serving.tables.columns import cell
from serving.tables.reader import ROW_NAMES
from serving.tables.rows import as_text

NumberRange = tuple[float, float]


@dataclass(frozen=True)
class Feature:
    column: Column
    seen: NumberRange | frozenset[str]
    missing: int

    def described(self) -> dict[str, Any]:
        values = sorted(self.seen) if isinstance(self.seen, frozenset) else list(self.seen)
        name = "categories" if isinstance(self.seen, frozenset) else "range"
        return {
            "name": self.column.name, "kind": self.column.kind,
            name: values, "missing": self.missing,
        }  # fmt: skip

    def unfamiliar(self, value: Cell) -> str | None:
        """Why the model can say little about a row with this value."""
        if value is None:
            return None
        name = self.column.name
        if isinstance(self.seen, frozenset):
            unseen = value not in self.seen
            return f'{name}: "{value}" was never seen in training' if unseen else None
        low, high = self.seen
        outside = not low <= float(value) <= high
        return f"{name}: {value:g} lies outside {low:g} … {high:g}" if outside else None


@dataclass(frozen=True)
class Features:
    items: tuple[Feature, ...]
    left_out: tuple[str, ...]  # columns that say nothing, and why

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(feature.column.name for feature in self.items)

    def columns_left_out(self, data: str) -> tuple[LeftOut, ...]:
        return tuple(LeftOut(kind="column", where=data, reason=why) for why in self.left_out)

    def described(self) -> tuple[dict[str, Any], ...]:
        return tuple(feature.described() for feature in self.items)

    def of_table(self, table: Table) -> list[list[Cell]]:
        at = [[column.name for column in table.columns].index(name) for name in self.names]
        return [[row[index] for index in at] for row in table.rows]

    def of_inputs(self, inputs: Sequence[Any]) -> list[list[Cell]]:
        """Raises BadInput naming the columns that are missing, unknown or hold something else."""
        return [self._of_input(index, values) for index, values in enumerate(inputs)]

    def warnings(self, row: Sequence[Cell]) -> list[str]:
        pairs = zip(self.items, row, strict=True)
        return [why for feature, value in pairs if (why := feature.unfamiliar(value))]

    def _of_input(self, index: int, values: Any) -> list[Cell]:
        if not isinstance(values, Mapping):
            raise errors.BadInput(index, "is not an object of columns and values")
        if problem := self._misfit(set(values)):
            raise errors.BadInput(index, problem)
        try:
            return [_cell(feature.column, values[feature.column.name]) for feature in self.items]
        except ValueError as error:
            raise errors.BadInput(index, str(error)) from None

    def _misfit(self, given: set[str]) -> str:
        missing = [name for name in self.names if name not in given]
        unknown = sorted(given - {*self.names, ROW_NAMES})
        parts = [f"the columns {few(missing)} are missing (null is allowed)"] * bool(missing)
        parts += [f"the columns {few(unknown)} are unknown"] * bool(unknown)
        parts += [f"expected: {few(self.names)}"] * bool(parts)
        return "; ".join(parts)


def features_of(table: Table, without: Sequence[str] = ()) -> Features:
    """Raises UnfitData when no column says anything."""
    items, left_out = [], []
    for index, column in enumerate(table.columns):
        if column.name in without:
            continue
        values = [row[index] for row in table.rows]
        given = [value for value in values if value is not None]
        if why := _useless(column, given):
            left_out.append(f"{column.name} is left out: {why}")
        else:
            items.append(Feature(column, _seen(column, given), len(values) - len(given)))
    if not items:
        reason = f"no column can be used ({'; '.join(left_out) or 'there is none'})"
        raise errors.UnfitData(data=table.name, reason=reason)
    return Features(tuple(items), tuple(left_out))


def index_of(table: Table, name: str) -> int:
    names = [column.name for column in table.columns]
    if name not in names:
        raise errors.NoSuchColumn(table=table.name, column=name, columns=few(names))
    return names.index(name)


def as_array(rows: Sequence[Sequence[Cell]], features: Features) -> Any:
    """Objects, for scikit-learn: missing numbers are NaN, missing categories a category."""
    import numpy as np

    array = np.empty((len(rows), len(features.items)), dtype=object)
    for at, feature in enumerate(features.items):
        empty: Cell = float("nan") if feature.column.kind == "number" else ""
        array[:, at] = [empty if row[at] is None else row[at] for row in rows]
    return array


def _useless(column: Column, given: Sequence[Cell]) -> str | None:
    if column.kind == "text":
        return f"{len(set(given))} different texts are no categories"
    if column.name == ROW_NAMES and _counts(given):
        return "it only counts the rows"
    if len(set(given)) < 2:
        return "it holds one value only" if given else "it is empty"
    return None


def _counts(given: Sequence[Cell]) -> bool:
    return given in (list(range(len(given))), list(range(1, len(given) + 1)))


def _seen(column: Column, given: Sequence[Any]) -> NumberRange | frozenset[str]:
    return (min(given), max(given)) if column.kind == "number" else frozenset(given)


def _cell(column: Column, value: Any) -> Cell:
    if column.kind == "number" and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)  # JSON has one way to write numbers, whatever the file's was
    try:
        return cell(column, as_text(value))
    except ValueError as error:
        text = str(error)
        raise ValueError(text if column.name in text else f"{column.name} {text}") from None
