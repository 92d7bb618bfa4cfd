"""The command line. Parsing and printing only; what a command does lives in the other packages."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from policyscan.cli.signals import watch_signals
from policyscan.errors import FileError, InvariantError, PolicyscanError
from policyscan.text.interrupts import listening

if TYPE_CHECKING:
    from policyscan.cli.signals import Signals

ISSUES = "https://github.com/policyscan/policyscan/issues"
GC_THRESHOLD = 100_000
"""New objects between two searches for garbage. What a command makes lives until its end: searching
after every 700, as Python does, is a fifth of the work on a large tree."""


def run() -> NoReturn:
    """The console script. Ends the process at once: to take apart everything that a scan has made,
    object by object, is an eighth of a short run and serves nobody."""
    with watch_signals() as signals:
        _take_streams()
        try:
            code = main()
            for stream in filter(None, (sys.stdout, sys.stderr)):
                with suppress(OSError, ValueError):  # the reader of a pipe may have gone
                    stream.flush()
        except KeyboardInterrupt:
            code = signals.exit_code
        os._exit(code)


def _take_streams() -> None:
    """Where a standard stream is closed, the next file to be opened would become it."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    if sys.stderr is None:  # `print` would take standard output in its place
        sys.stderr = os.fdopen(2, "w")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns the exit code of the process; nothing escapes as a traceback."""
    gc.set_threshold(GC_THRESHOLD)
    arguments = list(sys.argv[1:] if argv is None else argv)
    with watch_signals() as signals:
        code = _outcome(arguments, signals)
        return signals.exit_code if signals.pending else code


def _outcome(arguments: list[str], signals: Signals) -> int:
    try:
        with listening():
            return _run(arguments, signals)
    except SystemExit as end:  # argparse, after --help and --version
        return end.code if isinstance(end.code, int) else 0
    except KeyboardInterrupt:
        left = "not every report" if signals.insisted else "no report"
        _say(f"policyscan: interrupted; {left} was written")
        return signals.exit_code
    except BrokenPipeError:  # whoever read the output, `head` for example, has seen enough
        return 128 + signal.SIGPIPE
    except PolicyscanError as error:
        _explain(error)
        return error.exit_code
    except Exception as error:
        _apologise(error, debug="--debug" in arguments)
        return PolicyscanError.exit_code


def _run(arguments: list[str], signals: Signals) -> int:
    from policyscan.cli.parser import build_parser

    options = build_parser(arguments).parse_args(arguments)
    options.arguments = tuple(arguments)
    options.signals = signals
    code: int = options.run(options)
    return code


def _explain(error: PolicyscanError) -> None:
    lines = [f"policyscan: {error}"]
    if isinstance(error, FileError) and error.snippet:
        lines += error.snippet.split("\n")
    if error.hint:
        lines += f"  {error.hint}".split("\n")
    if isinstance(error, InvariantError):
        lines.append(
            f"  This is a defect of policyscan, not of what it read. Please report it: {ISSUES}"
        )
    _say(*lines)


def _apologise(error: BaseException, *, debug: bool) -> None:
    """The message of an unforeseen exception stays out: it may quote what was being read."""
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "an unknown place"
    way = "  Run it again with --debug for the way there."
    if debug:
        way = "".join(traceback.format_list(frames)).rstrip()
    _say(
        f"policyscan: a defect of policyscan ended the run: {type(error).__name__} at {place}",
        *way.split("\n"),
        f"  Please report it: {ISSUES}",
    )


def _say(*lines: str) -> None:
    from policyscan.cli.saying import note  # late: most commands have nothing to complain of

    note(*lines)
