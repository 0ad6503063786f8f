"""Names that Windmill, JavaScript or Python would take for something else than what was meant."""

import keyword
import re
from collections.abc import Iterator

from ..base.errors import Problem
from ..base.source import Source
from ..base.windmill_paths import ONLY_WITH
from ..entry.entry import Entry

# JavaScript's words, and what Windmill and our compiler themselves name so.
_WORDS = """
break case catch class const constructor continue debugger default delete do else enum export
extends false finally for function if import in instanceof new null return super switch this throw
true try typeof var void while with let static yield await async eval arguments failure
preprocessor flow_input previous_result results
"""
STEP_IDS = frozenset(_WORDS.split())
# In a loop `flow_input.iter` is what Windmill puts there, whatever was given under that name.
_OF_LOOPS = re.compile(r"iter(_parent)*")
# A result that has these is taken for a whole HTTP answer.
_OF_ANSWERS = frozenset(("windmill_status_code", "windmill_content_type", "windmill_headers"))
_PERMISSION = "the platform itself gives it, to say what a caller may do"
_OF_OBJECTS = "every object of JavaScript has one, so that it is never missing"


def reserved_names(entry: Entry, source: Source) -> Iterator[Problem]:
    for index, step in enumerate(entry.steps or ()):
        if step.id in STEP_IDS:
            message = f"Windmill cannot have a step {step.id!r}"
            yield source.problem(message, f"steps[{index}].id", "Rename it.", "E-CAT-022")
    for kind, names in (("input", entry.inputs), ("output", entry.outputs)):
        for name in names:
            if why := _why_not(kind, name, entry):
                message = f"an {kind} cannot be named {name!r}: {why}"
                yield source.problem(message, f"{kind}s.{name}", "Rename it.", "E-CAT-022")


def _why_not(kind: str, name: str, entry: Entry) -> str:
    if name == "constructor":
        return _OF_OBJECTS
    if kind == "output":
        return "Windmill makes an HTTP answer of it" if name in _OF_ANSWERS else ""
    if _OF_LOOPS.fullmatch(name):
        return "in a loop Windmill gives it another value"
    if name == ONLY_WITH:
        return _PERMISSION
    is_argument = entry.run is not None and entry.run.script is not None and entry.with_ is None
    if is_argument and keyword.iskeyword(name):
        return "it is the argument of a script, and Python has that word for itself"
    return ""
