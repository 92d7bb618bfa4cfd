"""Brings a report to everywhere it was asked for."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from policyscan.cli.output import (
    STDOUT,
    Output,
    check_files,
    is_stream,
    parse_outputs,
    write_file,
    write_stdout,
)
from policyscan.cli.saying import note
from policyscan.errors import PolicyscanError
from policyscan.plugins import load_reporter

if TYPE_CHECKING:
    from policyscan.findings.report import Report
    from policyscan.reporters.interface import Reporter

LOG_WIDTH = 100
"""Columns where there is no terminal to ask."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """The reports asked for, each with its reporter and a place that was found fit beforehand."""

    parcels: tuple[tuple[Output, Reporter, Path | None], ...]

    @classmethod
    def prepare(cls, options: argparse.Namespace, scanned: Path | None) -> Delivery:
        """Everything that can go wrong before the work does so here, as a `UsageError`; `scanned`
        is the tree whose symbolic links are not followed."""
        silent = getattr(options, "quiet", False) and not options.output
        outputs = () if silent else parse_outputs(options.output)
        reporters = [load_reporter(each.format, _settings(options, each)) for each in outputs]
        return cls(tuple(zip(outputs, reporters, check_files(outputs, scanned), strict=True)))

    def deliver(self, report: Report) -> None:
        """Writes every report; files first, so that they are there when the console says so and
        however long the reader of a pipe takes. One
        that fails takes no other along; raises `PolicyscanError` with all that failed."""
        failed: list[PolicyscanError] = []
        parcels = sorted(self.parcels, key=lambda parcel: not parcel[2] or is_stream(parcel[2]))
        _deliver(parcels, report, failed)
        if failed:
            raise PolicyscanError("; ".join(error.message for error in failed), hint=failed[0].hint)

    def close(self, report: Report) -> None:
        """Says on standard error what was written, and the outcome unless the console said it."""
        from policyscan.reporters.console import closing_words

        lines = [f"wrote {path}" for _, _, path in self.parcels if path]
        if Output("console", STDOUT) not in (output for output, *_ in self.parcels):
            lines.append(closing_words(report))
        note(*(f"policyscan: {line}" for line in lines))


def _deliver(
    parcels: Sequence[tuple[Output, Reporter, Path | None]],
    report: Report,
    failed: list[PolicyscanError],
) -> None:
    for index, (_, reporter, path) in enumerate(parcels):
        try:
            if path:  # no name for what was rendered: it may be large, and the next one too
                write_file(path, reporter.render(report))
            else:
                write_stdout(reporter.render(report))
        except PolicyscanError as error:
            failed.append(error)
        except Exception:  # a defect of one reporter
            _deliver(parcels[index + 1 :], report, failed)
            raise


def use_colour(stream: TextIO | None, environ: Mapping[str, str]) -> bool:
    """https://no-color.org and its counterpart FORCE_COLOR, else whether it is a terminal; None is
    a stream that is closed."""
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR"):
        return environ["FORCE_COLOR"] != "0"
    return stream is not None and stream.isatty() and environ.get("TERM") != "dumb"


def _settings(options: argparse.Namespace, output: Output) -> dict[str, object]:
    """What reporters may take. A file has no terminal's width and colours."""
    settings: dict[str, object] = {
        "colour": output.to_stdout and use_colour(sys.stdout, os.environ),
        "width": shutil.get_terminal_size((LOG_WIDTH, 24)).columns
        if output.to_stdout
        else LOG_WIDTH,
        "verbose": options.verbose,
        "unchanged": options.sarif_unchanged,
        "runs": options.sarif_runs,
        "changed": getattr(options, "changed", False),
    }
    if options.category:
        settings["category"] = options.category
    return settings
