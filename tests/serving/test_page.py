"""A pipeline's own page, used in a browser: whatever it offers can be tried without JSON."""

import base64
import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from serving.component import Component
from serving.port_types import Predictor, Takes
from tests.serving.learning.chains import DATA
from tests.serving.learning.chains import served as trained
from tests.serving.llm_double import LlmDouble
from tests.serving.support import chatbot, live_api, served
from tests.tools.chromium import browsing
from tests.tools.needs import need

pytestmark = pytest.mark.slow
HOSTILE = "<img src=x onerror=alert(1)>"
COLUMNS = ({"name": HOSTILE, "kind": "category", "categories": [HOSTILE, "plain"]},)


class Echo(Predictor):
    """Gives back what it was asked, so that a test sees what the page sends."""

    def __init__(self, takes: Takes) -> None:
        self.takes = takes

    async def predict(self, inputs: Sequence[Any]) -> Sequence[Any]:
        return [{"label": HOSTILE, "asked": each} for each in inputs]


def echo(takes: Takes, folder: Path) -> AbstractContextManager[httpx.Client]:
    class Echoing(Component):
        kind = "echo"

        async def run(self) -> Predictor:
            return Echo(takes)

    return live_api(served("echo", "predictor"), folder, "", extra={"echo": Echoing})


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing(need("chromium")) as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Nothing that it shows may break its own policy or fail in silence."""
    context = browser.new_context()
    page, wrong = context.new_page(), list[str]()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if "Policy" in said.text else None)
    yield page
    context.close()
    assert wrong == []


def opened(page: Page, api: httpx.Client, part: str) -> Locator:
    page.goto(str(api.base_url))
    return page.get_by_role("region", name=part, exact=True)


def predicted(region: Locator) -> Locator:
    region.get_by_role("button", name="Predict", exact=True).click()
    return region.get_by_role("group", name="Prediction")


def test_a_row_is_a_form_of_its_columns_and_what_people_wrote_stays_text(
    page: Page, tmp_path: Path
) -> None:
    takes = Takes("row", COLUMNS, {HOSTILE: HOSTILE})
    with echo(takes, tmp_path) as api:
        region = opened(page, api, "Predict")
        field = region.get_by_label(HOSTILE)
        expect(field).to_have_value(HOSTILE)
        told = predicted(region)
        expect(told.locator(".main")).to_have_text(HOSTILE)
        field.select_option("")
        expect(predicted(region).locator("pre")).to_contain_text(f'"{HOSTILE}": null')
        assert page.locator("img").count() == 0
        assert page.get_by_role("region", name="Chat").count() == 0


@pytest.mark.parametrize(("kind", "label"), [("image", "Image"), ("audio", "Recording")])
def test_a_picture_and_a_recording_are_chosen_shown_and_sent_as_they_are(
    page: Page, tmp_path: Path, kind: Any, label: str
) -> None:
    content = io.BytesIO()
    Image.new("RGB", (3, 2), "red").save(content, "PNG")
    file = tmp_path / ("dot.png" if kind == "image" else "tone.wav")
    file.write_bytes(content.getvalue())
    with echo(Takes(kind), tmp_path) as api:
        region = opened(page, api, "Predict")
        region.get_by_label(label).set_input_files(file)
        expect(region.locator("img[src^=blob], audio[src^=blob]")).to_be_attached()
        sent = base64.b64encode(content.getvalue()).decode()
        expect(predicted(region).locator("pre")).to_contain_text(f"base64,{sent}")


def test_a_horizon_is_a_number_and_a_forecast_a_table(page: Page, tmp_path: Path) -> None:
    with echo(Takes("horizon", example={"horizon": 4}), tmp_path) as api:
        region = opened(page, api, "Predict")
        region.get_by_label("How far ahead").fill("2")
        expect(predicted(region).locator("pre")).to_contain_text('"horizon": 2')
    forecaster = ("forecaster", {"time_column": "day", "value_column": "visitors"})
    visitors = ("table", {"path": str(DATA / "visitors.csv")})
    with trained(tmp_path / "data", visitors, forecaster) as api:
        region = opened(page, api, "Predict")
        region.get_by_label("How far ahead").fill("2")
        rows = predicted(region).locator("tr")
        expect(rows).to_have_count(3)
        expect(rows.first).to_have_text("timevaluelowhigh")


def test_a_whole_table_comes_back_with_its_predictions(page: Page, tmp_path: Path) -> None:
    machines = DATA / "machines.csv"
    model = ("tabular-model", {"target": "failed", "ignore": ["machine"]})
    with trained(tmp_path / "data", ("table", {"path": str(machines)}), model) as api:
        region = opened(page, api, "A whole table")
        region.get_by_label("A whole table").set_input_files(machines)
        region.get_by_role("button", name="Predict for all rows").click()
        with page.expect_download() as download:
            region.get_by_role("link", name="Download machines-predicted.csv").click()
        with download.value.path().open() as file:
            rows = list(csv.DictReader(file))
        assert len(rows) == 300
        assert {row["predicted_label"] for row in rows} == {"yes", "no"}
        form = page.get_by_role("region", name="Predict", exact=True)
        expect(predicted(form).get_by_role("list", name="How likely each is")).to_contain_text("%")


def test_a_text_is_summarised_and_a_language_model_asked(
    page: Page, tmp_path: Path, llm: LlmDouble
) -> None:
    with live_api(served("summarizer", "summarizer"), tmp_path / "1", llm.url) as api:
        region = opened(page, api, "Summarise")
        region.get_by_label("Text", exact=True).fill("One thing happened. Then another did.")
        region.get_by_role("button", name="Summarise").click()
        expect(region.get_by_role("group", name="Summary").locator("p")).not_to_be_empty()
    with live_api(served("llm-gateway", "completions"), tmp_path / "2", llm.url) as api:
        region = opened(page, api, "Language model")
        region.get_by_label("Message").fill("Who leads the lab?")
        region.get_by_role("button", name="Send").click()
        expect(region.get_by_role("group", name="Answer")).to_have_text("Three days.")


def test_a_chat_opens_its_source_at_the_sentence(
    page: Page, tmp_path: Path, llm: LlmDouble, handbook: Path
) -> None:
    with live_api(chatbot(handbook), tmp_path, llm.url) as api:
        region = opened(page, api, "Chat")
        region.get_by_label("Question").fill("How many days may a rented GPU stay idle?")
        region.get_by_role("button", name="Ask").click()
        expect(region.locator("#answer")).not_to_be_empty()
        region.locator(".source summary").first.click()
        expect(region.locator(".source mark").first).to_contain_text("idle for three days")


def test_a_refusal_is_told_in_the_pipeline_s_words(page: Page, tmp_path: Path) -> None:
    with echo(Takes("any", example={}), tmp_path) as api:
        region = opened(page, api, "Predict")
        page.route("**/predict", lambda route: route.fulfill(status=413, json={"error": REFUSED}))
        predicted(region)
        expect(region.get_by_role("alert")).to_have_text("It is too large.\nSend less.")


REFUSED = {"message": "It is too large.", "fix": "Send less."}
