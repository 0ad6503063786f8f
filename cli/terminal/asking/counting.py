"""How far something is that is counted, for people at a terminal."""

import sys
from typing import Any

import click


class Counting:
    """A bar from the first count on; nothing in a pipe, and nothing where JSON is asked for."""

    def __init__(self, label: str, *, silent: bool) -> None:
        self._label = label
        self._silent = silent
        self._bar: Any = None
        self._done = 0

    def __enter__(self) -> "Counting":
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.render_finish()

    def show(self, done: int, total: int) -> None:
        if self._silent or not total or not sys.stderr.isatty():
            return
        if self._bar is None:
            self._bar = click.progressbar(length=total, label=self._label, file=sys.stderr)
        self._bar.update(done - self._done)
        self._done = done
