"""Drawing in a browser, up to what a check says of it."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.e2e.builder_page import (
    Open,
    app_in,
    begin_with,
    choose_template,
    edges,
    go_home,
    node,
    nodes,
    port,
    press,
    steps,
)
from tests.e2e.harness import EXAMPLES

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("platform")]


def test_without_the_key_there_is_only_a_sign_in_page(context: BrowserContext, link: str) -> None:
    page = context.new_page()
    page.goto(link.partition("#")[0])
    page.get_by_label("API key").fill("not-the-key")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("The API key is missing or wrong")
    assert page.locator("iframe").count() == 0


def test_the_template_is_drawn_with_the_ports_of_the_catalog_and_the_key_is_gone(
    page: Page,
) -> None:
    assert "key=" not in page.url
    expect(nodes(page)).to_have_count(6)
    expect(edges(page)).to_have_count(5)
    expect(port(page, "store", "vectors")).to_be_attached()
    expect(app_in(page).locator(".cost")).to_have_text("$0.00/h")
    free = app_in(page).get_by_role("img", name="On this machine: nothing is rented")
    expect(free).to_have_count(6)


def test_each_target_says_what_it_costs_and_why(page: Page) -> None:
    app = app_in(page)
    app.get_by_label("Target", exact=True).first.click()
    offered = app.get_by_role("option", name="runpod").locator(".price")
    expect(offered).to_have_text(re.compile(r"^\$\d+\.\d\d/h$"))
    app.get_by_role("option", name="auto").click()
    app.locator(".cost").hover()
    expect(app.get_by_role("tooltip")).to_contain_text("costs nothing more")


def test_a_target_that_cannot_be_deployed_to_from_here_is_not_offered_and_says_why(
    page: Page,
) -> None:
    app = app_in(page)
    expect(app.locator(".cost")).to_have_text("$0.00/h")
    app.get_by_label("Target", exact=True).first.click()
    rented = app.get_by_role("option", name="runpod")
    expect(rented).to_contain_text("No key of runpod is stored")
    expect(rented).to_have_attribute("data-combobox-disabled", "true")
    expect(app.get_by_role("option", name="ssh")).not_to_have_attribute(
        "data-combobox-disabled", "true"
    )


def test_before_anything_is_deployed_it_is_told_what_that_would_do_and_what_is_refused_and_why(
    page: Page,
) -> None:
    app = app_in(page)
    app.get_by_role("textbox", name="Documents").fill(f"{EXAMPLES}/")
    app.get_by_label("Target", exact=True).first.click()
    app.get_by_role("option", name="auto").click()
    app.get_by_role("button", name="Deploy").click()
    plan = app.get_by_role("dialog", name="What Deploy would do")
    expect(plan).to_contain_text("rag-chatbot is created on local.")
    expect(plan.get_by_role("list", name="What changes")).to_contain_text("its model-server")
    expect(plan.get_by_role("row", name="this machine")).to_contain_text("$0.00/h")
    plan.get_by_text("Not taken").click()
    expect(plan).to_contain_text("ssh: it must be told its host")
    plan.get_by_role("button", name="Not now").click()
    expect(plan).to_have_count(0)
    assert "run=" not in page.url


def test_a_target_that_must_be_told_something_asks_for_it(page: Page) -> None:
    app = app_in(page)
    app.get_by_role("textbox", name="Documents").fill(f"{EXAMPLES}/")
    app.get_by_label("Target", exact=True).first.click()
    app.get_by_role("option", name="ssh").click()
    app.get_by_role("button", name="Deploy").click()
    plan = app.get_by_role("dialog", name="What Deploy would do")
    expect(plan).to_contain_text("ssh must be told where")
    expect(plan.get_by_role("button", name="Deploy it")).to_be_disabled()
    plan.get_by_label("Host", exact=False).first.fill("machine.example.org")
    expect(plan).to_contain_text("is created on ssh.")
    expect(plan.get_by_role("button", name="Deploy it")).to_be_enabled()


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
    expect(edges(page)).to_have_count(5)


def test_a_port_dragged_into_the_void_lists_what_fits_and_connects_it(page: Page) -> None:
    start = port(page, "docs", "documents").bounding_box()
    canvas = app_in(page).locator(".canvas").bounding_box()
    assert start
    assert canvas
    page.mouse.move(start["x"] + 5, start["y"] + 5)
    page.mouse.down()
    page.mouse.move(canvas["x"] + 300, canvas["y"] + 60, steps=5)
    page.mouse.up()
    expect(app_in(page).get_by_role("menuitem")).to_have_text(["Text splitter"])
    app_in(page).get_by_role("menuitem", name="Text splitter").click()
    expect(nodes(page)).to_have_count(7)
    expect(edges(page)).to_have_count(6)


def test_an_edit_survives_a_reload_and_can_be_undone(page: Page) -> None:
    app_in(page).get_by_role("navigation").get_by_role("button", name="Text splitter").click()
    app_in(page).get_by_label("Chunk size").fill("77")
    expect(node(page, "text_splitter")).to_contain_text("chunk size 77")
    page.reload()
    expect(node(page, "text_splitter")).to_contain_text("chunk size 77")
    node(page, "text_splitter").click()
    page.keyboard.press("Delete")
    expect(nodes(page)).to_have_count(6)
    press(page, "Control+z")
    expect(node(page, "text_splitter")).to_contain_text("chunk size 77")
    press(page, "Control+Shift+z")
    expect(nodes(page)).to_have_count(6)


def test_an_empty_canvas_offers_templates_and_undo_empties_it_again(page: Page) -> None:
    choose_template(page, "Empty canvas")
    expect(nodes(page)).to_have_count(0)
    expect(app_in(page).get_by_role("button", name="Deploy")).to_be_disabled()
    app_in(page).get_by_role("region", name="Begin").get_by_role(
        "button", name="rag-chatbot"
    ).click()
    expect(edges(page)).to_have_count(5)
    app_in(page).get_by_role("button", name="Undo").click()
    expect(nodes(page)).to_have_count(0)
    app_in(page).get_by_role("button", name="Redo").click()
    expect(nodes(page)).to_have_count(6)


def test_a_template_is_opened_as_a_drawing_of_its_own_and_the_way_back_leads_to_the_first(
    page: Page,
) -> None:
    app_in(page).get_by_label("Name").fill("mine")
    first = page.url
    choose_template(page, "tabular-prediction")
    expect(node(page, "docs")).to_have_count(0)
    assert page.url != first
    expect(app_in(page).get_by_role("button", name="Undo")).to_be_disabled()
    page.go_back()
    expect(nodes(page)).to_have_count(6)
    expect(app_in(page).get_by_label("Name")).to_have_value("mine")


def test_home_keeps_what_was_changed_and_only_that(page: Page) -> None:
    home = go_home(page)
    kept = home.get_by_role("region", name="Your drawings")
    expect(home.get_by_role("region", name="Begin with")).to_be_visible()
    expect(kept).to_have_count(0)
    home.get_by_role("button", name="Empty canvas").click()
    app_in(page).get_by_label("Name").fill("kept-one")
    go_home(page)
    kept.get_by_role("button", name="kept-one 0 nodes").click()
    expect(app_in(page).get_by_label("Name")).to_have_value("kept-one")
    go_home(page)
    kept.get_by_role("button", name="Remove the drawing kept-one").click()
    expect(kept).to_have_count(0)


def test_the_palette_is_searched_by_a_key_and_a_key_shows_the_keys(page: Page) -> None:
    press(page, "/")
    page.keyboard.type("nearest")
    entries = app_in(page).get_by_role("navigation").get_by_role("button")
    expect(entries).to_have_text(["Vector store"])
    page.keyboard.press("Escape")
    press(page, "/")
    page.keyboard.type("regression")  # said by no title and no summary, but by a setting
    expect(entries.filter(has_text="Tabular model")).to_be_visible()
    page.keyboard.press("Escape")
    press(page, "Shift+?")
    expect(app_in(page).get_by_role("dialog")).to_contain_text("Duplicate the chosen node")


def test_a_problem_names_the_node_and_leads_there(page: Page) -> None:
    app = app_in(page)
    app.get_by_role("textbox", name="Documents").fill(f"{EXAMPLES}/")
    expect(node(page, "docs").locator(".node-settings")).to_have_text(f"{EXAMPLES.name} · fail")
    node(page, "chunks").click()
    app.get_by_label("Chunk size").fill("5")
    node(page, "docs").click()
    app.get_by_role("button", name="Check").click()
    expect(app.locator(".run-bar")).to_contain_text("1 problem")
    expect(app.locator(".run-bar")).to_contain_text("Text splitter")
    app.get_by_role("button", name="Go to node").click()
    expect(app.get_by_role("heading", name="Text splitter")).to_be_visible()
    expect(app.get_by_role("alert")).to_contain_text("chunk_size of node 'chunks'")


def test_a_gateway_that_is_down_is_told_in_words(page: Page) -> None:
    page.route("**/builder/run/**", lambda route: route.abort("connectionrefused"))
    app_in(page).get_by_role("button", name="Check").click()
    expect(app_in(page).get_by_role("alert")).to_contain_text("The gateway does not answer.")


FAILED_RUN: dict[str, dict[str, Any]] = {
    "flow": {
        "type": "CompletedJob",
        "success": False,
        "raw_flow": {
            "modules": [
                {"id": "validate", "summary": "Validate"},
                {"id": "configure", "summary": "Configure host"},
            ]
        },
        "flow_status": {
            "modules": [
                {"id": "validate", "type": "Success", "job": "first"},
                {"id": "configure", "type": "Failure", "job": "second"},
            ]
        },
        # As the failure module gives it.
        "result": {"error": "no space on device", "created": True},
    },
    "first": {"type": "CompletedJob", "success": True, "result": {}},
    "second": {
        "type": "CompletedJob",
        "success": False,
        "result": {
            "error": {
                "name": "CannotStart",
                "message": "api cannot start: scan.pdf has no text\n    Mend that.",
                "extra": {
                    "code": "cannot_start",
                    "message": "api cannot start: scan.pdf has no text",
                    "fix": "Mend that.",
                    "where": "node docs",
                },
            }
        },
    },
}


def answer_with(job: dict[str, Any]) -> Callable[[Route], None]:
    return lambda route: route.fulfill(json=job)


LAST_RUN = """() => {
    const [key] = Object.keys(localStorage).filter(key => key.startsWith("mlops.builder.draft."));
    localStorage.setItem(key.replace("draft", "work"), JSON.stringify({ run: "flow" }));
}"""


def test_a_failed_run_tells_step_reason_and_fix_and_the_node_that_it_is_about(page: Page) -> None:
    for id, job in FAILED_RUN.items():
        page.route(f"**/builder/jobs/{id}", answer_with(job))
    app_in(page).locator("body").evaluate(LAST_RUN)
    page.reload()
    told = app_in(page).locator(".run-bar").get_by_role("alert")
    expect(told).to_contain_text("Configure host: api cannot start: scan.pdf has no text")
    expect(told).to_contain_text("Mend that.")
    expect(steps(page, "failed")).to_contain_text("Configure host")
    expect(node(page, "docs").locator(".node-problem")).to_contain_text("scan.pdf has no text")
    told.get_by_role("button", name="Go to node").click()
    problem = app_in(page).locator(".side").get_by_role("alert")
    expect(problem).to_contain_text("Mend that.")


def test_a_link_to_a_run_opens_what_was_drawn_and_what_came_of_it(page: Page) -> None:
    docs = {"id": "docs", "component": "documents", "config": {"path": "/srv/shared"}}
    sent = {"pipeline": {"name": "of-somebody-else", "nodes": [docs], "edges": []}}
    shared = FAILED_RUN | {"flow": FAILED_RUN["flow"] | {"args": sent}}
    for id, job in shared.items():
        page.route(f"**/builder/jobs/{id}", answer_with(job))
    page.goto(f"{page.url.partition('#')[0]}#run=flow")
    page.reload()
    expect(app_in(page).get_by_label("Name")).to_have_value("of-somebody-else")
    expect(node(page, "docs")).to_contain_text("shared")
    expect(steps(page, "failed")).to_contain_text("Configure host")


def test_two_tabs_show_the_same_drawing_and_say_who_changed_it(open_tab: Open) -> None:
    one = open_tab()
    other = open_tab(one.url)
    node(one, "chunks").click()
    app_in(one).get_by_label("Chunk size").fill("66")
    expect(node(other, "chunks")).to_contain_text("chunk size 66")
    told = app_in(other).get_by_role("status").filter(has_text="Another tab changed this drawing")
    expect(told).to_be_visible()
    node(other, "store").click()
    app_in(other).get_by_label("Top k").fill("9")
    expect(node(one, "store")).to_contain_text("top k 9")
    expect(node(one, "chunks")).to_contain_text("chunk size 66")
    press(other, "Control+z")
    press(other, "Control+z")
    expect(node(one, "chunks")).to_contain_text("chunk size 120")


WRITE_BEHIND_ITS_BACK = """() => {
    const [key] = Object.keys(localStorage).filter(key => key.startsWith("mlops.builder.draft."));
    const stored = JSON.parse(localStorage.getItem(key));
    stored.draft.name = "of-the-other-tab";
    localStorage.setItem(key, JSON.stringify({ ...stored, version: stored.version + 1 }));
}"""


def test_edits_of_two_tabs_at_the_same_moment_are_both_kept(page: Page) -> None:
    # A page hears nothing of what it stores itself: as if that news were on its way.
    app_in(page).locator("body").evaluate(WRITE_BEHIND_ITS_BACK)
    name = app_in(page).get_by_label("Name")
    name.fill("mine")
    expect(app_in(page).get_by_role("status")).to_contain_text("at the same moment")
    press(page, "Control+z")
    press(page, "Control+z")
    expect(name).to_have_value("of-the-other-tab")


BREAK = """() => {
    const broken = JSON.stringify({ version: 2, draft: {} });
    for (const key of Object.keys(localStorage))
        if (key.startsWith("mlops.builder.draft.")) localStorage.setItem(key, broken);
}"""


def test_a_drawing_that_is_not_one_leads_home_and_is_not_offered(page: Page) -> None:
    app_in(page).locator("body").evaluate(BREAK)
    page.reload()
    app = app_in(page)
    expect(app.get_by_role("region", name="Begin with")).to_be_visible()
    expect(app.get_by_role("region", name="Your drawings")).to_have_count(0)
    begin_with(page, "rag-chatbot")
    expect(nodes(page)).to_have_count(6)
