"""The form in which Windmill keeps a flow: every module has an id, and of a deployed one is said
what was left out. A preview stays as it came: where it does not say so, no failure is skipped."""

import secrets
import string
from typing import Any

Doc = dict[str, Any]
_LETTERS = string.ascii_letters + string.digits
_BRANCHES: dict[str, Doc] = {
    "branchone": {"parallel": True, "skip_failure": True},
    "branchall": {"expr": "", "parallel": True, "skip_failure": True},
}


def named(value: Doc) -> Doc:
    return _Form(deployed=False).flow(value)


def normal(value: Doc) -> Doc:
    return _Form(deployed=True).flow(value)


class _Form:
    def __init__(self, deployed: bool) -> None:
        self._deployed = deployed

    def flow(self, value: Doc) -> Doc:
        made = value | {"modules": self._modules(value["modules"])}
        for key in ("failure_module", "preprocessor_module"):
            if value.get(key):
                made[key] = self._module(value[key])
        return made

    def _modules(self, modules: list[Doc]) -> list[Doc]:
        return [self._module(module) for module in modules]

    def _module(self, module: Doc) -> Doc:
        identified = module if "id" in module else {"id": _any_id(), **module}
        return identified | {"value": self._value(identified["value"])}

    def _value(self, value: Doc) -> Doc:
        made = dict(value)
        for key in ("modules", "default"):
            if made.get(key):
                made[key] = self._modules(made[key])
        if value.get("branches"):
            made["branches"] = [self._branch(each, value["type"]) for each in value["branches"]]
        return self._said(made) if self._deployed else made

    def _branch(self, branch: Doc, kind: str) -> Doc:
        said = _BRANCHES[kind] if self._deployed else {}
        return said | branch | {"modules": self._modules(branch["modules"])}

    def _said(self, value: Doc) -> Doc:
        if value["type"] == "forloopflow":
            value.setdefault("skip_failures", True)
        if isinstance(value.get("parallelism"), int):
            value["parallelism"] = {"type": "static", "value": value["parallelism"]}
        return value


def _any_id() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(6))
