"""An entry as it would be deployed with these inputs: what does not fit, at whatever level."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from ..base.errors import Problem
from ..base.short_form import is_required, with_defaults
from ..catalog.catalog import Catalog
from ..cost.expansion import OPEN, Inside, evaluate, how_often
from ..drawing.validation import check_pipeline
from ..entry.entry import Entry, Step
from ..entry.javascript import Literal
from ..schemas.values import check_values

MOST_ITEMS = 1000  # of a list that a step is run for
NEVER = Literal(0)

Values = Mapping[str, Any]


def check_given(catalog: Catalog, key: str, given: Values) -> list[Problem]:
    """`catalog` is sound. What only an earlier step tells is left to the run."""
    wrong = check_values(catalog.entries[key].inputs, given)
    if wrong:
        told = [(f"input {name} {message}", f"inputs.{name}", fix) for name, message, fix in wrong]
        return [Problem(*each, code="E-CAT-005") for each in told]
    return list(_Levels(catalog).inside(key, given))


@dataclass
class _Levels:
    catalog: Catalog
    _seen: set[tuple[str, str]] = field(default_factory=set)

    def inside(self, key: str, given: Values) -> Iterator[Problem]:
        """Each entry with the same values once."""
        entry = self.catalog.entries[key]
        same = key, json.dumps(given, sort_keys=True, default=repr)
        if same in self._seen:
            return
        self._seen.add(same)
        if entry.graph is not None and _has_all(entry, given):
            yield from self._drawing(entry, given)
        scope = Inside(entry, {name: Literal(value) for name, value in given.items()}, OPEN)
        for at, step in enumerate(entry.steps or ()):
            for one in _each(step, scope):
                yield from self._step(key, at, step, one)

    def _drawing(self, entry: Entry, given: Values) -> Iterator[Problem]:
        values = with_defaults(entry.inputs, given)
        source = self.catalog.sources[entry.key]
        components = self.catalog.components
        yield from check_pipeline(entry.pipeline, components, entry.inputs, values, source, "graph")

    def _step(self, key: str, at: int, step: Step, scope: Inside) -> Iterator[Problem]:
        if how_often(step, scope)[0] == NEVER:
            return
        declared = self.catalog.entries[step.use].inputs
        told = {name: evaluate(value, scope) for name, value in step.with_.items()}
        known = {n: v.value for n, v in told.items() if isinstance(v, Literal) and n in declared}
        known = {name: value for name, value in known.items() if value is not None}
        wrong = check_values({name: declared[name] for name in known}, known)
        source = self.catalog.sources[key]
        for name, message, fix in wrong:
            message = f"{step.use}: input {name} {message}"
            yield source.problem(message, f"steps[{at}].with.{name}", fix, "E-CAT-005")
        if not wrong:
            yield from self.inside(step.use, known)


def _has_all(entry: Entry, given: Values) -> bool:
    return all(name in given for name, each in entry.inputs.items() if is_required(each))


def _each(step: Step, scope: Inside) -> Iterator[Inside]:
    items = evaluate(step.for_each, scope)
    if step.for_each is None or not isinstance(items, Literal):
        yield scope
        return
    for index, value in enumerate(islice(items.value or (), MOST_ITEMS)):
        yield replace(scope, each={"value": value, "index": index})
