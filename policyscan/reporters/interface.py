"""What a reporter is."""

from __future__ import annotations

from typing import Protocol

from policyscan.findings.report import Report


class Reporter(Protocol):
    """One format. Every finding and gap of the report can be found again in what it renders, or
    is counted there where the format has no place for it."""

    name: str
    """As written after `-o`: `json`, `sarif`."""
    suffix: str
    """Of a file in this format, with its dot."""

    def render(self, report: Report) -> bytes:
        """The report in this format; the same report gives the same bytes. Does no I/O and raises
        for no text that a report can hold."""
