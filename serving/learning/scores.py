"""Models judged on data they had not seen, beside the simplest guess."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from serving import errors
from serving.learning.guessing import classes_beat_guessing, numbers_beat_guessing

FOLDS = 5


@dataclass(frozen=True)
class Judged:
    name: str
    metrics: Mapping[str, float]
    predicted: Any  # for every row, by a model that was trained without it
    beats_guessing: bool = False


def check_classes(data: str, labels: Sequence[str]) -> None:
    counts = Counter(labels)
    few = sorted(label for label, count in counts.items() if count < 2)
    if len(counts) < 2:
        fix = "Give examples of another class, too."
        raise errors.UnfitData(data=data, reason="two classes or more are needed", fix=fix)
    if few:
        reason = f"each class needs two examples or more, these have one: {', '.join(few)}"
        raise errors.UnfitData(data=data, reason=reason)


def judge_classifiers(
    models: Mapping[str, Any], inputs: Any, labels: Sequence[str]
) -> tuple[list[Judged], Mapping[str, float], str]:
    """Best first; then the baseline's metrics and how it was measured."""
    from sklearn.dummy import DummyClassifier
    from sklearn.model_selection import StratifiedKFold

    count = min(FOLDS, *Counter(labels).values())
    folds = StratifiedKFold(count, shuffle=True, random_state=0)
    judged = [_classified(name, model, inputs, labels, folds) for name, model in models.items()]
    judged.sort(key=lambda one: -one.metrics["f1_macro"])
    baseline = _classified("", DummyClassifier(), inputs, labels, folds)
    return judged, baseline.metrics, f"{count}-fold cross-validation"


def judge_regressors(
    models: Mapping[str, Any], inputs: Any, values: Sequence[float]
) -> tuple[list[Judged], Mapping[str, float], str]:
    from sklearn.dummy import DummyRegressor
    from sklearn.model_selection import KFold

    folds = KFold(min(FOLDS, len(values)), shuffle=True, random_state=0)
    judged = [_regressed(name, model, inputs, values, folds) for name, model in models.items()]
    judged.sort(key=lambda one: one.metrics["mean_absolute_error"])
    baseline = _regressed("", DummyRegressor(strategy="median"), inputs, values, folds)
    best, guessed = judged[0], baseline.predicted
    better = numbers_beat_guessing(values, best.predicted, guessed)
    judged[0] = replace(best, beats_guessing=better)
    return judged, baseline.metrics, f"{folds.n_splits}-fold cross-validation"


def _classified(name: str, model: Any, inputs: Any, labels: Sequence[str], folds: Any) -> Judged:
    from sklearn.metrics import accuracy_score, f1_score
    from sklearn.model_selection import cross_val_predict

    predicted = cross_val_predict(model, inputs, labels, cv=folds)
    metrics = {
        "accuracy": never_better(accuracy_score(labels, predicted)),
        "f1_macro": never_better(f1_score(labels, predicted, average="macro", zero_division=0)),
    }
    return Judged(name, metrics, predicted, classes_beat_guessing(labels, predicted))


def _regressed(name: str, model: Any, inputs: Any, values: Sequence[float], folds: Any) -> Judged:
    from sklearn.metrics import mean_absolute_error, r2_score
    from sklearn.model_selection import cross_val_predict

    predicted = cross_val_predict(model, inputs, values, cv=folds)
    metrics = {
        "mean_absolute_error": rounded(mean_absolute_error(values, predicted)),
        "r2": rounded(r2_score(values, predicted)),
    }
    return Judged(name, metrics, predicted)


def rounded(value: Any, digits: int = 4) -> float:
    return float(f"{float(value):.{digits}g}")


def never_better(share: Any) -> float:
    """Cut and not rounded: 0.99996 is no 1."""
    return math.floor(float(share) * 10_000 + 1e-9) / 10_000
