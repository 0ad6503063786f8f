"""A person who was never shown anything: from an empty canvas to a prediction, by what is visible.

No JSON is written and no path is typed.
"""

import csv
import io
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.builder_page import app_in, deploy, edges, go_home, picture
from tests.e2e.harness import EXAMPLES, Platform

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.xdist_group("platform")]
MACHINES = EXAMPLES.parent / "data" / "machines.csv"
DEPLOYED_WITHIN_MS = 400_000
FAILS = {"age_months": "110", "temperature": "83", "repair_cost": "900"}


def placed(page: Page, title: str) -> Locator:
    app = app_in(page)
    return app.locator(".react-flow__node").filter(has=app.get_by_text(title, exact=True))


def join(page: Page, giver: str, taker: str) -> None:
    """From what sticks out of one node to anywhere on the other."""
    placed(page, giver).locator(".react-flow__handle.source").drag_to(placed(page, taker))


def test_a_table_becomes_an_api_that_predicts(page: Page, platform: Platform) -> None:
    app, side = app_in(page), app_in(page).locator(".side")
    go_home(page).get_by_role("button", name="Empty canvas").click()
    palette = app.get_by_role("navigation")
    for title in ("Table", "Tabular model", "API endpoint"):
        palette.get_by_role("button", name=title).click()
    join(page, "Table", "Tabular model")
    join(page, "Tabular model", "API endpoint")
    expect(edges(page)).to_have_count(2)

    app.locator(".react-flow__pane").click(position={"x": 8, "y": 8})
    side.get_by_label("Name").fill("first-time")
    placed(page, "Table").click()
    side.locator("input[type=file]").set_input_files(MACHINES)
    rows = side.get_by_role("region", name="First rows")
    expect(rows).to_contain_text("temperature")
    expect(side.get_by_role("group", name="What it reads")).to_contain_text("300 rows read")
    placed(page, "Tabular model").click()
    side.get_by_role("combobox", name="Target").click()
    app.get_by_role("option", name="failed").click()
    picture(page, "builder-data")
    deploy(page)

    form = app.get_by_role("region", name="Predict", exact=True)
    expect(form).to_be_visible(timeout=DEPLOYED_WITHIN_MS)
    for column, value in FAILS.items():
        form.get_by_role("textbox", name=column).fill(value)
    form.get_by_role("button", name="Predict", exact=True).click()
    told = app.get_by_role("group", name="Prediction")
    expect(told.locator(".prediction-main")).to_have_text("yes")
    expect(told.get_by_role("list", name="How likely each is")).to_contain_text("%")
    picture(page, "builder-predict")
    assert len(whole_table(page, form)) == 300
    destroyed(page, platform)


def whole_table(page: Page, form: Locator) -> list[dict[str, str]]:
    form.locator("input[type=file]").set_input_files(MACHINES)
    form.get_by_role("button", name="Predict for all rows").click()
    with page.expect_download() as download:
        form.get_by_role("button", name="Download machines-predicted.csv").click()
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8"))))
    assert {row["predicted_label"] for row in rows} == {"yes", "no"}
    return rows


def destroyed(page: Page, platform: Platform) -> None:
    app = app_in(page)
    app.get_by_role("button", name="Destroy first-time", exact=True).click()
    app.get_by_role("button", name="Destroy first-time for good").click()
    gone = app.get_by_role("button", name="Destroy first-time")
    expect(gone).to_have_count(0, timeout=DEPLOYED_WITHIN_MS)
    assert "first-time" not in platform.run("ls").stdout
