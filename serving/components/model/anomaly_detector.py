"""Isolation Forest: learns what is usual, and how unusual a row must be to be told."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from serving import errors
from serving.component import Component, Config
from serving.learning.estimators import isolation_forest
from serving.learning.features import Features, as_array, features_of, index_of
from serving.learning.scores import FOLDS, never_better, rounded
from serving.learning.trained import trained_once
from serving.port_types import Cell, ModelCard, RowModel, Table
from serving.problems import skipped_note

FEWEST_ROWS = 30
YES = {"yes", "true", "1", "anomaly"}


class AnomalyDetectorConfig(Config):
    share: float = Field(default=0.02, gt=0, lt=0.5)
    ignore: tuple[str, ...] = ()
    known_column: str = ""


class AnomalyDetector(Component):
    kind = "anomaly-detector"
    environment = "serving-ml"
    Config = AnomalyDetectorConfig

    async def run(self, table: Table) -> RowModel:
        self.context.report(f"learning what is usual from {len(table.rows)} rows")
        return await asyncio.to_thread(self._model, table)

    def _model(self, table: Table) -> RowModel:
        config = self.config
        labelled_by = [config.known_column] if config.known_column else []
        for name in (*config.ignore, *labelled_by):
            index_of(table, name)
        source = (table, config)
        learnt = trained_once(self.context.folder, source, lambda: _learn(table, config))
        return AnomalyModel(learnt)


@dataclass(frozen=True)
class Learnt:
    forest: Any
    features: Features
    threshold: float
    card: ModelCard


class AnomalyModel(RowModel):
    def __init__(self, learnt: Learnt) -> None:
        self._learnt = learnt
        self.card = learnt.card
        self.columns = learnt.features.names

    async def predict(self, inputs: Sequence[Any]) -> Sequence[Any]:
        return await asyncio.to_thread(self._judge, self._learnt.features.of_inputs(inputs))

    def _judge(self, rows: list[list[Cell]]) -> list[dict[str, Any]]:
        learnt = self._learnt
        scores = _scores(learnt.forest, as_array(rows, learnt.features))
        return [
            self._answer(score, learnt.features.warnings(row))
            for score, row in zip(scores, rows, strict=True)
        ]

    def _answer(self, score: float, warnings: list[str]) -> dict[str, Any]:
        anomaly = bool(score > self._learnt.threshold)
        return {
            "anomaly": anomaly,
            "label": "anomaly" if anomaly else "normal",
            "score": rounded(score),
            "threshold": rounded(self._learnt.threshold),
            "warnings": warnings,
        }


def _learn(table: Table, config: AnomalyDetectorConfig) -> Learnt:
    if len(table.rows) < FEWEST_ROWS:
        reason = f"{len(table.rows)} rows are too few to tell what is usual"
        raise errors.UnfitData(data=table.name, reason=reason)
    features = features_of(table, (*config.ignore, config.known_column))
    array = as_array(features.of_table(table), features)
    unseen, flagged = _held_out(array, features, config.share)
    metrics = {"flagged_share": rounded(flagged.mean())}
    if config.known_column:
        metrics |= _against(_are_anomalies(table, config.known_column), unseen, flagged)
    forest = isolation_forest(features).fit(array)
    card = _card(table, features, metrics, config)
    return Learnt(forest, features, _threshold(_scores(forest, array), config.share), card)


def _scores(forest: Any, array: Any) -> Any:
    """From 0 to 1, as the method's authors count: the higher, the more unusual."""
    return -forest.score_samples(array)


def _threshold(scores: Any, share: float) -> float:
    import numpy as np

    return float(np.quantile(scores, 1 - share))


def _held_out(array: Any, features: Features, share: float) -> tuple[Any, Any]:
    """For each row, by a forest that had not seen it: its score, and whether it is told."""
    import numpy as np
    from sklearn.model_selection import KFold

    scores, flagged = np.zeros(len(array)), np.zeros(len(array), dtype=bool)
    for train, test in KFold(FOLDS, shuffle=True, random_state=0).split(array):
        forest = isolation_forest(features).fit(array[train])
        scores[test] = _scores(forest, array[test])
        flagged[test] = scores[test] > _threshold(_scores(forest, array[train]), share)
    return scores, flagged


def _are_anomalies(table: Table, column: str) -> list[bool]:
    at = index_of(table, column)
    return [str(row[at]).lower().removesuffix(".0") in YES for row in table.rows]


def _against(anomalies: list[bool], scores: Any, flagged: Any) -> Mapping[str, float]:
    from sklearn.metrics import precision_score, recall_score, roc_auc_score

    if len(set(anomalies)) < 2:
        return {}
    return {
        "precision": never_better(precision_score(anomalies, flagged, zero_division=0)),
        "recall": never_better(recall_score(anomalies, flagged)),
        "roc_auc": never_better(roc_auc_score(anomalies, scores)),
    }


def _card(
    table: Table, features: Features, metrics: Mapping[str, float], config: AnomalyDetectorConfig
) -> ModelCard:
    notes = [*features.left_out]
    notes.append(f"that {config.share:.1%} of the rows are unusual is set and not measured")
    if not config.known_column:
        notes.append("without known anomalies nobody can say how many are found")
    elif "roc_auc" not in metrics:
        reason = f"{config.known_column} tells of no row, or of all, that it is an anomaly"
        notes.append(f"{reason}: nothing could be measured")
    notes += skipped_note(table.skipped)
    return ModelCard(
        task="anomaly detection",
        algorithm="isolation forest",
        rows=len(table.rows),
        metrics=metrics,
        baseline={"flagged_share": config.share},
        measured_by=f"{FOLDS}-fold cross-validation",
        classes=("normal", "anomaly"),
        features=features.described(),
        notes=tuple(notes),
        left_out=features.columns_left_out(table.name),
    )
