"""The builder by keys alone, and as those see it who read little or listen."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.builder_page import app_in, begin_with, choose_template, edges, node, nodes, press
from tests.e2e.harness import EXAMPLES

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("platform")]
APP = Path(__file__).parents[2] / "windmill" / "apps" / "ml_pipeline_builder.raw_app"
AXE = APP / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations
    .filter(({impact}) => impact === "serious" || impact === "critical")
    .map(({id, nodes}) => `${id}: ${nodes.map(({html}) => html.slice(0, 120)).join(" ")}`)"""


def test_commands_are_found_by_letters_and_a_node_is_renamed_with_its_edges(page: Page) -> None:
    app = app_in(page)
    press(page, "Control+k")
    app.get_by_role("textbox", name="Command").fill("go to chunks")
    page.keyboard.press("Enter")
    expect(app.get_by_role("heading", name="Text splitter")).to_be_visible()
    node(page, "chunks").focus()
    page.keyboard.press("F2")
    name = app.get_by_label("Name of the node")
    expect(name).to_be_focused()
    name.fill("docs")
    expect(app.get_by_text("Another node is called so.")).to_be_visible()
    name.fill("pieces")
    page.keyboard.press("Enter")
    expect(node(page, "pieces")).to_be_visible()
    expect(edges(page)).to_have_count(5)


def test_arrows_walk_along_the_edges(page: Page) -> None:
    node(page, "docs").click()
    page.keyboard.press("ArrowRight")
    expect(app_in(page).get_by_role("heading", name="Text splitter")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(app_in(page).get_by_role("heading", name="Embeddings")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(app_in(page).get_by_role("heading", name="Text splitter")).to_be_visible()


def test_what_is_chosen_travels_as_text_to_another_drawing(
    page: Page, context: BrowserContext
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    node(page, "chunks").click()
    app_in(page).get_by_label("Chunk size").fill("66")
    node(page, "chunks").click()
    page.keyboard.press("Control+c")
    page.keyboard.press("Control+v")
    expect(nodes(page)).to_have_count(7)
    expect(node(page, "text_splitter")).to_contain_text("chunk size 66")
    page.keyboard.press("Control+c")
    choose_template(page, "Empty canvas")
    expect(nodes(page)).to_have_count(0)
    app_in(page).locator(".react-flow__pane").click(position={"x": 8, "y": 8})
    page.keyboard.press("Control+v")
    expect(nodes(page)).to_have_count(1)
    expect(nodes(page)).to_contain_text("chunk size 66")


def serious(page: Page) -> list[str]:
    (frame,) = [each for each in page.frames if each.url.endswith("/builder/app")]
    frame.evaluate(AXE.read_text("utf-8"))
    found: Any = frame.evaluate(SERIOUS)
    return list(found)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_view_keeps_anybody_out(context: BrowserContext, link: str, scheme: Any) -> None:
    page = context.new_page()
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto(link)
    app = app_in(page)
    expect(app.get_by_role("region", name="Begin with")).to_be_visible()
    assert serious(page) == []
    begin_with(page, "rag-chatbot")
    expect(app.locator(".cost")).to_contain_text("$")
    app.get_by_role("textbox", name="Documents").fill(str(EXAMPLES))
    assert serious(page) == []
    node(page, "docs").click()
    assert serious(page) == []
    press(page, "Control+k")
    expect(app.get_by_role("textbox", name="Command")).to_be_visible()
    assert serious(page) == []
    page.keyboard.press("Escape")
    app.get_by_role("button", name="Deploy", exact=True).click()
    expect(app.get_by_role("list", name="What changes")).to_be_visible()
    assert serious(page) == []
