"""Continues a series: regression on its own past, or the season before, whichever errs less."""

import asyncio
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from serving import errors
from serving.component import Component, Config
from serving.learning.gaps import Duplicates, Gaps
from serving.learning.lags import Backtest, backtest, continued
from serving.learning.scores import rounded
from serving.learning.series import Evening, Series, series_of
from serving.learning.trained import trained_once
from serving.port_types import ModelCard, Table, Takes, TrainedModel

FEWEST = 20
DIGITS = 6


class ForecasterConfig(Config):
    time_column: str = Field(min_length=1)
    value_column: str = Field(min_length=1)
    season: int | None = Field(default=None, ge=1, le=400)
    horizon: int = Field(default=14, ge=1, le=200)
    gaps: Gaps = "refuse"
    duplicates: Duplicates = "refuse"
    confidence: float = Field(default=0.9, ge=0.5, le=0.99)


class Forecaster(Component):
    kind = "forecaster"
    environment = "serving-ml"
    Config = ForecasterConfig

    async def run(self, table: Table) -> TrainedModel:
        self.context.report(f"learning from {len(table.rows)} values")
        return await asyncio.to_thread(self._model, table)

    def _model(self, table: Table) -> TrainedModel:
        config = self.config
        evening = Evening(config.gaps, config.duplicates)
        series = series_of(table, config.time_column, config.value_column, evening)
        season = self.config.season or series.step.season
        source = (series, self.config)
        learnt = trained_once(
            self.context.folder, source, lambda: self._learn(table.name, series, season)
        )
        return Forecast(series, season, learnt, self.config)

    def _learn(self, data: str, series: Series, season: int) -> Backtest:
        config = self.config
        if len(series.values) < max(FEWEST, 3 * season + config.horizon):
            needed = f"{FEWEST} values and three seasons of {season} beside the horizon"
            reason = f"{len(series.values)} values are too few: it takes {needed}"
            raise errors.UnfitData(data=data, reason=reason)
        return backtest(series.values, season, config.horizon, config.confidence)


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")

    horizon: int | None = Field(default=None, ge=1)


class Forecast(TrainedModel):
    def __init__(
        self, series: Series, season: int, learnt: Backtest, config: ForecasterConfig
    ) -> None:
        self._series = series
        self._season = season
        self._learnt = learnt
        self._config = config
        self.card = _card(series, season, learnt, config)
        self.takes = Takes("horizon", example={"horizon": config.horizon})

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
        values = continued(series.values, self._season, horizon, learnt.method)
        start = len(series.values)
        points = [
            {
                "time": series.time(start + at),
                "value": rounded(value, DIGITS),
                "low": rounded(value - width, DIGITS),
                "high": rounded(value + width, DIGITS),
            }
            for at, (value, width) in enumerate(zip(values, learnt.widths, strict=False))
        ]
        backtest = {"mean_absolute_error": rounded(learnt.error), **self.card.metrics}
        return {"forecast": points, "confidence": self._config.confidence, "backtest": backtest}


def _card(series: Series, season: int, learnt: Backtest, config: ForecasterConfig) -> ModelCard:
    return ModelCard(
        task="forecast",
        algorithm=learnt.method,
        rows=series.rows,
        metrics={
            "mean_absolute_error": rounded(learnt.error),
            "mean_absolute_percentage_error": rounded(learnt.percentage),
            "interval_coverage": rounded(learnt.coverage),
        },
        baseline={"mean_absolute_error": rounded(learnt.baseline)},
        measured_by=f"forecasts of {config.horizon} steps from {learnt.origins} earlier moments",
        target=config.value_column,
        notes=(f"season of {season} steps", *series.notes),
        left_out=series.left_out,
    )
