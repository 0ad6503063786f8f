"""Learns from labelled texts what a text is about."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import Field

from serving import errors
from serving.component import Component, Config
from serving.learning.classes import class_name, classification
from serving.learning.classifier import best_classifier
from serving.learning.features import index_of
from serving.learning.guessing import Guessing, judged
from serving.learning.scores import check_classes
from serving.learning.trained import trained_once
from serving.port_types import ModelCard, RowModel, Table
from serving.problems import counted, skipped_note
from serving.reading_report import rows_left_out
from serving.tables.rows import as_text

MOST_CHARACTERS = 20_000


class TextClassifierConfig(Config):
    text_column: str = Field(default="text", min_length=1)
    label_column: str = Field(default="label", min_length=1)
    guessing: Guessing = "fail"


class TextClassifier(Component):
    kind = "text-classifier"
    environment = "serving-ml"
    Config = TextClassifierConfig

    async def run(self, table: Table) -> RowModel:
        self.context.report(f"learning from {len(table.rows)} texts")
        return await asyncio.to_thread(self._model, table)

    def _model(self, table: Table) -> RowModel:
        texts, labels, without = self._examples(table)
        told = f"left out: {counted(without, 'row')} without text or label"
        notes = [*[told] * bool(without), *skipped_note(table.skipped)]
        examples = (texts, labels, notes)
        model, card = trained_once(
            self.context.folder, examples, lambda: _train(table.name, texts, labels, notes)
        )
        card = replace(card, left_out=rows_left_out(table.name, told, without))
        card = judged(card, table.name, self.config.guessing)
        return TextModel(self.config.text_column, model, card)

    def _examples(self, table: Table) -> tuple[list[str], list[str], int]:
        text_at = index_of(table, self.config.text_column)
        label_at = index_of(table, self.config.label_column)
        pairs = [(row[text_at], row[label_at]) for row in table.rows]
        whole = [(str(text), class_name(kind)) for text, kind in pairs if None not in (text, kind)]
        return [text for text, _ in whole], [kind for _, kind in whole], len(pairs) - len(whole)


class TextModel(RowModel):
    def __init__(self, column: str, model: Any, card: ModelCard) -> None:
        self.columns = (column,)
        self.card = card
        self._model = model

    async def predict(self, inputs: Sequence[Any]) -> Sequence[Any]:
        texts = [self._text(index, value) for index, value in enumerate(inputs)]
        return await asyncio.to_thread(self._classify, texts)

    def _classify(self, texts: Sequence[str]) -> list[dict[str, Any]]:
        known_words = self._model[0].transform(texts).getnnz(axis=1)
        probabilities = self._model.predict_proba(texts)
        return [
            classification(self.card.classes, row)
            | ({} if words else {"warnings": ["no known word"]})
            for row, words in zip(probabilities, known_words, strict=True)
        ]

    def _text(self, index: int, value: Any) -> str:
        (column,) = self.columns
        if isinstance(value, Mapping):
            if set(value) != {column}:
                raise errors.BadInput(index, f'give a text, or an object with just "{column}"')
            value = value[column]
        if not isinstance(value, str) or not value.strip():
            raise errors.BadInput(index, "the text is missing")
        if len(value) > MOST_CHARACTERS:
            raise errors.BadInput(index, f"the text is longer than {MOST_CHARACTERS} characters")
        return as_text(value)


def _train(
    data: str, texts: list[str], labels: list[str], notes: list[str]
) -> tuple[Any, ModelCard]:
    check_classes(data, labels)
    models = {"words": _by_words(), "parts of words": _by_parts()}
    return best_classifier(models, texts, labels, "logistic regression over TF-IDF of {}", notes)


def _by_words() -> Any:
    return _over(analyzer="word", ngram_range=(1, 2))


def _by_parts() -> Any:
    """Knows "refunded" from "refund"; for languages that write words together."""
    return _over(analyzer="char_wb", ngram_range=(2, 5))


def _over(**how: Any) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    vectors = TfidfVectorizer(sublinear_tf=True, strip_accents="unicode", **how)
    return make_pipeline(vectors, LogisticRegression(C=20, class_weight="balanced", max_iter=1000))
