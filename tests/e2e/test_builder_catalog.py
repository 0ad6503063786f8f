"""A drawing as an entry of the catalog: opened, written as YAML, saved to Git, gone back to."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from cli.platform.home import ROOT
from tests.e2e.builder_page import app_in, edges, node
from tests.e2e.harness import Platform

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("platform")]
KEY = "pipelines/rag-chatbot"
TEXT = (ROOT / f"catalog/{KEY}.yaml").read_text("utf-8")
BEFORE, AFTER = re.findall(r"chunk_size: \d+", TEXT)[0], "chunk_size: 77"
OURS = "# ours\n" + TEXT.replace(BEFORE, AFTER)
THEIRS = TEXT.replace("Answers questions", "Answers all questions")


def test_an_entry_is_changed_on_both_sides_saved_over_anothers_and_gone_back_to(
    context: BrowserContext, link: str, platform: Platform
) -> None:
    page = context.new_page()
    page.goto(link)
    app = app_in(page)
    app.get_by_role("button", name=KEY, exact=True).click()
    expect_state(page, "saved")

    app.get_by_role("button", name="YAML", exact=True).click()
    written = app.get_by_role("textbox", name="The entry as YAML")
    expect(written).to_contain_text("kind: pipeline")
    type_first(page, "# ours\n")
    node(page, "chunks").click()
    app.get_by_label("Chunk size").fill("77")
    expect(written).to_contain_text(AFTER)
    expect_state(page, "changed")

    type_first(page, "{")
    told = app.get_by_role("alert").filter(has_text="could be read last")
    expect(told).to_contain_text("line")
    told.get_by_role("button", name="Take back").click()
    expect(told).to_have_count(0)

    save(platform, THEIRS)
    app.get_by_role("button", name="Save to Git").click()
    asked = app.get_by_role("dialog")
    expect(asked.locator(".cm-deletedChunk").last).to_contain_text(BEFORE)
    asked.get_by_label("Message").fill("Larger chunks")
    asked.get_by_role("button", name="Save to Git").click()
    expect(asked.get_by_role("region", name="Theirs")).to_contain_text("Answers all questions")
    expect(asked.get_by_role("region", name="Yours")).to_contain_text(AFTER)
    asked.get_by_role("button", name="Save mine over it").click()
    expect(asked).to_have_count(0)
    expect_state(page, "saved")
    assert source(platform)["text"] == OURS

    page.reload()
    expect_state(page, "saved")
    app.get_by_role("button", name="Versions").click()
    listed = app.get_by_role("list", name="Versions").get_by_role("button")
    expect(listed).to_have_count(3)
    expect(listed.first).to_contain_text("Larger chunks")
    listed.last.click()
    compared = app.get_by_role("region", name="Compared")
    expect(compared.locator(".part[data-mark=changed]")).to_contain_text("chunks")
    compared.locator(".react-flow__node[data-id=chunks]").click()
    told = compared.get_by_role("region", name="chunks: changed")
    expect(told).to_contain_text(BEFORE.split()[1])
    app.get_by_role("button", name="Restore this version").click()
    expect_state(page, "changed")
    app.get_by_role("button", name="YAML", exact=True).click()
    expect(app.get_by_role("textbox", name="The entry as YAML")).to_contain_text(BEFORE)


def expect_state(page: Page, state: str) -> None:
    expect(app_in(page).locator(f"[data-entry-state={state}]")).to_be_attached()


def type_first(page: Page, text: str) -> None:
    app_in(page).get_by_role("textbox", name="The entry as YAML").click()
    page.keyboard.press("Control+Home")
    page.keyboard.type(text)


def source(platform: Platform) -> dict[str, str]:
    with platform.gateway() as http:
        return dict(http.get(f"/catalog/{KEY}/source").json())


def save(platform: Platform, text: str) -> None:
    with platform.gateway() as http:
        body = {"text": text, "base": source(platform)["commit"]}
        assert http.put(f"/catalog/{KEY}", json=body).status_code == 200


def test_a_composition_is_drawn_run_watched_at_each_level_and_approved(
    context: BrowserContext, link: str, platform: Platform
) -> None:
    page = context.new_page()
    page.goto(link)
    app = app_in(page)
    app.get_by_role("button", name="meta-pipelines/release-with-approval", exact=True).click()
    expect(node(page, "publish")).to_contain_text("approval")
    expect(edges(page)).to_have_count(3)

    app.get_by_role("button", name="Deploy").click()
    asked = app.get_by_role("dialog")
    asked.get_by_label("Data").fill(str(ROOT / "examples/data/tickets.csv"))
    asked.get_by_role("button", name="Deploy").click()
    expect(node(page, "candidate").get_by_label("done")).to_be_attached()
    expect(app.get_by_role("alert").filter(has_text="Shall people be told")).to_be_visible()

    node(page, "candidate").dblclick()
    expect(node(page, "model")).to_be_visible()
    app.get_by_role("button", name="release-with-approval").click()
    app.get_by_role("button", name="Approve").click()
    expect(node(page, "publish").get_by_label("done")).to_be_attached()
    expect(app.get_by_label("Outputs")).to_contain_text("endpoint_url")

    node(page, "publish").click()
    app.get_by_label("When").fill("${inputs.example}")
    app.get_by_role("navigation", name="Entries").get_by_role("button", name="call-api").click()
    expect(node(page, "call_api")).to_be_visible()
    app.get_by_role("button", name="Undo").click()
    app.get_by_role("button", name="Save to Git").click()
    expect(asked.locator(".cm-changedLine")).to_contain_text("when: '${inputs.example}'")
    platform.run("destroy", "release-with-approval-candidate", "--yes", fine=(0, 1, 2))
