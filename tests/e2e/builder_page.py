"""The ML Pipeline Builder as a person sees it, and its pictures for the documentation."""

import os
from pathlib import Path
from typing import Any, Protocol

from playwright.sync_api import FrameLocator, Locator, Page, expect

# `MLOPS_PICTURES=docs/images` draws the pictures of the documentation again.
PICTURES = os.environ.get("MLOPS_PICTURES")
# A busy machine answers late, never wrongly.
PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS)

APP = Path(__file__).parents[2] / "windmill" / "apps" / "ml_pipeline_builder.raw_app"
AXE = APP / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations
    .filter(({impact}) => impact === "serious" || impact === "critical")
    .map(({id, nodes}) => `${id}: ${nodes.map(({html}) => html.slice(0, 120)).join(" ")}`)"""


class Open(Protocol):
    def __call__(self, at: str = "") -> Page:
        """A tab with the RAG template drawn, or with what is `at` an address."""


def app_in(page: Page) -> FrameLocator:
    return page.frame_locator("iframe")


def begin_with(page: Page, template: str) -> None:
    """From Home, which shows all that there is."""
    offered = app_in(page).get_by_role("region", name="Begin with")
    offered.get_by_role("button", name=template).click()
    expect(app_in(page).get_by_role("button", name="Deploy")).to_be_visible()


def go_home(page: Page) -> Locator:
    app_in(page).get_by_role("button", name="Home").click()
    return app_in(page).get_by_role("main")


def node(page: Page, id: str) -> Locator:
    return app_in(page).locator(f".react-flow__node[data-id={id}]")


def port(page: Page, id: str, name: str) -> Locator:
    return node(page, id).locator(f"[data-handleid={name}]")


def nodes(page: Page) -> Locator:
    return app_in(page).locator(".react-flow__node")


def edges(page: Page) -> Locator:
    return app_in(page).locator(".react-flow__edge")


def steps(page: Page, state: str) -> Locator:
    return app_in(page).locator(f".step[data-state={state}]")


def choose_template(page: Page, name: str) -> None:
    app_in(page).get_by_role("button", name="Open a template").click()
    app_in(page).get_by_role("menuitem", name=name).click()


def deploy(page: Page) -> None:
    """Once it was told what that does."""
    app = app_in(page)
    app.get_by_role("button", name="Deploy", exact=True).click()
    plan = app.get_by_role("dialog", name="What Deploy would do")
    plan.get_by_role("button", name="Deploy it").click()


def press(page: Page, keys: str) -> None:
    """As typed over the canvas, not into a field."""
    app_in(page).locator(".react-flow__pane").click(position={"x": 8, "y": 8})
    page.keyboard.press(keys)


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.mouse.move(700, 640)
        page.screenshot(path=f"{PICTURES}/{name}.png", animations="disabled")


def serious(page: Page) -> list[str]:
    """What axe finds that keeps somebody out."""
    (frame,) = [each for each in page.frames if each.url.endswith("/builder/app")]
    frame.evaluate(AXE.read_text("utf-8"))
    found: Any = frame.evaluate(SERIOUS)
    return list(found)
