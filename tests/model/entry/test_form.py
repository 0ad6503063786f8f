"""What Windmill's form and page show of a script's or flow's arguments."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from windmill.scripts.model.entry.form import form
from windmill.scripts.model.entry.page import page, sentence

CASES = yaml.safe_load((Path(__file__).parent / "forms.yaml").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_fields(case: dict[str, Any]) -> None:
    given = case["schema"]["properties"]
    made = form(case["schema"])
    added = {
        name: {key: value for key, value in field.items() if key not in given[name]}
        for name, field in made["properties"].items()
    }
    assert added == case["shown"]
    assert made["order"] == list(case["shown"])


def test_a_title_that_somebody_wrote_stays() -> None:
    fields = form({"properties": {"top_k": {"title": "Passages"}}})["properties"]
    assert fields["top_k"]["title"] == "Passages"


def test_a_page_lists_what_is_needed_in_the_order_of_the_form_and_what_it_gives() -> None:
    schema = {
        "required": ["data"],
        "properties": {
            "inner": {"type": "object", "showExpr": "fields.inner != null"},
            "top_k": {"type": "integer", "default": 3},
            "data": {"type": "string", "description": "a CSV file"},
        },
    }
    assert page(["It sorts.", ""], form(schema), {"url": "", "rows": "how many"}) == (
        "It sorts.\n\n"
        "**Needs**\n\n- `data` (string, required): a CSV file\n- `top_k` (integer, 3 when left out)"
        "\n\n**Gives**\n\n- `url`\n- `rows`: how many"
    )


def test_without_arguments_and_results_there_are_no_lists() -> None:
    assert page(["It waits."], {}) == "It waits."


@pytest.mark.parametrize(
    ("text", "shown"),
    [("sorts tickets", "Sorts tickets."), ("Does it?", "Does it?"), ("", ""), (" a. ", "A.")],
)
def test_sentence(text: str, shown: str) -> None:
    assert sentence(text) == shown
