"""The words of the project: each has one meaning and a place in the tree."""

import re

import pytest

from tests.docs.pages import ROOT, links, table_rows

PAGE = ROOT / "docs" / "reference" / "glossary.md"
SECTIONS = re.findall(r"(?m)^## (.+)$", PAGE.read_text("utf-8"))
ROWS = [row for section in SECTIONS for row in table_rows(PAGE, section)]
PLACE = re.compile(r"\]\(([^)#]+)")


def test_a_word_has_one_meaning() -> None:
    words = [word for word, _, _ in ROWS]
    assert len(words) > 40
    assert sorted(words) == sorted(set(words))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_word_lives_somewhere_in_the_tree(row: list[str]) -> None:
    word, meaning, where = row
    assert meaning.endswith("."), word
    places = [PAGE.parent / place for place in PLACE.findall(where)]
    assert places, word
    assert all(place.exists() for place in places)


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "README.md", "docs/README.md"])
def test_newcomers_are_led_to_it(page: str) -> None:
    assert any(link.endswith("reference/glossary.md") for link in links(ROOT / page))


def test_contributing_is_one_page() -> None:
    assert len((ROOT / "CONTRIBUTING.md").read_text("utf-8").splitlines()) <= 80
