"""A platform, started as a person starts it, in a home of its own.

There are two, for two groups of tests that take about as long: one after the other, they alone
would decide how long all tests take. What only needs *a* platform joins the shorter one.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from cli.platform.home import ROOT
from tests.e2e.builder_page import PATIENCE_MS, Open, app_in, begin_with
from tests.e2e.harness import EXAMPLES, READABLE, Platform
from tests.tools.chromium import browsing
from tests.tools.needs import need


@pytest.fixture(scope="session")
def platform() -> Iterator[Platform]:
    # Not pytest's own folder: its long path would not fit a socket's name.
    with tempfile.TemporaryDirectory(prefix="mlops-") as folder:
        home, catalog = Path(folder, "home"), _catalog_repository(Path(folder, "git"))
        home.mkdir()
        given = {"ALLOW_ADDRESSES": READABLE, "MLOPS_CATALOG_REPO": str(catalog)}
        platform = Platform(home, given)
        try:
            platform.run("up")
            yield platform
        finally:
            platform.run("down", "--destroy", fine=(0, 1, 2))


def _catalog_repository(folder: Path) -> Path:
    """The catalog in a repository that tests may save to."""
    shutil.copytree(ROOT / "catalog", folder / "catalog")
    author = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org"]
    for command in (["init", "-q"], ["add", "."], [*author, "commit", "-qm", "Begin"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    for file in EXAMPLES.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    return folder


@pytest.fixture(scope="module")  # While Playwright runs, its thread has no room for another loop.
def browser() -> Iterator[Browser]:
    with browsing(need("chromium")) as browser:
        yield browser


@pytest.fixture(scope="session")
def link(platform: Platform) -> str:
    """The link that `mlops builder` tells, once the app is built and pushed."""
    need("builder")
    platform.run("sync", "push")
    return str(platform.json("builder")["url"])


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    size = ViewportSize(width=1280, height=800)
    context = browser.new_context(viewport=size, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def open_tab(context: BrowserContext, link: str) -> Open:
    def opened(at: str = "") -> Page:
        page = context.new_page()
        page.goto(at or link)
        if not at:
            begin_with(page, "rag-chatbot")
        expect(app_in(page).get_by_role("button", name="Deploy")).to_be_visible()
        return page

    return opened


@pytest.fixture
def page(open_tab: Open) -> Page:
    return open_tab()
