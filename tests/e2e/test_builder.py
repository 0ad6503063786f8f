"""The main job in a browser: draw, check, deploy, ask, destroy. Pictures on request."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, expect, sync_playwright

from sync.bundle import build
from tests.e2e.harness import EXAMPLES, Platform
from tests.tools.chromium import FLAGS
from tests.tools.needs import need

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("platform")]
APP = Path(__file__).parents[2] / "windmill/apps/ml_pipeline_builder.raw_app"
# `MLOPS_PICTURES=docs/images` draws the pictures of the documentation again.
PICTURES = os.environ.get("MLOPS_PICTURES")
QUESTION = "How many days may a rented GPU stay idle before it is returned?"
DEPLOYED_WITHIN_MS = 240_000
# A busy machine answers late, never wrongly.
expect.set_options(timeout=60_000)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    executable = need("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def link(platform: Platform) -> str:
    """The link that `mlops builder` tells, once the app is built and pushed."""
    need("windmill-cli")
    build(APP)
    platform.run("sync", "push")
    return str(platform.json("builder")["url"])


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1440, "height": 860})
    context.set_default_timeout(60_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, link: str) -> Page:
    page = context.new_page()
    page.goto(link)
    expect(app_in(page).get_by_role("button", name="Deploy")).to_be_visible(timeout=60_000)
    return page


def app_in(page: Page) -> FrameLocator:
    return page.frame_locator("iframe")


def node(page: Page, id: str) -> FrameLocator:
    return app_in(page).locator(f".react-flow__node[data-id={id}]")


def port(page: Page, id: str, name: str) -> FrameLocator:
    return node(page, id).locator(f"[data-handleid={name}]")


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.mouse.move(700, 700)
        page.screenshot(path=f"{PICTURES}/{name}.png")


def test_without_the_key_there_is_only_a_sign_in_page(context: BrowserContext, link: str) -> None:
    page = context.new_page()
    page.goto(link.partition("#")[0])
    page.get_by_label("API key").fill("not-the-key")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("The API key is wrong")
    assert page.locator("iframe").count() == 0


def test_the_key_does_not_stay_in_the_address(page: Page) -> None:
    assert "key=" not in page.url


def test_the_template_is_drawn_with_the_ports_of_the_catalog(page: Page) -> None:
    app = app_in(page)
    expect(app.locator(".react-flow__node")).to_have_count(6)
    expect(app.locator(".react-flow__edge")).to_have_count(5)
    expect(port(page, "store", "vectors")).to_be_attached()


@pytest.mark.parametrize("gesture", ["drag", "two clicks"])
def test_a_wrong_edge_is_refused_with_the_reason(page: Page, gesture: str) -> None:
    giver, taker = port(page, "docs", "documents"), port(page, "chat", "context")
    if gesture == "drag":
        giver.drag_to(taker)
    else:
        giver.click()
        taker.click()
    expect(app_in(page).get_by_role("alert")).to_contain_text(
        "Documents gives documents; LLM chat takes retriever."
    )
    expect(app_in(page).locator(".react-flow__edge")).to_have_count(5)


def test_a_palette_entry_becomes_a_node_with_a_form_and_survives_a_reload(page: Page) -> None:
    app_in(page).get_by_role("navigation").get_by_role("button", name="Text splitter").click()
    expect(app_in(page).locator(".react-flow__node")).to_have_count(7)
    app_in(page).get_by_label("Chunk size").fill("77")
    expect(node(page, "text_splitter")).to_contain_text("chunk size 77")
    page.reload()
    expect(node(page, "text_splitter")).to_contain_text("chunk size 77")


def test_a_problem_names_the_node_and_leads_there(page: Page) -> None:
    app = app_in(page)
    app.get_by_role("textbox", name="Documents").fill(str(EXAMPLES))
    node(page, "chunks").click()
    app.get_by_label("Chunk size").fill("5")
    node(page, "docs").click()
    app.get_by_role("button", name="Check").click()
    expect(app.locator(".run-bar")).to_contain_text("1 problem")
    app.get_by_role("button", name="Go to node").click()
    expect(app.get_by_role("heading", name="Text splitter")).to_be_visible()
    expect(app.get_by_role("alert")).to_contain_text("chunk_size of node 'chunks'")


def test_a_gateway_that_is_down_is_told_in_words(page: Page) -> None:
    page.route("**/builder/run/**", lambda route: route.abort("connectionrefused"))
    app_in(page).get_by_role("button", name="Check").click()
    expect(app_in(page).get_by_role("alert")).to_contain_text("The gateway does not answer.")


def test_deploy_reload_ask_and_destroy(page: Page, platform: Platform) -> None:
    app = app_in(page)
    app.get_by_label("Name").fill("browser-bot")
    app.get_by_role("textbox", name="Documents").fill(str(EXAMPLES))
    app.get_by_role("button", name="Deploy").click()
    expect(app.locator(".step[data-state=running]")).to_be_visible()
    assert re.search(r"#run=[0-9a-f-]{36}", page.url)

    page.reload()
    expect(app.locator(".step[data-state=done]")).to_have_count(7, timeout=DEPLOYED_WITHIN_MS)
    expect(app.locator(".endpoint")).to_contain_text("http://127.0.0.1:")

    app.get_by_role("textbox", name="Question").fill(QUESTION)
    app.get_by_role("button", name="Ask").click()
    expect(app.locator(".passage").first).to_contain_text("gpu-handbook.pdf", timeout=120_000)
    expect(app.locator(".answer")).not_to_be_empty()
    picture(page, "builder-light")
    app.get_by_role("button", name="Dark theme").click()
    picture(page, "builder-dark")

    app.get_by_role("button", name="Destroy", exact=True).click()
    app.get_by_role("button", name="Destroy for good").click()
    expect(app.locator(".step[data-state=done]")).to_have_count(2, timeout=DEPLOYED_WITHIN_MS)
    expect(app.get_by_role("button", name="Destroy")).to_have_count(0)
    assert "browser-bot" not in platform.run("ls").stdout
