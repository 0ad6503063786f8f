"""Learns from images in a folder for each class what an image shows."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from serving import errors
from serving.base64_input import decoded
from serving.component import Component, Config
from serving.learning.classes import classification
from serving.learning.classifier import best_classifier
from serving.learning.guessing import Guessing, judged
from serving.learning.pictures import MOST_BYTES, seen
from serving.learning.scores import check_classes
from serving.learning.trained import trained_once
from serving.port_types import Images, ModelCard, Takes, TrainedModel
from serving.problems import skipped_note


class ImageClassifierConfig(Config):
    guessing: Guessing = "fail"


class ImageClassifier(Component):
    kind = "image-classifier"
    environment = "serving-ml"
    Config = ImageClassifierConfig

    async def run(self, images: Images) -> TrainedModel:
        return await asyncio.to_thread(self._model, images)

    def _model(self, images: Images) -> TrainedModel:
        vectors, labels = self._examples(images)
        examples = (vectors.tobytes(), labels, images.skipped)
        skipped = skipped_note(images.skipped)
        model, card = trained_once(
            self.context.folder, examples, lambda: _train(vectors, labels, skipped)
        )
        return ImageModel(model, judged(card, "the images", self.config.guessing))

    def _examples(self, images: Images) -> tuple[Any, list[str]]:
        import numpy as np

        vectors, labels = [], []
        for label, files in images.classes.items():
            self.context.report(f"looking at {len(files)} images of {label}")
            vectors += [self._seen(file) for file in files]
            labels += [label] * len(files)
        return np.array(vectors), labels

    def _seen(self, file: Path) -> Any:
        return seen(file.name, self.context.files.read(file, MOST_BYTES))


class ImageModel(TrainedModel):
    takes = Takes("image", example={"image": "BASE64"})

    def __init__(self, model: Any, card: ModelCard) -> None:
        self.card = card
        self._model = model

    async def predict(self, inputs: Sequence[Any]) -> Sequence[Any]:
        return await asyncio.to_thread(self._classify, inputs)

    def _classify(self, inputs: Sequence[Any]) -> list[dict[str, Any]]:
        vectors = [_vector(index, given) for index, given in enumerate(inputs)]
        probabilities = self._model.predict_proba(vectors)
        return [classification(self.card.classes, row) for row in probabilities]


def _vector(index: int, given: Any) -> Any:
    content = decoded(index, given, "image")
    try:
        return seen(f"Input {index + 1}", content)
    except ValueError as error:
        raise errors.BadInput(index, f"image: {error}") from None


def _train(vectors: Any, labels: list[str], notes: list[str]) -> tuple[Any, ModelCard]:
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    check_classes("the images", labels)
    models = {
        "logistic regression": make_pipeline(
            StandardScaler(), LogisticRegression(C=0.1, max_iter=1000)
        ),
        "nearest neighbours": KNeighborsClassifier(min(5, len(labels) // 3), weights="distance"),
    }
    return best_classifier(models, vectors, labels, "{} over oriented gradients and colours", notes)
