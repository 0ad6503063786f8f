"""The best of several classifiers, and what is told of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from serving.learning.scores import judge_classifiers
from serving.port_types import ModelCard


def best_classifier(
    models: Mapping[str, Any],
    inputs: Any,
    labels: Sequence[str],
    algorithm: str,
    notes: Sequence[str],
) -> tuple[Any, ModelCard]:
    """Trained on all inputs. `algorithm` says how it is told, with the model's name for `{}`."""
    (best, *_), baseline, measured_by = judge_classifiers(models, inputs, labels)
    model = models[best.name].fit(inputs, labels)
    card = ModelCard(
        task="classification",
        algorithm=algorithm.format(best.name),
        rows=len(labels),
        metrics=best.metrics,
        baseline=baseline,
        measured_by=measured_by,
        classes=tuple(model.classes_),
        notes=tuple(notes),
        better_than_guessing=best.beats_guessing,
    )
    return model, card
