"""What holds for the tests of this folder."""

from __future__ import annotations

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many calls were made to fail, and what came of it."""
    told = [
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == "faults" and getattr(report, "when", "") == "call"
    ]
    single = [each for each in told if each[0] != "two at once"]
    if not single:
        return
    wrong = sum(problems for _, _, problems in told)
    runs = sum(calls for _, calls, _ in told)
    words = "0 wrong passes, 0 lost pairs" if not wrong else f"{wrong} wrong"
    terminalreporter.write_line(
        f"{single[0][1]} calls x {len(single)} faults, {runs} audits: {words}"
    )
