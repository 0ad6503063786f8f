"""What could not be had is named at the end of a run; groups of tests stay together."""

from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.docker_engine.engine import Engine, running_engine
from tests.tools.needs import MISSING, need

# Random on purpose, in CI too: each run looks somewhere new. A failure prints what makes it
# happen again (@reproduce_failure). No deadline: a busy machine is no bug.
settings.register_profile("random", print_blob=True, deadline=None)
settings.load_profile("random")


@pytest.fixture(scope="session")
def docker_engine() -> Iterator[Engine]:
    """Tests that use it belong to the group `docker`: each pytest worker would start its own."""
    need("docker-engine")
    need("debian-image")
    with running_engine() as engine:
        yield engine


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = [report.longrepr[2] for report in skipped if isinstance(report.longrepr, tuple)]
    told = Counter(reason.partition(MISSING)[2] for reason in reasons if MISSING in reason)
    if told:
        terminalreporter.section("missing on this machine")
    for tool, tests in sorted(told.items()):
        terminalreporter.line(f"{tool}: {tests} tests were skipped")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Apart, every worker would start systems of its own: minutes, and told by nothing."""
    grouped = [item for item in session.items if item.get_closest_marker("xdist_group")]
    if session.config.getoption("loadgroup", False) and not all("@" in i.nodeid for i in grouped):
        raise pytest.UsageError("pytest-xdist does not keep groups together: see dev.in")
