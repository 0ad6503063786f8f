"""Data in main.tf.json is text to Terraform, whatever it holds."""

import itertools
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from windmill.scripts.provision.errors import InvalidRootName
from windmill.scripts.provision.root_config import escape, render_root
from windmill.scripts.provision.terraform import Terraform

STRINGS: dict[str, str] = json.loads((Path(__file__).parent / "strings.json").read_text())
ECHO = """
variable "value" {
  type = any
}
output "value" {
  value = var.value
}
"""
MARKERS = st.text(alphabet=["$", "%", "{", "}", '"', "\\", "x", "\n"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | MARKERS | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(MARKERS, inner),
)


def read_as_terraform_does(text: str) -> str:
    """HCL's template rules for quoted text: an escaped marker is text, another is code."""
    read = ""
    while text:
        if text.startswith(("$${", "%%{")):
            read, text = read + text[1:3], text[3:]
            continue
        assert not text.startswith(("${", "%{")), "this would be evaluated"
        read, text = read + text[0], text[1:]
    return read


def read_value(value: Any) -> Any:
    if isinstance(value, str):
        return read_as_terraform_does(value)
    if isinstance(value, dict):
        return {read_as_terraform_does(key): read_value(item) for key, item in value.items()}
    if isinstance(value, list):
        return [read_value(item) for item in value]
    return value


@given(VALUES)
def test_any_value_is_read_back_as_it_was(value: Any) -> None:
    assert read_value(escape(value)) == value


def test_terraform_itself_gives_every_string_back(tmp_path: Path) -> None:
    short = ["".join(signs) for n in (1, 2, 3, 4) for signs in itertools.product("$%{x", repeat=n)]
    value = {"named": STRINGS, "short": short, "keys": dict.fromkeys(short, 1)}
    terraform = Terraform(tmp_path)
    terraform.write(render_root("echo", {"value": value}, ["value"]), {"echo/main.tf": ECHO})
    terraform.init()
    terraform.apply(terraform.plan())
    assert terraform.outputs()["value"] == value
    assert not terraform.plan().changes


def test_the_root_calls_one_module_and_passes_its_outputs_on() -> None:
    root = render_root("local", {"name": "x"}, ["endpoint_url"])
    assert root["module"] == {"local": {"source": "./modules/local", "name": "x"}}
    assert root["output"] == {"endpoint_url": {"value": "${module.local.endpoint_url}"}}
    assert re.match(r">= \d", root["terraform"]["required_version"])


@pytest.mark.parametrize("name", ["source", "providers", "count", "${x}", "", "Upper", "a-b", "//"])
def test_a_variable_cannot_be_an_argument_of_the_call_itself(name: str) -> None:
    with pytest.raises(InvalidRootName, match=re.escape(repr(name))):
        render_root("local", {name: "x"}, [])


@pytest.mark.parametrize("name", ["../local", "x}${y", "a/b"])
def test_names_of_modules_and_outputs_cannot_carry_code(name: str) -> None:
    with pytest.raises(InvalidRootName):
        render_root(name, {}, [])
    with pytest.raises(InvalidRootName):
        render_root("local", {}, [name])
