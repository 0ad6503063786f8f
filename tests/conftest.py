"""What could not be had here is named at the end of every run."""

from collections import Counter

import pytest

from tests.tools.needs import MISSING


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = [report.longrepr[2] for report in skipped if isinstance(report.longrepr, tuple)]
    told = Counter(reason.partition(MISSING)[2] for reason in reasons if MISSING in reason)
    if told:
        terminalreporter.section("missing on this machine")
    for tool, tests in sorted(told.items()):
        terminalreporter.line(f"{tool}: {tests} tests were skipped")
