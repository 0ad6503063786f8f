"""Data in main.tf.json is text to Terraform, whatever it holds."""

import hashlib
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


@pytest.mark.slow
@given(VALUES)
def test_any_value_is_read_back_as_it_was(value: Any) -> None:
    assert read_value(escape(value)) == value


@pytest.mark.slow
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


def test_a_secret_is_declared_sensitive_and_passed_on_but_its_value_is_nowhere() -> None:
    root = render_root("local", {"name": "x"}, [], ["service_key"])
    assert root["variable"] == {"service_key": {"type": "string", "sensitive": True}}
    assert root["module"]["local"]["service_key"] == "${var.service_key}"


@pytest.mark.slow
def test_terraform_takes_a_secret_from_its_surroundings_and_no_file_before_the_state_holds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TF_VAR_value", "canary-7f31")
    terraform = Terraform(tmp_path)
    secret = ECHO.replace("value = var.value", "value = sha256(nonsensitive(var.value))")
    terraform.write(render_root("echo", {}, ["value"], ["value"]), {"echo/main.tf": secret})
    terraform.init()
    written = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert not [file for file in written if b"canary-7f31" in file.read_bytes()]
    terraform.apply(terraform.plan())
    assert terraform.outputs()["value"] == hashlib.sha256(b"canary-7f31").hexdigest()


@pytest.mark.parametrize("name", ["count", "${x}", "", "a-b"])
def test_a_secret_cannot_be_an_argument_of_the_call_itself(name: str) -> None:
    with pytest.raises(InvalidRootName):
        render_root("local", {}, [], [name])


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
