"""Every effective value of an entry and of all below it, and the levels that set or overrode it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from ..base.errors import NothingThere
from ..base.names import did_you_mean
from ..base.reference import Reference, parts, references, whole
from ..catalog.catalog import Catalog
from ..cost.expansion import insists, rents
from ..entry.entry import Entry, Step
from ..entry.javascript import plain
from ..entry.rollup import Rollups

SET, PASSED, DEFAULT, OVERRIDDEN = "set", "passed on", "default", "overridden"
GIVEN, ASKED, RUNNING = "given at run time", "asked at run time", "known while it runs"


@dataclass(frozen=True)
class Origin:
    """One place that had a say, in the file of entry `key`, at its place `level`."""

    how: str
    level: str
    key: str
    field: str
    file: str
    line: int
    column: int
    written: Any = None


Chain = tuple[Origin, ...]


@dataclass(frozen=True)
class Value:
    """`value` as it will be; a reference where only the run knows (`known` is false).

    The chain leads from where it is set to where that comes from, then to what it overrides.
    """

    level: str
    use: str
    name: str
    value: Any = None
    known: bool = True
    chain: Chain = ()

    @property
    def origin(self) -> str:
        hows = [origin.how for origin in self.chain if origin.how != OVERRIDDEN]
        return hows[-1] if hows else "not set"

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "origin": self.origin, "chain": [asdict(o) for o in self.chain]}


@dataclass(frozen=True)
class Place:
    """An entry where it is used, and what it is called with."""

    path: str
    key: str
    entry: Entry
    inputs: Mapping[str, Value]
    target: Value
    hours: Value
    step: Step | None = None
    index: int = 0
    above: "Place | None" = None


def explain(catalog: Catalog, key: str, path: str = "") -> list[Value]:
    """All values, or those at `chat`, `chat.target`, `chat/llm/documents`. Raises NothingThere."""
    explainer = _Explainer(catalog, Rollups(catalog.entries))
    place, name = explainer.find(explainer.root(key), path)
    if not name:
        return [value for each in explainer.all(place) for value in explainer.values(each)]
    values = list(explainer.values(place))
    named = [value for value in values if _is_named(value, name)]
    if not named:
        fix = did_you_mean(name, [*(v.name for v in values), *(s.id for s in _steps(place))])
        raise NothingThere(path=path, entry=key, fix=fix)
    return named


def _is_named(value: Value, name: str) -> bool:
    names = value.name, value.name.removeprefix("inputs.")
    return name in names or value.name.startswith(f"{name}.")


def _steps(place: Place) -> tuple[Step, ...]:
    return place.entry.steps or ()


@dataclass(frozen=True)
class _Explainer:
    catalog: Catalog
    rollups: Rollups

    def root(self, key: str) -> Place:
        entry = self.catalog.entries[key]
        inputs = {name: self._alone("", key, entry, name) for name in entry.inputs}
        target = self._target("", key, entry, [])
        return Place("", key, entry, inputs, target, self._hours("", key, entry, None))

    def find(self, place: Place, path: str) -> tuple[Place, str]:
        """As far as steps lead, and what is left of the path."""
        left = path.strip("/")
        while left:
            id, rest = _cut(left)
            index = next((i for i, step in enumerate(_steps(place)) if step.id == id), None)
            if index is None:
                break
            place, left = self.step(place, _steps(place)[index], index), rest
        return place, left

    def all(self, place: Place) -> Iterator[Place]:
        yield place
        for index, step in enumerate(_steps(place)):
            yield from self.all(self.step(place, step, index))

    def step(self, above: Place, step: Step, index: int) -> Place:
        key, entry = step.use, self.catalog.entries[step.use]
        path = f"{above.path}/{step.id}".strip("/")
        given = {name: self._given(above, step, index, name, path) for name in step.with_}
        inputs = {
            name: self._input(path, key, entry, name, given.get(name)) for name in entry.inputs
        }
        before = [given[name] for name in ("target",) if name in given]
        target = self._target(path, key, entry, [*before, above.target])
        hours = self._hours(path, key, entry, above.hours)
        return Place(path, key, entry, inputs, target, hours, step, index, above)

    def values(self, place: Place) -> Iterator[Value]:
        yield from (value for name, value in place.inputs.items() if name != "target")
        if self.rollups[place.key].deploys or rents(place.entry) or "target" in place.inputs:
            yield place.target
        if rents(place.entry):
            yield from self._fields(place, "compute", place.key, "compute", place.entry.compute)
            yield from [place.hours] if place.hours.chain else []
        yield from self._limits(place)
        yield from self._fields(place, "budget", place.key, "budget", place.entry.budget)
        if place.step and place.above:
            # Both hold: the entry's for each of it, the step's for all together.
            field = f"steps[{place.index}].budget"
            yield from self._fields(place, "step.budget", place.above.key, field, place.step.budget)

    def _at(self, how: str, level: str, key: str, field: str, written: Any = None) -> Origin:
        source = self.catalog.sources[key]
        line, column = source.locate(field)
        return Origin(how, level, key, field, source.file, line, column, written)

    def _alone(self, path: str, key: str, entry: Entry, name: str) -> Value:
        """An input that nothing above gives."""
        schema, at = entry.inputs[name], f"inputs.{name}"
        if "default" in schema:
            origin = self._at(DEFAULT, path, key, f"{at}.default", schema["default"])
            return Value(path, key, at, schema["default"], True, (origin,))
        if path:
            return Value(path, key, at)
        return Value(path, key, at, f"${{{at}}}", False, (self._at(GIVEN, path, key, at),))

    def _input(self, path: str, key: str, entry: Entry, name: str, given: Value | None) -> Value:
        default = self._alone(path, key, entry, name)
        return default if given is None else replace(given, chain=_over(given.chain, default.chain))

    def _given(self, above: Place, step: Step, index: int, name: str, path: str) -> Value:
        """What a step hands down, with the whole way its parts came."""
        written, field = step.with_[name], f"steps[{index}].with.{name}"
        around = {**above.inputs, "target": above.target}
        mentioned = [each for _, each in references(written) if isinstance(each, Reference)]
        used = [around[each.head] for each in mentioned if each.root == "inputs"]
        running = any(each.root in ("steps", "each") for each in mentioned)
        how = RUNNING if running else PASSED if used else SET
        came = [origin for value in used for origin in value.chain]
        chain = _once((self._at(how, above.path, above.key, field, written), *came))
        is_known = not running and all(value.known for value in used)
        value = _filled(written, around)
        return Value(path, step.use, f"inputs.{name}", value, is_known, chain)

    def _target(self, path: str, key: str, entry: Entry, given: Sequence[Value]) -> Value:
        """As the compiler settles it: its own, what it is called with, its default, or open."""
        fixed = insists(entry)
        candidates = [value for value in given if value.value is not None]
        default, at = entry.inputs.get("target", {}).get("default"), "inputs.target.default"
        for value, how, field in (
            (entry.target, SET if fixed else DEFAULT, "target"),
            (default, DEFAULT, at),
        ):
            if value is not None:
                origin = self._at(how, path, key, field, str(value))
                own = Value(path, key, "target", str(value), True, (origin,))
                candidates = (
                    [own, *candidates] if fixed and field == "target" else [*candidates, own]
                )
        if not candidates:
            field = "inputs.target" if "target" in entry.inputs else ""
            return Value(path, key, "target", None, False, (self._at(ASKED, path, key, field),))
        overridden = tuple(origin for value in candidates[1:] for origin in value.chain)
        chain = _over(candidates[0].chain, overridden)
        return replace(candidates[0], level=path, use=key, name="target", chain=chain)

    def _hours(self, path: str, key: str, entry: Entry, above: Value | None) -> Value:
        """The nearest level's that says."""
        chain = above.chain if above else ()
        if entry.hours is None:
            return Value(path, key, "hours", above.value if above else None, True, chain)
        own = self._at(SET, path, key, "hours", entry.hours)
        return Value(path, key, "hours", entry.hours, True, _over((own,), chain))

    def _limits(self, place: Place) -> Iterator[Value]:
        """The step's own, else the entry's; an entry that nobody uses has none."""
        step, above = place.step, place.above
        for name in ("retry", "timeout") if step and above else ():
            assert above is not None, "a step stands in an entry"
            field = f"steps[{place.index}].{name}"
            origins = [
                self._at(SET, level, key, at, _plain(model))
                for level, key, at, model in (
                    (above.path, above.key, field, getattr(step, name)),
                    (place.path, place.key, name, getattr(place.entry, name)),
                )
                if model is not None
            ]
            if origins:
                chain = _over((origins[0],), tuple(origins[1:]))
                yield Value(place.path, place.key, name, origins[0].written, True, chain)

    def _fields(self, place: Place, name: str, key: str, field: str, model: Any) -> Iterator[Value]:
        for inner, value in _flat(_plain(model) if model else {}):
            chain = (self._at(SET, place.path, key, f"{field}.{inner}", value),)
            yield Value(place.path, place.key, f"{name}.{inner}", value, True, chain)


def _cut(path: str) -> tuple[str, str]:
    at = min((i for i in (path.find("/"), path.find(".")) if i >= 0), default=len(path))
    return path[:at], path[at + 1 :]


def _over(chain: Chain, others: Chain) -> Chain:
    """What counts, then what it overrides."""
    overridden = (replace(origin, how=OVERRIDDEN) for origin in others if origin not in chain)
    return _once((*chain, *overridden))


def _once(chain: Chain) -> Chain:
    return tuple({(o.level, o.key, o.field): o for o in reversed(chain)}.values())[::-1]


def _filled(written: Any, around: Mapping[str, Value]) -> Any:
    """References to what is known replaced; the others as the run will see them."""
    if isinstance(written, str):
        reference = whole(written)
        if reference is not None:
            return _meant(reference, around)
        return "".join(
            part
            if isinstance(part, str)
            else plain(_meant(part, around))
            if isinstance(part, Reference)
            else part.text
            for part in parts(written)
        )
    if isinstance(written, Mapping):
        return {key: _filled(item, around) for key, item in written.items()}
    if isinstance(written, list | tuple):
        return [_filled(item, around) for item in written]
    return written


def _meant(reference: Reference, around: Mapping[str, Value]) -> Any:
    value = around.get(reference.head) if reference.root == "inputs" else None
    if value is None or (value.value is None and not value.known):
        return f"${{{reference.text}}}"
    part = value.value
    for name in reference.path[1:]:
        outer = whole(part)
        try:
            part = f"${{{outer.text}{_member(name)}}}" if outer else part[name]
        except (KeyError, IndexError, TypeError):
            return None
    return part


def _member(name: str | int) -> str:
    return f".{name}" if isinstance(name, str) else f"[{name}]"


def _plain(model: Any) -> Any:
    dump = getattr(model, "model_dump", None)
    return dump(mode="json", exclude_none=True, exclude_unset=True) if dump else model


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
