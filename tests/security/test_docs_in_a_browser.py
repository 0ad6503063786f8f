"""The documentation of an API in a real browser that reaches nothing but that API."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from serving.api.access import Access
from tests.gateway.stack import Stack, running_gateway
from tests.serving.support import chatbot, live_api
from tests.tools.chromium import browsing
from tests.tools.needs import need

pytestmark = pytest.mark.slow

LLM = "http://127.0.0.1:1"  # nobody asks a question here
KEY = "a-key-for-tests-only"
TITLE = "</title><script>document.title = 'taken over'</script>"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing(need("chromium")) as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    yield page
    page.close()


def open_docs(page: Page, url: str, operation: str) -> None:
    """Fails where the page asks another host or its policy refuses what it needs."""
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{url}/docs")
    assert_shown(page, operation)
    hosts = {urlsplit(each).netloc for each in asked if not each.startswith("data:")}
    assert hosts == {urlsplit(url).netloc}
    assert not complaints


def assert_shown(page: Page, operation: str) -> None:
    page.locator(".opblock-summary", has_text=operation).first.click()
    expect(page.get_by_role("button", name="Try it out")).to_be_visible()


def test_of_the_gateway(stack: Stack, tmp_path: Path, page: Page) -> None:
    with running_gateway(stack, tmp_path) as url:
        open_docs(page, url, "/api/v1/pipelines/deploy")


def test_of_a_pipeline_whose_title_is_hostile(tmp_path: Path, page: Page) -> None:
    content = chatbot(tmp_path, api_endpoint={"title": TITLE, "description": TITLE})
    with live_api(content, tmp_path, LLM, wait=False) as api:
        open_docs(page, str(api.base_url), "/chat")
        assert page.title() == TITLE
        page.goto(str(api.base_url))
        assert page.title() == TITLE


def test_of_a_pipeline_with_a_key(tmp_path: Path, page: Page) -> None:
    with live_api(chatbot(tmp_path), tmp_path, LLM, wait=False, access=Access(KEY)) as api:
        page.goto(f"{api.base_url}/docs")
        page.get_by_label("Key").fill(KEY)
        page.get_by_role("button", name="Unlock").click()
        page.get_by_role("link", name="API documentation").click()
        assert_shown(page, "/chat")
