"""A full-code app travels once it is built, and again once its sources change."""

from pathlib import Path

from sync.api import Item, desired
from sync.build.bundle import sources_digest
from sync.instances.windmill.writing import app_form
from tests.sync.conftest import Write

SCRIPT = {"windmill/scripts/price.py": "def main(amount: int) -> int:\n    return amount\n"}
APP = "windmill/apps/shop.raw_app"
FILES = {
    **SCRIPT,
    f"{APP}/raw_app.yaml": "summary: Shop\n",
    f"{APP}/index.tsx": "render();\n",
    f"{APP}/package-lock.json": "{}",
    f"{APP}/backend/price.yaml": "type: script\npath: f/mlops/price\n",
}


def built(root: Path) -> Path:
    dist = root / APP / "dist"
    dist.mkdir(exist_ok=True)
    (dist / "bundle.js").write_text("js")
    (dist / "bundle.css").write_text("css")
    (dist / "built-from").write_text(sources_digest(root / APP))
    return root


def apps(root: Path) -> list[Item]:
    return [item for item in desired(root) if item.kind == "app"]


def test_an_app_may_call_its_runnables_and_nothing_else(checkout: Write) -> None:
    (app,) = apps(built(checkout(FILES)))
    assert app.path == "f/mlops/shop"
    assert list(app.body["policy"]["triggerables_v2"]) == ["price:script/f/mlops/price"]
    assert app.body["value"]["files"] == {"/index.tsx": "render();\n"}
    assert "script/f/mlops/price" in app.needs


def test_the_bundle_travels_with_it(checkout: Write) -> None:
    (app,) = apps(built(checkout(FILES)))
    assert (app_form(app)["js"][1], app_form(app)["css"][1]) == ("js", "css")


def test_an_app_whose_bundle_is_not_of_its_sources_stays_at_home(checkout: Write) -> None:
    root = checkout(FILES)
    assert apps(root) == []
    built(root)
    checkout({f"{APP}/index.tsx": "changed();\n"})
    assert apps(root) == []
