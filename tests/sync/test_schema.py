import ast
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from sync.desired.signature_schema import argument_texts, read_signature

CASES = yaml.safe_load((Path(__file__).parent / "data/signatures.yaml").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_signature(case: dict[str, Any]) -> None:
    signature = read_signature(ast.parse(case["code"]))
    assert signature.schema["properties"] == case["expect"]
    assert list(signature.schema["properties"]) == list(case["expect"])
    assert signature.schema["required"] == case["required"]
    assert signature.is_library == case.get("library", False)
    assert signature.has_preprocessor == case.get("preprocessor", False)


@pytest.mark.parametrize(
    ("code", "summary"),
    [
        ('"""Price an order.\n\nMore."""\ndef main(): ...', "Price an order."),
        ('def main():\n    """Price it."""', "Price it."),
        ("def main(): ...", ""),
    ],
)
def test_the_summary_is_the_first_line_of_the_docstring(code: str, summary: str) -> None:
    assert read_signature(ast.parse(code)).summary == summary


@given(st.text(alphabet="Args: \n\t()*xy", max_size=200))
def test_any_docstring_is_survived(text: str) -> None:
    assert all(isinstance(value, str) for value in argument_texts(text).values())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(JSON)
def test_every_json_default_is_kept_and_its_argument_not_required(value: Any) -> None:
    schema = read_signature(ast.parse(f"def main(a={value!r}): ...")).schema
    assert schema["properties"]["a"]["default"] == value
    assert schema["required"] == []
