"""What is valid, damaged as disks, networks and attackers damage it."""

import io
import json
import signal
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from types import FrameType
from typing import Any

from hypothesis import strategies as st

SECONDS = 20  # what hangs; a machine that is busy is slower than any parser here
MOST_DAMAGES = 4
LONGEST_PART = 64
MOST_REPEATS = 300
SPECIAL = (
    *(b"\x00", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x80", b"\xed\xa0\x80", b"\xef\xbb\xbf"),
    *(b"-1", b"1e999", b"9" * 20, b"NaN", b"Infinity", b"\\ud800", b"%00", b"\r\n", b"'", b'"'),
    *(b"${", b"{{", b"$var:", b"../", b"&a", b"*a", b"!!python/object", b"<!ENTITY"),
    *(b"[" * 200, b"{" * 200),
)
ODD: tuple[Any, ...] = (
    *(None, True, -1, 0, 1e308, 10**400, float("nan"), float("inf")),
    *("", "x" * 5000, "\x00", "\ud800", "${inputs.", "${a.b}", "$var:f/a", "../../etc/passwd"),
    *([], {}, [[]], {"": {}}, [None] * 50),
)


class Hangs(AssertionError):
    """It took longer than anybody waits."""


@contextmanager
def in_time(seconds: float = SECONDS) -> Iterator[None]:
    """Raises Hangs. For the main thread."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise Hangs(f"longer than {seconds} seconds")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@st.composite
def damaged(draw: st.DrawFn, examples: Sequence[bytes]) -> bytes:
    content = bytearray(draw(st.sampled_from(examples)))
    for _ in range(draw(st.integers(1, MOST_DAMAGES))):
        kind = draw(st.sampled_from(DAMAGES))
        content = kind(draw, content, examples)
    return bytes(content)


@st.composite
def damaged_text(draw: st.DrawFn, examples: Sequence[str]) -> str:
    content = draw(damaged([each.encode() for each in examples]))
    return content.decode("utf-8", "replace")


@st.composite
def damaged_archive(draw: st.DrawFn, example: bytes) -> bytes:
    """A zip whose parts are damaged and packed whole again: past the checksums."""
    with zipfile.ZipFile(io.BytesIO(example)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    hurt = draw(st.sets(st.sampled_from(sorted(parts)), min_size=1, max_size=2))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, draw(damaged([content])) if name in hurt else content)
    return file.getvalue()


@st.composite
def damaged_document(draw: st.DrawFn, examples: Sequence[Any]) -> Any:
    """JSON values with some of what is in them taken away, or replaced by what is odd there."""
    document = json.loads(json.dumps(draw(st.sampled_from(examples))))
    for _ in range(draw(st.integers(1, MOST_DAMAGES))):
        holder, key = draw(st.sampled_from(list(_places({"": document}))))
        if draw(st.booleans()):
            holder[key] = deepcopy(draw(st.sampled_from(ODD)))
        elif key != "":
            del holder[key]
        document = document if key != "" else holder[""]
    return document


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    keys = range(len(value)) if isinstance(value, list) else list(value)
    for key in keys:
        yield value, key
        if isinstance(value[key], dict | list):
            yield from _places(value[key])


def _part(draw: st.DrawFn, content: bytearray) -> slice:
    start = draw(st.integers(0, max(len(content) - 1, 0)))
    return slice(start, start + draw(st.integers(1, LONGEST_PART)))


def _flip(draw: st.DrawFn, content: bytearray, _: Sequence[bytes]) -> bytearray:
    at = _part(draw, content).start
    content[at : at + 1] = bytes(
        [each ^ (1 << draw(st.integers(0, 7))) for each in content[at : at + 1]]
    )
    return content


def _cut(draw: st.DrawFn, content: bytearray, _: Sequence[bytes]) -> bytearray:
    return content[: _part(draw, content).start]


def _lose(draw: st.DrawFn, content: bytearray, _: Sequence[bytes]) -> bytearray:
    del content[_part(draw, content)]
    return content


def _repeat(draw: st.DrawFn, content: bytearray, _: Sequence[bytes]) -> bytearray:
    part = _part(draw, content)
    content[part] = content[part] * draw(st.integers(2, MOST_REPEATS))
    return content


def _swap(draw: st.DrawFn, content: bytearray, _: Sequence[bytes]) -> bytearray:
    one, other = _part(draw, content), _part(draw, content)
    content[one], content[other] = content[other], content[one]
    return content


def _splice(draw: st.DrawFn, content: bytearray, examples: Sequence[bytes]) -> bytearray:
    other = draw(st.sampled_from(examples))
    return content[: _part(draw, content).start] + other[_part(draw, bytearray(other)).start :]


def _special(draw: st.DrawFn, content: bytearray, _: Sequence[bytes]) -> bytearray:
    at = _part(draw, content).start
    over = draw(st.sampled_from((0, 1, 4)))
    content[at : at + over] = draw(st.sampled_from(SPECIAL))
    return content


DAMAGES = (_flip, _cut, _lose, _repeat, _swap, _splice, _special)
