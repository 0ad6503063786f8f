from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from windmill.scripts.model.base.reference import references, resolve

TABLE = yaml.safe_load(Path(__file__).with_name("references.yaml").read_text())


@pytest.mark.parametrize("case", TABLE["cases"], ids=lambda case: str(case["setting"]))
def test_a_setting_resolves_to(case: dict[str, Any]) -> None:
    assert resolve(case["setting"], TABLE["inputs"]) == case["is"]
    texts = [reference.text for _, reference in references(case["setting"])]
    assert texts == case.get("refers_to", [])


@given(st.text(alphabet="${}inputs.n[0] "))
def test_any_text_can_be_written_by_escaping_its_references(text: str) -> None:
    escaped = text.replace("${", "$${")
    assert resolve(escaped, {"n": 1}) == text
    assert not references(escaped)
