"""What a check found, as a line, and what mends it below."""

from typing import Protocol

from cli.terminal import console

MARKS = {"ok": ("ok", "green"), "warning": ("warn", "yellow"), "failed": ("FAIL", "red")}


class Finding(Protocol):
    @property
    def what(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def found(self) -> str: ...
    @property
    def fix(self) -> str: ...


def say_finding(finding: Finding) -> None:
    mark, colour = MARKS[finding.state]
    console.say(f"{console.styled(f'{mark:4}', fg=colour)}  {finding.what:22} {finding.found}")
    if finding.fix:
        console.say(f"      {'':22} {finding.fix}")
