"""One error contract: code, message and fix are fields from the raise to the edge."""

import ast
import builtins
import json
import re
import string
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from docs.generate import every_error
from engine.errors import EngineError
from serving.errors import ServingError
from windmill.scripts.model.base.errors import (
    InvalidInput,
    MlopsError,
    Problem,
    Reason,
    UnknownDeployment,
)

ROOT = Path(__file__).parent.parent
SIDES = ("cli", "engine", "gateway", "history", "serving", "sync", "windmill")
ROOTS = (MlopsError, EngineError, ServingError)
ERRORS = [error for side in every_error().values() for error in side]
# The gateway's general refusal, and the CLI's name for an answer of the gateway without a code.
ONE_MEANING = {"refused"}
# Caught by who calls: they steer, nobody reads them as errors.
STEERING = {
    "BadCondition",
    "BadSchema",
    "ClientGone",
    "NotDelivered",
    "NotGiven",
    "NotYet",
    "Terminated",
    "Unfit",
    "Ungrounded",
    "Unready",
    "ZygoteEnded",
}
CODE = re.compile(r"[a-z][a-z0-9_]*")
# Where only text is shown, the joiner puts the fix on an indented line: one for each tree.
JOINERS = {"windmill/scripts/model/base/errors.py", "serving/errors.py", "engine/errors.py"}
GLUED = re.compile(r"\\n {2,}[^\"']*\{[^}]*fix\b|(?:split|partition|removesuffix)\(f?[\"']\\n ")


def sources() -> Iterator[Path]:
    for side in SIDES:
        yield from (f for f in (ROOT / side).rglob("*.py") if "__pycache__" not in f.parts)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: f"{error.__module__}.{error.__name__}")
def test_every_error_has_a_code_a_message_and_a_fix_that_can_be_filled_in(error: Any) -> None:
    assert CODE.fullmatch(error.code)
    assert error.__doc__
    for template in (error.__doc__, error.fix):
        assert template.format(**values_for(template)) is not None


def values_for(template: str) -> dict[str, Any]:
    """A number where the template formats one."""
    fields = [(name, spec) for _, name, spec, _ in string.Formatter().parse(template) if name]
    assert all(name.isidentifier() for name, _ in fields), "a field is a plain name"
    return {name: 1 if spec else "text" for name, spec in fields}


@pytest.mark.parametrize("root", ROOTS, ids=lambda root: root.__name__)
def test_a_code_has_one_meaning(root: type) -> None:
    """Shared only within a family, whose head has it."""
    first: dict[str, Any] = {}
    for error in (each for each in ERRORS if issubclass(each, root)):
        head = next(each for each in reversed(error.__mro__[:-1]) if code_of(each) == error.code)
        assert first.setdefault(error.code, head) is head or error.code in ONE_MEANING, error


def code_of(error: type) -> str:
    return getattr(error, "code", "")


def test_no_error_stands_outside_the_trees() -> None:
    assert exception_classes() - STEERING == {error.__name__ for error in ERRORS}


def exception_classes() -> set[str]:
    """Every class of the code that descends from one of Python's exceptions."""
    bases: dict[str, set[str]] = defaultdict(set)
    for name, of in (item for file in sources() for item in classes(file)):
        bases[name] |= of
    known = {name for name, each in vars(builtins).items() if is_exception(each)}
    found: set[str] = set()
    while more := {name for name, of in bases.items() if of & (known | found)} - found:
        found |= more
    return found


def classes(file: Path) -> Iterator[tuple[str, set[str]]]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ClassDef):
            yield node.name, {ast.unparse(base).rpartition(".")[2] for base in node.bases}


def is_exception(thing: object) -> bool:
    return isinstance(thing, type) and issubclass(thing, BaseException)


@pytest.mark.parametrize("root", ROOTS, ids=lambda root: root.__name__)
def test_every_tree_has_the_same_shape(root: Any) -> None:
    error = root(fix="Mend it.")
    told = {"code": root.code, "message": root.__doc__, "fix": "Mend it."}
    assert error.as_dict() == told
    assert {key: getattr(error, key) for key in told} == told
    assert str(error) == f"{root.__doc__}\n    Mend it."


def test_message_and_fix_are_glued_where_only_text_is_shown_and_never_taken_apart() -> None:
    found = {str(file.relative_to(ROOT)) for file in sources() if GLUED.search(file.read_text())}
    assert found == JOINERS


def test_what_windmill_keeps_of_an_exception_is_read_field_by_field() -> None:
    error = UnknownDeployment(deployment="nobody")
    # As Windmill's worker writes it down.
    extra = json.loads(json.dumps(vars(error), default=str))
    kept = {"name": "UnknownDeployment", "message": str(error), "stack": "", "extra": extra}
    assert Reason.of_job(kept) == Reason(error.message, error.fix, "unknown_deployment")
    assert Reason.of(error) == Reason.of_job(kept)


@pytest.mark.parametrize(
    "extra",
    [None, {}, {"code": 7}, {"message": "m", "fix": "f", "code": None}, "text"],
)
def test_somebody_elses_exception_is_its_text(extra: Any) -> None:
    text = "no space\n    left on device"
    assert Reason.of_job({"name": "OSError", "message": text, "extra": extra}) == Reason(text)
    assert Reason.of(OSError(text)) == Reason(text)


def test_problems_keep_their_fixes_beside_them() -> None:
    first = Problem("is missing", "name", "Add it.", "a.yaml", 3, 7)
    error = InvalidInput([first, Problem("is unknown", "nam")])
    assert (
        error.message == "a.yaml:3:7  E-INPUT  is missing (at name)\nE-INPUT  is unknown (at nam)"
    )
    assert (error.fix, str(InvalidInput([first]))) == ("Add it.", str(first))
    assert str(error).splitlines()[1] == "    Add it."
    assert [each["field"] for each in error.as_dict()["problems"]] == ["name", "nam"]
