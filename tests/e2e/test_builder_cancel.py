"""A deploy that is watched step by step in a browser, and canceled half way."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.builder_page import app_in, deploy, go_home, steps
from tests.e2e.harness import EXAMPLES, Platform

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("platform")]


def test_each_step_tells_what_it_got_and_said_and_a_canceled_deploy_leaves_nothing(
    page: Page, platform: Platform
) -> None:
    app = app_in(page)
    app.get_by_label("Name").fill("canceled-bot")
    app.get_by_role("textbox", name="Documents").fill(str(EXAMPLES))
    deploy(page)
    configuring = app.locator(".step").filter(has_text="Configure host")
    expect(configuring).to_have_attribute("data-state", "running")
    app.get_by_role("button", name="Choose target").click()
    panel = app.get_by_role("region", name="Step Choose target")
    expect(panel.get_by_label("log of Choose target")).not_to_be_empty()
    panel.get_by_text("Output", exact=True).click()
    expect(panel.get_by_label("output of Choose target")).to_contain_text('"target": "local"')
    app.get_by_role("button", name="Cancel", exact=True).click()
    app.get_by_role("button", name="Cancel it and remove what it created").click()
    expect(app.get_by_role("status").filter(has_text="It is canceled")).to_be_visible()
    expect(steps(page, "failed")).to_contain_text("Configure host")
    told = app.locator(".run-bar").get_by_role("alert")
    expect(told).to_contain_text(re.compile("cancell?ed by"))
    made = platform.json("ls", "--all")
    (id_,) = [each["id"] for each in made if each["name"] == "canceled-bot"]
    expect(go_home(page).get_by_role("row", name="canceled-bot")).to_contain_text("Failed")
    assert not platform.processes_of(id_)
