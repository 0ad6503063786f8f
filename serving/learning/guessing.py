"""Whether a model knows more than a guess does: if not, it does not go live without a word.

Both tests are one-sided, at 5 %: of models that know nothing, one in twenty passes.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

from serving import errors
from serving.port_types import ModelCard

Guessing = Literal["fail", "accept"]
NORMAL_95 = 1.645  # the normal distribution's quantile


def classes_beat_guessing(labels: Sequence[str], predicted: Sequence[str]) -> bool:
    """By balanced accuracy, the mean of the classes' recalls: 1/k for each way to guess among k
    classes, however frequent they are. The recalls of a guess are binomial.
    """
    counts = Counter(labels)
    right = Counter(label for label, told in zip(labels, predicted, strict=True) if label == told)
    chance = 1 / len(counts)
    score = sum(right[label] / count for label, count in counts.items()) / len(counts)
    variance = sum(chance * (1 - chance) / count for count in counts.values()) / len(counts) ** 2
    return score > chance + NORMAL_95 * math.sqrt(variance)


def numbers_beat_guessing(values: Any, predicted: Any, guessed: Any) -> bool:
    """By how much nearer each prediction is than the guess of the same row (paired)."""
    import numpy as np

    nearer = np.abs(guessed - np.asarray(values)) - np.abs(predicted - np.asarray(values))
    return bool(nearer.mean() > NORMAL_95 * nearer.std(ddof=1) / math.sqrt(len(nearer)))


def judged(card: ModelCard, data: str, guessing: Guessing) -> ModelCard:
    """Raises UnfitData for a model that is no better than guessing, unless that is accepted."""
    if card.better_than_guessing is not False:
        return card
    figures = ", ".join(_figures(card))
    if guessing == "accept":
        return replace(card, notes=(f"no better than guessing: {figures}", *card.notes))
    reason = f"what is learnt is no better than guessing: {figures}"
    fix = "Give columns or examples that tell more, or set the model's `guessing` to accept."
    raise errors.UnfitData(data=data, reason=reason, fix=fix)


def _figures(card: ModelCard) -> list[str]:
    return [
        f"{name} {value:g} (guessing: {card.baseline[name]:g})"
        for name, value in card.metrics.items()
        if name in card.baseline
    ]
