"""What commands print besides reports: what they were asked for on standard output (`say`), and
remarks on standard error (`note`). It steers no terminal and gives a CI system no order, whatever
names and texts are in it."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from typing import Any

from policyscan.cli.output import put
from policyscan.errors import PolicyscanError
from policyscan.text.display import one_line
from policyscan.text.logsafe import json_without_orders, without_orders


def say(*lines: str) -> None:
    """Prints lines on standard output. Raises `PolicyscanError` if the system refuses; where nobody
    reads, or the stream is closed, nothing is wrong."""
    say_painted(*map(one_line, lines))


def say_painted(*lines: str) -> None:
    """The same for lines of a `Page`, in which colours are ours and all else is safe already."""
    _print("".join(f"{without_orders(line)}\n" for line in lines).encode())


def say_json(value: Any) -> None:
    """Prints a value as JSON in ASCII."""
    text = json.dumps(value, indent=2, default=str)
    _print(json_without_orders(text.encode()) + b"\n")


def note(*lines: str) -> None:
    """Prints lines on standard error, whether anybody reads them or not."""
    with suppress(OSError):
        for line in lines:
            print(without_orders(one_line(line)), file=sys.stderr)


def _print(data: bytes) -> None:
    if sys.stdout is None:
        return
    try:
        put(data)
    except OSError as error:
        raise PolicyscanError(
            f"standard output: not everything was printed: {error.strerror}",
            hint="Free some space, or send it elsewhere.",
        ) from None
