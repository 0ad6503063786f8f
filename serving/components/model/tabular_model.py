"""Learns one column of a table from the others: a class or a number."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from pydantic import Field

from serving import errors
from serving.component import Component, Config
from serving.learning.classes import class_name, classification
from serving.learning.estimators import classifiers, regressors
from serving.learning.features import Features, as_array, features_of, index_of
from serving.learning.guessing import Guessing, judged
from serving.learning.scores import (
    Judged,
    check_classes,
    judge_classifiers,
    judge_regressors,
    rounded,
)
from serving.learning.trained import trained_once
from serving.port_types import Cell, ModelCard, RowModel, Table
from serving.problems import counted, skipped_note
from serving.reading_report import rows_left_out

INTERVAL = 0.9
FEWEST_ROWS = 10
CLASSES_AS_NUMBERS = 10  # a target of so few whole numbers is a class


class TabularModelConfig(Config):
    target: str = Field(min_length=1)
    task: Literal["auto", "classification", "regression"] = "auto"
    ignore: tuple[str, ...] = ()
    guessing: Guessing = "fail"


class TabularModel(Component):
    kind = "tabular-model"
    environment = "serving-ml"
    Config = TabularModelConfig

    async def run(self, table: Table) -> RowModel:
        self.context.report(f"learning {self.config.target} from {len(table.rows)} rows")
        return await asyncio.to_thread(self._model, table)

    def _model(self, table: Table) -> RowModel:
        for name in self.config.ignore:
            index_of(table, name)
        index_of(table, self.config.target)
        learn = TableLearning(table, self.config)
        learnt = trained_once(self.context.folder, (table, self.config), learn.learnt)
        card = judged(learnt.card, table.name, self.config.guessing)
        return TabularPredictor(replace(learnt, card=card))


@dataclass(frozen=True)
class Learnt:
    model: Any
    features: Features
    card: ModelCard
    error: float = 0.0  # nine in ten predictions of a number were nearer than this


class TabularPredictor(RowModel):
    def __init__(self, learnt: Learnt) -> None:
        self._learnt = learnt
        self.card = learnt.card
        self.columns = learnt.features.names

    async def predict(self, inputs: Sequence[Any]) -> Sequence[Any]:
        rows = self._learnt.features.of_inputs(inputs)
        return await asyncio.to_thread(self._predict, rows)

    def _predict(self, rows: list[list[Cell]]) -> list[dict[str, Any]]:
        learnt = self._learnt
        array = as_array(rows, learnt.features)
        if self.card.task == "classification":
            probabilities = learnt.model.predict_proba(array)
            outputs = [classification(self.card.classes, row) for row in probabilities]
        else:
            outputs = [_number(value, learnt.error) for value in learnt.model.predict(array)]
        warnings = [learnt.features.warnings(row) for row in rows]
        return [output | {"warnings": why} for output, why in zip(outputs, warnings, strict=True)]


def _number(value: float, error: float) -> dict[str, Any]:
    value, low, high = (rounded(number, 6) for number in (value, value - error, value + error))
    return {"value": value, "interval": [low, high]}


class TableLearning:
    def __init__(self, table: Table, config: TabularModelConfig) -> None:
        target = index_of(table, config.target)
        self.rows = [row for row in table.rows if row[target] is not None]
        self.targets = [row[target] for row in self.rows]
        self.table = table
        self.config = config
        self.task = self._task() if config.task == "auto" else config.task

    def learnt(self) -> Learnt:
        if len(self.rows) < FEWEST_ROWS:
            reason = f"{counted(len(self.rows), 'row')} with a {self.config.target}: too few"
            raise errors.UnfitData(data=self.table.name, reason=reason)
        kept = Table(self.table.name, self.table.columns, tuple(self.rows), ())
        features = features_of(kept, (self.config.target, *self.config.ignore))
        array = as_array(features.of_table(kept), features)
        return (self._classes if self.task == "classification" else self._numbers)(features, array)

    def _task(self) -> str:
        numbers = [value for value in self.targets if isinstance(value, float)]
        whole = all(value.is_integer() for value in numbers)
        few = whole and len(set(numbers)) <= CLASSES_AS_NUMBERS
        return "regression" if numbers and not few else "classification"

    def _classes(self, features: Features, array: Any) -> Learnt:
        labels = [class_name(value) for value in self.targets]
        check_classes(self.table.name, labels)
        models = classifiers(features)
        (best, *_), baseline, measured_by = judge_classifiers(models, array, labels)
        model = models[best.name].fit(array, labels)
        card = self._card(features, best, baseline, measured_by)
        return Learnt(model, features, replace(card, classes=tuple(model.classes_)))

    def _numbers(self, features: Features, array: Any) -> Learnt:
        import numpy as np

        values = self._values()
        models = regressors(features)
        (best, *_), baseline, measured_by = judge_regressors(models, array, values)
        model = models[best.name].fit(array, values)
        error = float(np.quantile(np.abs(best.predicted - values), INTERVAL))
        card = self._card(features, best, baseline, measured_by)
        return Learnt(model, features, card, error)

    def _values(self) -> list[float]:
        texts = [value for value in self.targets if not isinstance(value, float)]
        if texts:
            reason = f'{self.config.target} holds "{texts[0]}", which is not a number'
            raise errors.UnfitData(data=self.table.name, reason=reason)
        return [float(value) for value in self.targets if value is not None]

    def _card(
        self, features: Features, best: Judged, baseline: Mapping[str, float], measured_by: str
    ) -> ModelCard:
        without = len(self.table.rows) - len(self.rows)
        notes = [*features.left_out]
        rows = f"left out: {counted(without, 'row')} without {self.config.target}"
        notes += [rows] * bool(without)
        left_out = features.columns_left_out(self.table.name) + rows_left_out(
            self.table.name, rows, without
        )
        notes += skipped_note(self.table.skipped)
        return ModelCard(
            task=self.task,
            algorithm=best.name,
            rows=len(self.rows),
            metrics=best.metrics,
            baseline=baseline,
            measured_by=measured_by,
            target=self.config.target,
            features=features.described(),
            notes=tuple(notes),
            better_than_guessing=best.beats_guessing,
            left_out=left_out,
        )
