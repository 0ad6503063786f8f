"""Let a busy machine settle before heavy work, and never wait longer than MAX_WAIT_TIME.

Gives `seconds`: how long it waited, `settled`: whether it is free now, and its `load`.
"""

import logging
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import psutil

from ..model.base.errors import InvalidSetting

log = logging.getLogger("cpu_throttler")
YES, NO = {"true", "1", "yes", "on"}, {"false", "0", "no", "off", ""}


@dataclass(frozen=True)
class Settings:
    """Each is an environment variable of the same name in capitals."""

    cpu_threshold: float = 90.0
    load_avg_threshold: float = 6.0
    check_interval: float = 0.1
    max_wait_time: float = 5.0
    throttle_disable: bool = False
    log_level: str = "INFO"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Raises InvalidSetting."""
        names = {field.name: (field.name.upper(), type(field.default)) for field in fields(cls)}
        given: dict[str, Any] = {
            field: _parse(name, environment[name], kind)
            for field, (name, kind) in names.items()
            if environment.get(name)
        }
        return cls(**given)


@dataclass(frozen=True)
class Load:
    cpu_percent: float
    load_average: float

    def is_heavy(self, settings: Settings) -> bool:
        too_busy = self.cpu_percent >= settings.cpu_threshold
        return too_busy or self.load_average >= settings.load_avg_threshold

    def __str__(self) -> str:
        return f"CPU {self.cpu_percent:.0f} %, load average {self.load_average:.1f}"


@dataclass(frozen=True)
class Waited:
    seconds: float
    settled: bool
    load: Load | None


Measure = Callable[[float], Load]
Clock = Callable[[], float]


def measure(seconds: float) -> Load:
    """The CPU's use over the next `seconds`; this is also the pause between two looks."""
    percent = psutil.cpu_percent(interval=max(seconds, 0.001))
    return Load(percent, psutil.getloadavg()[0])


def wait_for_resources(
    settings: Settings, measure: Measure = measure, clock: Clock = time.monotonic
) -> Waited:
    if settings.throttle_disable:
        return Waited(0.0, settled=True, load=None)
    began, told = clock(), False
    while True:
        left = settings.max_wait_time - (clock() - began)
        load = measure(min(settings.check_interval, max(left, 0.0)))
        waited = clock() - began
        if not load.is_heavy(settings) or waited >= settings.max_wait_time:
            return _done(Waited(round(waited, 2), not load.is_heavy(settings), load))
        if not told:
            log.info("%s: waiting up to %g s", load, settings.max_wait_time)
            told = True


def _done(waited: Waited) -> Waited:
    if not waited.settled:
        log.warning("still busy after %.1f s (%s): going on", waited.seconds, waited.load)
    else:
        log.debug("%s: free after %.1f s", waited.load, waited.seconds)
    return waited


def throttle() -> Waited:
    """For a step: settings from the environment, words in the job's log."""
    settings = Settings.from_environment(os.environ)
    speak(settings.log_level)
    return wait_for_resources(settings)


def speak(level: str) -> None:
    """This logger only: the level of the others is not ours to choose."""
    if not log.handlers:
        log.addHandler(logging.StreamHandler(sys.stderr))
    log.propagate = False
    log.setLevel(level)


def main() -> dict[str, Any]:
    return asdict(throttle())


def _parse(name: str, text: str, kind: type) -> Any:
    if kind is bool:
        return _flag(name, text)
    return _number(name, text) if kind is float else _level(name, text)


def _flag(name: str, text: str) -> bool:
    if text.lower() not in YES | NO:
        raise InvalidSetting(name=name, value=text, wanted="true or false")
    return text.lower() in YES


def _number(name: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise InvalidSetting(name=name, value=text, wanted="a number, 0 or more")
    return number


def _level(name: str, text: str) -> str:
    if text.upper() not in logging.getLevelNamesMapping():
        raise InvalidSetting(name=name, value=text, wanted="DEBUG, INFO, WARNING or ERROR")
    return text.upper()
