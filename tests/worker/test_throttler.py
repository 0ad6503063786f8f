"""Heavy work waits for a free machine, but never for long."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import fields
from logging.handlers import BufferingHandler
from typing import Any

import pytest

from cli.platform.embedded import job_settings
from windmill.scripts.configure_host import main as configure_host
from windmill.scripts.model.base.errors import InvalidSetting
from windmill.scripts.worker.cpu_throttler import (
    Load,
    Settings,
    Waited,
    main,
    measure,
    wait_for_resources,
)

Said = Callable[[], list[tuple[str, str]]]
FREE, BUSY, CROWDED = Load(10, 1), Load(97, 1), Load(10, 8)


class Machine:
    """Its load changes with each look; time passes only while somebody looks."""

    def __init__(self, *loads: Load, slowness: float = 0.0) -> None:
        self.loads, self.slowness = list(loads), slowness
        self.now, self.looks = 100.0, 0

    def measure(self, seconds: float) -> Load:
        self.now += seconds + self.slowness
        self.looks += 1
        return self.loads.pop(0) if len(self.loads) > 1 else self.loads[0]

    def clock(self) -> float:
        return self.now


def wait(machine: Machine, **settings: Any) -> Waited:
    return wait_for_resources(Settings(**settings), machine.measure, machine.clock)


def test_the_defaults_are_those_that_are_documented() -> None:
    assert Settings.from_environment({}) == Settings(90.0, 6.0, 0.1, 5.0, False, "INFO")


@pytest.mark.parametrize("loads", [(BUSY, BUSY, FREE), (CROWDED, CROWDED, FREE)])
def test_it_waits_until_processors_and_queue_are_free(loads: tuple[Load, ...]) -> None:
    machine = Machine(*loads)
    waited = wait(machine)
    assert (waited.settled, waited.load, machine.looks) == (True, FREE, 3)


def test_a_free_machine_is_looked_at_once() -> None:
    machine = Machine(FREE)
    assert wait(machine).settled
    assert machine.looks == 1


@pytest.mark.parametrize("interval", [0.1, 0.7, 3.0, 60.0])
@pytest.mark.parametrize("longest", [0.0, 1.0, 5.0])
def test_it_never_waits_longer_than_it_may(interval: float, longest: float) -> None:
    machine = Machine(BUSY)
    waited = wait(machine, check_interval=interval, max_wait_time=longest)
    assert not waited.settled
    assert machine.now - 100.0 <= longest + 1e-6


def test_a_look_that_takes_its_time_counts_as_waiting() -> None:
    machine = Machine(BUSY, slowness=2.0)
    assert not wait(machine, max_wait_time=5.0).settled
    assert machine.looks == 3


def test_switched_off_it_does_not_even_look() -> None:
    machine = Machine(BUSY)
    assert wait(machine, throttle_disable=True).settled
    assert machine.looks == 0


@pytest.fixture
def said() -> Iterator[Said]:
    handler = BufferingHandler(capacity=100)
    log = logging.getLogger("cpu_throttler")
    level = log.level
    log.addHandler(handler)
    log.setLevel("INFO")
    yield lambda: [(record.levelname, record.getMessage()) for record in handler.buffer]
    log.removeHandler(handler)
    log.setLevel(level)


def test_waiting_is_told_once_and_going_on_regardless_is_a_warning(said: Said) -> None:
    wait(Machine(BUSY), max_wait_time=1.0)
    assert said() == [
        ("INFO", "CPU 97 %, load average 1.0: waiting up to 1 s"),
        ("WARNING", "still busy after 1.0 s (CPU 97 %, load average 1.0): going on"),
    ]


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("CPU_THRESHOLD", "75", 75.0),
        ("LOAD_AVG_THRESHOLD", "2.5", 2.5),
        ("CHECK_INTERVAL", "1", 1.0),
        ("MAX_WAIT_TIME", "0", 0.0),
        ("THROTTLE_DISABLE", "True", True),
        ("THROTTLE_DISABLE", "0", False),
        ("LOG_LEVEL", "debug", "DEBUG"),
    ],
)
def test_every_variable_is_read(name: str, text: str, value: object) -> None:
    assert getattr(Settings.from_environment({name: text}), name.lower()) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("CPU_THRESHOLD", "ninety"),
        ("MAX_WAIT_TIME", "-1"),
        ("MAX_WAIT_TIME", "inf"),
        ("CHECK_INTERVAL", "nan"),
        ("THROTTLE_DISABLE", "perhaps"),
        ("LOG_LEVEL", "LOUD"),
    ],
)
def test_a_value_that_means_nothing_is_named(name: str, text: str) -> None:
    with pytest.raises(InvalidSetting, match=name):
        Settings.from_environment({name: text})


def test_the_machine_is_really_measured() -> None:
    load = measure(0.01)
    assert 0 <= load.cpu_percent <= 100
    assert load.load_average >= 0


def test_a_host_is_configured_only_after_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    class Waited(Exception):
        pass

    def wait() -> None:
        raise Waited

    monkeypatch.setattr("windmill.scripts.configure_host.throttle", wait)
    with pytest.raises(Waited):
        configure_host("any")


def test_a_platform_hands_the_settings_to_its_jobs() -> None:
    documented = {field.name.upper() for field in fields(Settings)}
    given = dict.fromkeys(documented, "1") | {"PATH": "/bin"}
    assert set(job_settings(given)) == documented
    assert job_settings({"LOG_LEVEL": "INFO\nDATABASE_URL=x", "MAX_WAIT_TIME": ""}) == {}


def test_as_a_step_it_tells_what_it_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CPU_THRESHOLD", "1000")
    monkeypatch.setenv("LOAD_AVG_THRESHOLD", "100000")
    told = main()
    assert told["settled"]
    assert set(told["load"]) == {"cpu_percent", "load_average"}
