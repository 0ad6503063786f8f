"""Continues a series: regression on its own past, or the season before, whichever errs less."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from serving import errors
from serving.component import Component, Config
from serving.learning.calendar import Step, step_of
from serving.learning.features import index_of
from serving.learning.lags import Backtest, backtest, continued
from serving.learning.scores import rounded
from serving.learning.trained import trained_once
from serving.port_types import ModelCard, Table, TrainedModel

FEWEST = 20
DIGITS = 6


class ForecasterConfig(Config):
    time_column: str = Field(min_length=1)
    value_column: str = Field(min_length=1)
    season: int | None = Field(default=None, ge=1, le=400)
    horizon: int = Field(default=14, ge=1, le=200)
    confidence: float = Field(default=0.9, ge=0.5, le=0.99)


class Forecaster(Component):
    kind = "forecaster"
    environment = "serving-ml"
    Config = ForecasterConfig

    async def run(self, table: Table) -> TrainedModel:
        self.context.report(f"learning from {len(table.rows)} values")
        return await asyncio.to_thread(self._model, table)

    def _model(self, table: Table) -> TrainedModel:
        series = _series(table, self.config)
        source = (series, self.config)
        learnt = trained_once(self.context.folder, source, lambda: self._learn(table.name, series))
        return Forecast(series, learnt, self.config)

    def _learn(self, data: str, series: "Series") -> Backtest:
        config = self.config
        if len(series.values) < max(FEWEST, 3 * series.season + config.horizon):
            needed = f"{FEWEST} values and three seasons of {series.season} beside the horizon"
            reason = f"{len(series.values)} values are too few: it takes {needed}"
            raise errors.UnfitData(data=data, reason=reason)
        return backtest(series.values, series.season, config.horizon, config.confidence)


@dataclass(frozen=True)
class Series:
    start: datetime
    step: Step
    values: tuple[float, ...]
    season: int


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")

    horizon: int | None = Field(default=None, ge=1)


class Forecast(TrainedModel):
    def __init__(self, series: Series, learnt: Backtest, config: ForecasterConfig) -> None:
        self._series = series
        self._learnt = learnt
        self._config = config
        self.card = _card(series, learnt, config)

    async def predict(self, inputs: Sequence[Any]) -> Sequence[Any]:
        horizons = [self._horizon(index, given) for index, given in enumerate(inputs)]
        return await asyncio.to_thread(lambda: [self._answer(horizon) for horizon in horizons])

    def _horizon(self, index: int, given: Any) -> int:
        try:
            horizon = Asked.model_validate(given or {}).horizon or self._config.horizon
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "the input"
            raise errors.BadInput(index, f"{where}: {first['msg']}") from None
        if horizon > self._config.horizon:
            reason = f"beyond {self._config.horizon} steps nothing was measured"
            raise errors.BadInput(index, f"horizon: {reason}; deploy with a longer horizon")
        return horizon

    def _answer(self, horizon: int) -> dict[str, Any]:
        series, learnt = self._series, self._learnt
        values = continued(series.values, series.season, horizon, learnt.method)
        start = len(series.values)
        points = [
            {
                "time": series.step.after(series.start, start + at).isoformat(),
                "value": rounded(value, DIGITS),
                "low": rounded(value - width, DIGITS),
                "high": rounded(value + width, DIGITS),
            }
            for at, (value, width) in enumerate(zip(values, learnt.widths, strict=False))
        ]
        backtest = {"mean_absolute_error": rounded(learnt.error), **self.card.metrics}
        return {"forecast": points, "confidence": self._config.confidence, "backtest": backtest}


def _series(table: Table, config: ForecasterConfig) -> Series:
    time_at, value_at = index_of(table, config.time_column), index_of(table, config.value_column)
    times = [
        _time(table, number, row[time_at])
        for number, row in zip(table.numbers, table.rows, strict=True)
    ]
    values = [
        _value(table, number, config.value_column, row[value_at])
        for number, row in zip(table.numbers, table.rows, strict=True)
    ]
    if len(times) < 2:
        raise errors.UnfitData(data=table.name, reason="two rows or more are needed")
    try:
        step = step_of(times)
    except ValueError as error:
        raise errors.UnfitData(data=table.name, reason=str(error)) from None
    _check_steps(table, times, step)
    return Series(times[0], step, tuple(values), config.season or step.season)


def _check_steps(table: Table, times: Sequence[datetime], step: Step) -> None:
    for at, (number, time) in enumerate(zip(table.numbers, times, strict=True)):
        due = step.after(times[0], at)
        if time != due:
            reason = f"row {number}: {due.isoformat()} is due, not {time.isoformat()}"
            raise errors.UnfitData(data=table.name, reason=f"{reason}; the steps must be equal")


def _time(table: Table, number: int, value: Any) -> datetime:
    try:
        return datetime.fromisoformat(str(value)).replace(tzinfo=None)
    except ValueError:
        reason = f'row {number}: "{value}" is no date such as 2026-03-31 or 2026-03-31T14:00'
        raise errors.UnfitData(data=table.name, reason=reason) from None


def _value(table: Table, number: int, column: str, value: Any) -> float:
    if isinstance(value, float):
        return value
    reason = f"row {number}: {column} is missing or not a number"
    raise errors.UnfitData(data=table.name, reason=reason)


def _card(series: Series, learnt: Backtest, config: ForecasterConfig) -> ModelCard:
    return ModelCard(
        task="forecast",
        algorithm=learnt.method,
        rows=len(series.values),
        metrics={
            "mean_absolute_error": rounded(learnt.error),
            "mean_absolute_percentage_error": rounded(learnt.percentage),
            "interval_coverage": rounded(learnt.coverage),
        },
        baseline={"mean_absolute_error": rounded(learnt.baseline)},
        measured_by=f"forecasts of {config.horizon} steps from {learnt.origins} earlier moments",
        target=config.value_column,
        notes=(f"season of {series.season} steps",),
    )
