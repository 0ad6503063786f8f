"""A model is trained again when the code that it depends on has changed, and not otherwise."""

from pathlib import Path

import pytest

from serving.learning import trained
from serving.learning.trained import trained_once


@pytest.mark.parametrize(
    "module",
    ["learning/scores.py", "components/model/tabular_model.py", "tables/columns.py"],
)
def test_other_code_trains_anew(
    module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = tmp_path / "serving" / module
    code.parent.mkdir(parents=True)
    code.write_text("one")
    monkeypatch.setattr(trained, "SOURCES", tmp_path / "serving")
    assert trained_once(tmp_path, "data", lambda: 1) == 1
    assert trained_once(tmp_path, "data", lambda: 2) == 1
    code.write_text("two")
    assert trained_once(tmp_path, "data", lambda: 3) == 3


def test_the_code_that_models_depend_on_is_where_it_is_looked_for() -> None:
    assert all(list((trained.SOURCES / room).rglob("*.py")) for room in trained.ROOMS)
