"""The embedded gateway saves to the checkout it was started from, or to the one that is named."""

from pathlib import Path

import pytest

from cli.platform.embedded import gateway_launch
from cli.platform.home import ROOT, Home
from gateway.http.settings import Settings


def test_the_gateway_is_told_where_the_catalog_is(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_home = Home(home, home / "cache")
    at_home.make()
    for named in ("", "/srv/catalog.git"):
        monkeypatch.setenv("MLOPS_CATALOG_REPO", named)
        _, environment = gateway_launch(at_home, 1, "http://x", at_home.secrets())
        given = {name.lower(): value for name, value in environment.items()}
        assert Settings.model_validate(given).mlops_catalog_repo == (named or str(ROOT))
