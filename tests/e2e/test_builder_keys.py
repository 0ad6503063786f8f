"""The builder by keys alone, and as those see it who read little or listen."""

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.builder_page import (
    app_in,
    begin_with,
    choose_template,
    edges,
    node,
    nodes,
    press,
    serious,
)
from tests.e2e.harness import EXAMPLES

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("platform")]


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
    app.get_by_role("button", name="Not now").click()
    press(page, "y")
    expect(app.get_by_role("textbox", name="The entry as YAML")).to_be_visible()
    assert serious(page) == []
    app.get_by_role("button", name="Home").click()
    app.get_by_role("button", name="meta-pipelines/support-desk").click()
    expect(nodes(page).first).to_be_visible()
    assert serious(page) == []
    nodes(page).first.click()
    expect(app.get_by_role("button", name="Remove step")).to_be_visible()
    assert serious(page) == []


def test_it_speaks_the_language_of_the_browser_and_the_one_that_is_chosen(
    page: Page, context: BrowserContext
) -> None:
    """Whoever switches goes on where they were, and is understood the next time, too."""
    app = app_in(page)
    node(page, "chunks").click()
    app.get_by_role("button", name="Language").click()
    menu = app.get_by_role("menu")
    expect(menu).to_contain_text("The catalog and the platform speak English.")
    menu.get_by_role("menuitemradio", name="Français").click()
    expect(app.locator("html")).to_have_attribute("lang", "fr")
    expect(app.get_by_role("button", name="Déployer", exact=True)).to_be_visible()
    expect(app.get_by_label("Nom du nœud")).to_have_value("chunks")
    expect(app.locator(".cost")).to_have_text("0,00\u00a0$/h")
    expect(node(page, "docs").get_by_role("img", name="Pas encore vérifié")).to_be_visible()
    page.reload()
    expect(app.get_by_role("button", name="Vérifier", exact=True)).to_be_visible()
    assert serious(page) == []
    app.get_by_role("button", name="Langue").click()
    app.get_by_role("menuitemradio", name="English").click()
    expect(app.get_by_role("button", name="Check", exact=True)).to_be_visible()


def test_the_drawing_as_a_list_tells_and_does_what_the_canvas_does_by_keys_alone(
    page: Page,
) -> None:
    app = app_in(page)
    press(page, "o")
    outline = app.get_by_role("region", name="The drawing as a list")
    named = outline.get_by_role("button", name="Text splitter chunks")
    expect(outline.get_by_role("list", name="Inputs of chunks")).to_contain_text("from docs")
    expect(outline.get_by_role("list", name="Outputs of docs")).to_contain_text("to chunks")
    named.focus()
    page.keyboard.press("Enter")
    expect(named).to_have_attribute("aria-expanded", "true")
    expect(app.get_by_role("heading", name="Text splitter")).to_be_visible()
    assert serious(page) == []
    outline.get_by_role("button", name="and docs · documents away").press("Enter")
    expect(edges(page)).to_have_count(4)
    expect(outline.get_by_role("list", name="Inputs of chunks")).to_contain_text("not connected")
    outline.get_by_role("combobox", name="Connect documents").select_option("docs · documents")
    expect(edges(page)).to_have_count(5)
    outline.get_by_role("button", name="Remove chunks").press("Enter")
    expect(nodes(page)).to_have_count(5)
    expect(outline).to_contain_text("5 nodes")
    outline.get_by_role("button", name="Close the list").press("Enter")
    expect(outline).to_have_count(0)
