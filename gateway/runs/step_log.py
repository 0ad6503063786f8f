"""A step's log without what the worker itself writes around it.

A Windmill worker begins a log, and again when it takes up a lost job, with a line about itself and
with all that it installs, then draws a line, `--- PYTHON (3.11) CODE EXECUTION ---`, below which
the code speaks (windmill-worker/src/worker.rs, python_executor.rs). Our engine adds nothing.
"""

import re

_WORKER = r"^job=[0-9a-f-]{36} tag=\S* worker=\S+ hostname=[^\n]*\n?"
_BEFORE_CODE = re.compile(rf"{_WORKER}.*?^--- [^\n]*EXECUTION ---[ \t]*\n?", re.M | re.S)
_NO_CODE_YET = re.compile(_WORKER, re.M)
_HINT = re.compile(r"\Ato remove ansi colors, use: [^\n]*\n")
_COLOUR = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def own_text(log: str, ended: bool) -> str:
    """What the code said; more of the log only makes it longer.

    Of a step that ended before its code ran, the worker's words are all that tells why.
    """
    text = _BEFORE_CODE.sub("", _HINT.sub("", log))
    if worker := _NO_CODE_YET.search(text):
        text = text[: worker.start()] + (text[worker.end() :] if ended else "")
    return _COLOUR.sub("", text)
