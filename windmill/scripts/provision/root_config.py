"""The root module that Terraform runs: one call of one of our modules, as JSON."""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from .errors import InvalidRootName

REQUIRED_VERSION = ">= 1.6"
_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")
_META_ARGUMENTS = {
    "connection", "count", "depends_on", "for_each", "lifecycle", "locals", "providers",
    "provisioner", "source", "version",
}  # fmt: skip
_LISTS = (list, tuple)
_PLAIN = {int, float, bool, type(None)}


def render_root(
    module: str,
    variables: Mapping[str, Any],
    outputs: Iterable[str],
    secrets: Collection[str] = (),
) -> dict[str, Any]:
    """What main.tf.json holds. Strings arrive in the module as they are, in Unicode's NFC form.

    `secrets` are names only: Terraform takes their values from TF_VAR_<name>.
    """
    _check(module, "the name")
    for name in (*variables, *secrets):
        _check(name, "a variable", _META_ARGUMENTS)
    call = {name: escape(value) for name, value in variables.items()}
    call |= {name: f"${{var.{name}}}" for name in secrets}
    declared = {name: {"type": "string", "sensitive": True} for name in secrets}
    return {
        **({"variable": declared} if declared else {}),
        "terraform": {"required_version": REQUIRED_VERSION},
        "module": {module: {"source": f"./modules/{module}", **call}},
        "output": {name: _output(module, name) for name in outputs},
    }


def escape(value: Any) -> Any:
    """Terraform reads strings in JSON as templates; this makes each of them plain text."""
    kind = type(value)
    if kind is dict:
        return _of_dict(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, _LISTS):
        return [escape(item) for item in value]
    # The abstract class, asked for what is none, takes far longer than all before it.
    if kind not in _PLAIN and isinstance(value, Mapping):
        return _of_dict(value)
    return value


def _of_dict(value: Mapping[Any, Any]) -> dict[str, Any]:
    """A call for each text and number would take most of the time that a configuration takes."""
    made: dict[str, Any] = {}
    for key, item in value.items():
        kind = type(item)
        if kind is str:
            item = _text(item) if "{" in item else item
        elif kind not in _PLAIN:
            item = escape(item)
        name = str(key)
        made[_text(name) if "{" in name else name] = item
    return made


def _text(value: str) -> str:
    return value.replace("${", "$${").replace("%{", "%%{") if "{" in value else value


def _output(module: str, name: str) -> dict[str, str]:
    _check(name, "an output")
    return {"value": f"${{module.{module}.{name}}}"}


def _check(name: str, role: str, reserved: Iterable[str] = ()) -> None:
    if not _IDENTIFIER.fullmatch(name) or name in reserved:
        raise InvalidRootName(name, role)
