"""Gateway, engine and pipelines, which share no code, end half-open requests by one text."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
COPIES = ("engine/api/patience.py", "gateway/http/patience.py", "serving/api/patience.py")


def test_the_copies_are_one_text() -> None:
    assert len({(ROOT / copy).read_text("utf-8") for copy in COPIES}) == 1
