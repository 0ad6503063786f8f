"""The page of a pipeline with a key, in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from serving.api.access import Access
from tests.serving.llm_double import LlmDouble
from tests.serving.support import chatbot, live_api
from tests.tools.chromium import browsing
from tests.tools.needs import need

pytestmark = pytest.mark.slow

KEY = "mk-" + "5" * 64


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("data")
    (folder / "rules.md").write_text("A rented GPU may stay idle for three days.")
    llm = LlmDouble()
    with live_api(chatbot(folder / "rules.md"), folder, llm.url, access=Access(KEY)) as api:
        yield str(api.base_url)
    llm.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing(need("chromium")) as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


def ask(page: Page) -> None:
    page.get_by_label("Question").fill("How long may it stay idle?")
    page.get_by_role("button", name="Ask").click()


def answered(page: Page) -> None:
    ask(page)
    expect(page.locator("#sources")).to_contain_text("rules.md")


def test_a_link_with_the_key_opens_the_page_and_leaves_no_trace(page: Page, url: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{url}/#key={KEY}")
    answered(page)
    assert page.url == f"{url}/"
    assert not [each for each in asked if KEY in each]
    page.reload()
    answered(page)


def test_another_tab_asks_for_the_key(page: Page, url: str) -> None:
    page.goto(f"{url}/#key={KEY}")
    other = page.context.new_page()
    other.goto(url)
    expect(other.get_by_label("Question")).to_be_hidden()
    other.get_by_label("Key").fill(f" {KEY} ")
    other.get_by_role("button", name="Unlock").click()
    answered(other)


def test_a_wrong_key_is_told_and_asked_for_again(page: Page, url: str) -> None:
    page.goto(f"{url}/#key=wrong")
    ask(page)
    expect(page.get_by_role("status")).to_contain_text("the one that was sent is not its own")
    expect(page.get_by_label("Question")).to_be_hidden()
    page.goto(f"{url}/#key={KEY}")
    answered(page)
    assert page.url == f"{url}/"


def test_the_documentation_needs_the_key_that_the_page_was_given(page: Page, url: str) -> None:
    page.goto(f"{url}/docs")
    expect(page.get_by_label("Key")).to_be_visible()
    page.get_by_label("Key").fill(KEY)
    page.get_by_role("button", name="Unlock").click()
    page.get_by_role("link", name="API documentation").click()
    expect(page.locator(".opblock-summary", has_text="/chat").first).to_be_visible()
