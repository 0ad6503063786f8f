"""From Deploy to Destroy in a browser, through a reload, a second tab and a gateway that dies."""

import os
import re
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.builder_page import Open, app_in, deploy, go_home, node, picture, serious, steps
from tests.e2e.harness import EXAMPLES, Platform

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.xdist_group("platform")]
QUESTION = "How many days may a rented GPU stay idle before it is returned?"
DEPLOYED_WITHIN_MS = 300_000
ANSWERED_WITHIN_MS = 180_000


def kill_gateway(platform: Platform) -> None:
    os.kill(platform.parts["gateway"]["pid"], signal.SIGKILL)


def test_deploy_survives_a_reload_and_the_gateway_then_answers_and_is_destroyed(
    open_tab: Open, platform: Platform
) -> None:
    page = open_tab()
    other = open_tab(page.url)
    app = app_in(page)
    app.get_by_label("Name").fill("browser-bot")
    app.get_by_role("textbox", name="Documents").fill(str(EXAMPLES))
    deploy(page)
    expect(steps(page, "running")).to_be_visible()
    assert re.search(r"#drawing=\w+&run=[0-9a-f-]{36}$", page.url)
    page.reload()
    expect(steps(page, "running")).to_be_visible()

    kill_gateway(platform)
    for tab in (page, other):
        expect(app_in(tab).get_by_role("alert")).to_contain_text("The gateway does not answer.")
    with ThreadPoolExecutor() as beside:
        back = beside.submit(platform.run, "up")
        told = app.get_by_role("status").filter(has_text="The platform answers again")
        expect(told).to_be_visible()
        back.result()
    for tab in (page, other):
        expect(steps(tab, "done")).to_have_count(8, timeout=DEPLOYED_WITHIN_MS)
        expect(app_in(tab).locator(".endpoint")).to_contain_text("http://127.0.0.1:")
    other.close()

    expect(node(page, "docs").locator(".node-read")).to_have_text("2 files read")
    find_it_at_home(page)
    ask(page)
    ask_further(page)
    assert serious(page) == []
    open_its_page(page)
    send_a_request(page)
    destroy(page)
    assert "browser-bot" not in platform.run("ls").stdout


def find_it_at_home(page: Page) -> None:
    """With what it is, and the way to the same drawing."""
    drawing = page.url.partition("&")[0]
    row = go_home(page).get_by_role("row", name="browser-bot")
    expect(row).to_contain_text("Live · revision 1")
    expect(row).to_contain_text("$0.00/h")
    expect(row).to_contain_text("http://127.0.0.1:")
    told = app_in(page).get_by_role("region", name="What runs")
    expect(told).to_contain_text("errors are not known. The gateway knows no Prometheus.")
    picture(page, "builder-home")
    row.get_by_role("button", name="browser-bot").click()
    expect(app_in(page).locator(".endpoint")).to_contain_text("http://127.0.0.1:")
    assert page.url.partition("&")[0] == drawing
    expect(app_in(page).locator(".node[data-state=live]")).to_have_count(6)


def ask(page: Page) -> None:
    app = app_in(page)
    app.get_by_role("textbox", name="Question").fill(QUESTION)
    with page.expect_response("**/builder/deployments/*/chat") as streaming:
        app.get_by_role("button", name="Ask").click()
    assert streaming.value.headers["content-type"].startswith("text/event-stream")
    expect(app.locator(".passage").first).to_contain_text(
        "gpu-handbook.pdf", timeout=ANSWERED_WITHIN_MS
    )
    expect(app.locator(".answer")).not_to_be_empty(timeout=ANSWERED_WITHIN_MS)
    app.get_by_role("button", name="Of use").click(timeout=ANSWERED_WITHIN_MS)
    expect(app.locator(".chat").get_by_role("status")).to_have_text("Rated 10 of 10. Thank you.")
    app.locator(".passage summary").first.click()
    expect(app.locator(".passage mark").first).to_be_visible()
    app.locator(".passage summary").first.click()
    app.get_by_role("button", name="Close", exact=True).filter(visible=True).first.focus()
    picture(page, "builder-light")
    app.get_by_role("button", name="Dark theme").click()
    picture(page, "builder-dark")


def ask_further(page: Page) -> None:
    """What was said before goes along, so that "it" and "that" are understood."""
    app = app_in(page)
    app.get_by_role("textbox", name="Question").fill("And after that?")
    with page.expect_request("**/builder/deployments/*/chat") as asking:
        app.get_by_role("button", name="Ask").click()
    before = (asking.value.post_data_json or {})["history"]
    assert [turn["role"] for turn in before] == ["user", "assistant"]
    assert before[0]["content"] == QUESTION
    answered = app.locator(".exchange").last.get_by_role("button", name="Of use")
    expect(answered).to_be_visible(timeout=ANSWERED_WITHIN_MS)


def open_its_page(page: Page) -> None:
    """By a link with its key, which then stands in no address."""
    with page.expect_popup() as opened:
        app_in(page).get_by_role("button", name="Open its page").click()
    its = opened.value
    its.get_by_role("textbox", name="Question").fill(QUESTION)
    its.get_by_role("button", name="Ask").click()
    expect(its.locator("#sources")).to_contain_text("gpu-handbook.pdf", timeout=ANSWERED_WITHIN_MS)
    assert "key" not in its.url
    its.close()


def send_a_request(page: Page) -> None:
    """What the endpoint offers, as its own documentation tells it."""
    app = app_in(page)
    app.get_by_text("Requests", exact=True).click()
    body = app.get_by_role("textbox", name="Request body")
    expect(body).to_have_value(re.compile('"question"'))
    body.fill('{"question": 5}')
    app.get_by_role("button", name="Send").click()
    expect(app.get_by_label("Response")).to_contain_text("question", timeout=ANSWERED_WITHIN_MS)
    expect(app.get_by_label("Response")).to_have_attribute("data-failed", "true")


def destroy(page: Page) -> None:
    app = app_in(page)
    app.get_by_role("button", name="Destroy browser-bot", exact=True).click()
    app.get_by_role("button", name="Destroy browser-bot for good").click()
    expect(steps(page, "done")).to_have_count(2, timeout=DEPLOYED_WITHIN_MS)
    expect(app.get_by_role("button", name="Destroy browser-bot")).to_have_count(0)
    home = go_home(page)
    expect(home.get_by_role("region", name="Begin with")).to_be_visible()
    expect(home.get_by_role("row", name="browser-bot")).to_have_count(0)
