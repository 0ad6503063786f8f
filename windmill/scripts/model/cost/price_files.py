"""The price files of a catalog: the newest counts."""

from pathlib import Path

from ..base.errors import MissingPrices
from ..base.parse import parse
from ..base.source import load_yaml
from .prices import Prices

FOLDER = "prices"


def newest_prices(root: Path) -> Path | None:
    """Files are named by their day."""
    return max((root / FOLDER).glob("*.yaml"), default=None, key=lambda file: file.name)


def read_prices(root: Path) -> tuple[Prices, str]:
    """The prices and the file they are from. Raises MissingPrices, InvalidInput."""
    file = newest_prices(root)
    if file is None:
        raise MissingPrices(folder=f"{root.name}/{FOLDER}")
    shown = f"{root.name}/{FOLDER}/{file.name}"
    return parse(Prices, load_yaml(file.read_text("utf-8"), shown)), shown
