"""A model that is no better than guessing does not go live without a word."""

import json
import random
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from serving.learning.guessing import classes_beat_guessing, numbers_beat_guessing
from tests.serving.learning.chains import served, told

pytestmark = pytest.mark.slow


def test_knowing_all_classes_is_better_than_guessing_however_few_there_are() -> None:
    labels = ["a", "b"] * 5
    assert classes_beat_guessing(labels, labels)


def test_the_most_frequent_class_is_a_guess_however_often_it_is_right() -> None:
    labels = ["usual"] * 990 + ["rare"] * 10
    assert not classes_beat_guessing(labels, ["usual"] * 1000)


def test_finding_rare_ones_at_the_price_of_accuracy_is_no_guess() -> None:
    labels = ["usual"] * 900 + ["rare"] * 100
    found = ["usual"] * 700 + ["rare"] * 300
    assert classes_beat_guessing(labels, found)


def test_of_guesses_about_one_in_twenty_passes() -> None:
    chance = random.Random(7)
    labels = [chance.choice("abc") for _ in range(300)]
    passed = sum(classes_beat_guessing(labels, chance.choices("abc", k=300)) for _ in range(400))
    assert 5 <= passed <= 40
    noise = np.random.default_rng(7)
    values, guessed = noise.normal(size=300), np.zeros(300)
    tries = (guessed + noise.normal(scale=0.01, size=300) for _ in range(400))
    assert 5 <= sum(numbers_beat_guessing(values, each, guessed) for each in tries) <= 40
    assert numbers_beat_guessing(values, values, guessed)


def noise(folder: Path, task: str) -> Path:
    """Columns that have nothing to do with the target."""
    chance = random.Random(3)
    target = {"classes": lambda: chance.choice("ab"), "numbers": chance.random}[task]
    rows = [{"size": chance.random(), "age": chance.random(), "y": target()} for _ in range(120)]
    (folder / "noise.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return folder / "noise.jsonl"


@pytest.mark.parametrize(
    ("task", "figure"), [("classes", "accuracy"), ("numbers", "mean_absolute_error")]
)
def test_noise_is_refused_with_its_figures_and_a_way_to_insist(
    task: str, figure: str, tmp_path: Path
) -> None:
    source = ("table", {"path": str(noise(tmp_path, task))})
    with served(tmp_path / "1", source, ("tabular-model", {"target": "y"})) as client:
        reason = told(client)
        assert client.get("/health").json()["failed"] is True
    assert f"no better than guessing: {figure} 0." in reason
    assert "(guessing: 0." in reason
    assert "`guessing` to accept" in reason

    insisting = ("tabular-model", {"target": "y", "guessing": "accept"})
    with served(tmp_path / "2", source, insisting) as client:
        card = client.get("/model").json()
    assert card["better_than_guessing"] is False
    assert card["notes"][0].startswith(f"no better than guessing: {figure} 0.")


def scored(client: httpx.Client, content: str) -> Any:
    return client.post("/batch/csv", content=content.encode()).text


def test_a_column_of_the_file_is_never_written_over(tmp_path: Path) -> None:
    rows = [{"size": float(n), "kind": "large" if n > 20 else "small"} for n in range(40)]
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, rows)))
    source = ("table", {"path": str(tmp_path / "t.jsonl")})
    with served(tmp_path / "node", source, ("tabular-model", {"target": "kind"})) as client:
        once = scored(client, "size,predicted_label\n1,mine\n")
        twice = scored(client, once)
    header, row = (line.split(",") for line in once.splitlines())
    assert row[header.index("predicted_label")] == "mine"
    assert row[header.index("predicted_2_label")] == "small"
    assert twice.splitlines()[0].split(",")[: len(header)] == header
    assert "predicted_3_label" in twice
