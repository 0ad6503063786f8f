from pathlib import Path

import pytest
import wmill

from windmill.scripts.model.base.windmill_paths import PROVIDER_KEYS
from windmill.scripts.model.catalog.catalog import Catalog, read_catalog
from windmill.scripts.model.cost.price_files import read_prices
from windmill.scripts.targets.rental import provider_keys

CATALOG = Path(__file__).parents[2] / "catalog"


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return read_catalog(CATALOG)[0]


@pytest.fixture(autouse=True)
def stored_keys(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Of providers, by target: none, but a test may put some in."""
    keys: dict[str, str] = {}
    prefix = f"{PROVIDER_KEYS}/"
    monkeypatch.setattr(
        provider_keys, "secret_variable", lambda path: keys.get(path.removeprefix(prefix), "")
    )
    return keys


@pytest.fixture
def prices_pushed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windmill answers with the catalog's own price file, whichever asset is asked for."""
    prices = read_prices(CATALOG)[0].model_dump(mode="json", by_alias=True)
    monkeypatch.setattr(wmill, "get_resource", lambda path, **options: prices)


@pytest.fixture
def embedded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MLOPS_EMBEDDED", "1")
    monkeypatch.setenv("MLOPS_LOCAL_ROOT", str(tmp_path))


@pytest.fixture
def on_a_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLOPS_EMBEDDED", raising=False)
    monkeypatch.delenv("MLOPS_LOCAL_ROOT", raising=False)
