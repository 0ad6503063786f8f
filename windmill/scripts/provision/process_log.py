"""What a deployment's process wrote, fit to be shown: bounded, without secrets or escapes."""

from collections.abc import Iterable, Sequence
from pathlib import PurePath

from .errors import NoSuchProcess
from .health import Probe

MOST_LINES = 1000
MOST_CHARACTERS = 2000
MOST_ALTOGETHER = 500_000
# Shorter ones stand in too many innocent words.
LEAST_SECRET = 6


def log_of(probes: Iterable[Probe], process: str, name: str) -> PurePath:
    """Raises NoSuchProcess: `process` never becomes part of a path."""
    logs = {probe.service: probe.log for probe in probes}
    if process not in logs:
        raise NoSuchProcess(process=process, name=name, names=", ".join(sorted(logs)))
    return logs[process]


def shown(lines: Sequence[str], secrets: Iterable[str]) -> list[str]:
    """The newest of them, at most MOST_ALTOGETHER characters."""
    hidden = sorted((each for each in secrets if len(each) >= LEAST_SECRET), key=len, reverse=True)
    kept: list[str] = []
    room = MOST_ALTOGETHER
    for line in reversed(lines):
        text = _shown(line, hidden)
        room -= len(text)
        if room < 0:
            break
        kept.append(text)
    return kept[::-1]


def _shown(line: str, hidden: Sequence[str]) -> str:
    """Secrets first: what is cut in the middle would not be found any more."""
    for secret in hidden:
        line = line.replace(secret, "***")
    plain = line.expandtabs().encode(errors="replace").decode()
    text = "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in plain)
    return text if len(text) <= MOST_CHARACTERS else text[:MOST_CHARACTERS] + " …"
