"""A script carries its own modules: nothing it imports is fetched, or can change under it."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.slow

STEP = """
from .model.deep.tool import price
from .model.offer import Offer
from .notes import NAME
def main():
    return [price(), Offer.price, NAME, __name__]
"""
MODULES = {
    "model/offer.py": "class Offer:\n    price = 3\n",
    "model/deep/tool.py": "from ..offer import Offer\ndef price():\n    return Offer.price\n",
    "notes.py": "NAME = __name__\n",
}


def carried(modules: dict[str, str], **more: Any) -> dict[str, Any]:
    return {name: {"content": text, "language": "python3"} | more for name, text in modules.items()}


def create(windmill: Any, path: str, content: str, **body: Any) -> httpx.Response:
    given = {
        "path": path,
        "content": content,
        "language": "python3",
        "summary": "",
        "lock": "# py: 3.11",
    }
    http: httpx.Client = windmill.http
    return http.post("/scripts/create", json=given | {"auto_parent": True} | body)


@pytest.mark.parametrize("deployed", [True, False])
def test_a_script_runs_with_the_modules_it_carries(
    windmill: Any, unique: str, deployed: bool
) -> None:
    path = f"f/{unique}/step"
    if deployed:
        assert create(windmill, path, STEP, modules=carried(MODULES)).status_code == 201
        job = windmill.ended(windmill.start_script(path))
    else:
        job = windmill.preview(STEP, path=path, modules=carried(MODULES))
    assert job["result"] == [3, 3, f"f.{unique}.notes", f"f.{unique}.step"], job["logs"]


def test_a_module_is_found_before_a_script_of_the_same_path(windmill: Any, unique: str) -> None:
    windmill.script(f"f/{unique}/notes", "NAME = 'somebody edited me'\n")
    create(windmill, f"f/{unique}/step", STEP, modules=carried(MODULES))
    job = windmill.ended(windmill.start_script(f"f/{unique}/step"))
    assert job["result"][2] == f"f.{unique}.notes"


def test_what_is_not_carried_is_still_asked_of_the_server(windmill: Any, unique: str) -> None:
    windmill.script(f"f/{unique}/shared", "x = 7\n")
    content = (
        f"from .notes import NAME\nfrom f.{unique}.shared import x\ndef main():\n    return x\n"
    )
    create(windmill, f"f/{unique}/step", content, modules=carried({"notes.py": "NAME = 1\n"}))
    assert windmill.ended(windmill.start_script(f"f/{unique}/step"))["result"] == 7


def test_modules_are_given_back_and_not_listed(windmill: Any, unique: str) -> None:
    modules = carried(MODULES, lock="")
    create(windmill, f"f/{unique}/step", STEP, modules=modules)
    assert windmill.get(f"/scripts/get/p/f/{unique}/step")["modules"] == modules
    rows = windmill.get("/scripts/list", path_start=f"f/{unique}/")
    assert [row["path"] for row in rows] == [f"f/{unique}/step"]
    assert "modules" not in rows[0] or rows[0]["modules"] is None
    create(windmill, f"f/{unique}/plain", "def main(): pass")
    assert windmill.get(f"/scripts/get/p/f/{unique}/plain")["modules"] is None


def test_another_module_is_another_version(windmill: Any, unique: str) -> None:
    path = f"f/{unique}/step"
    first = create(windmill, path, STEP, modules=carried(MODULES)).text
    again = windmill.http.post("/scripts/create?skip_if_noop=true", json=_body(windmill, path))
    assert again.text == first
    changed = carried(MODULES | {"notes.py": "NAME = 'new'\n"})
    assert create(windmill, path, STEP, modules=changed).text != first
    assert windmill.ended(windmill.start_script(path))["result"][2] == "new"


def _body(windmill: Any, path: str) -> dict[str, Any]:
    kept = ("path", "content", "language", "summary", "lock", "modules")
    script = windmill.get(f"/scripts/get/p/{path}")
    return {key: script[key] for key in kept}


@pytest.mark.parametrize(
    "modules",
    [
        {"../other.py": {"content": "", "language": "python3"}},
        {"/etc/x.py": {"content": "", "language": "python3"}},
        {"a/../../x.py": {"content": "", "language": "python3"}},
        {"a.py": {"language": "python3"}},
        {"a.sh": {"content": "", "language": "bash"}},
        {"": {"content": "", "language": "python3"}},
        ["a.py"],
    ],
    ids=str,
)
def test_what_is_no_module_is_refused(windmill: Any, unique: str, modules: Any) -> None:
    answer = create(windmill, f"f/{unique}/step", STEP, modules=modules)
    assert answer.status_code == 400
    assert "modules" in answer.text


def test_a_database_of_an_earlier_engine_is_brought_up_to_date(
    new_engine: Callable[..., Any],
) -> None:
    import sqlite3

    engine = new_engine()
    engine.start()
    engine.stop()
    with sqlite3.connect(engine.folder / "db") as db:
        db.execute("alter table job drop column modules")
    again = new_engine()
    windmill = again.start()
    assert windmill.preview("def main(): return 1")["result"] == 1
