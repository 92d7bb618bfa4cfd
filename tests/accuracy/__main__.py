"""`make accuracy`: prints how right PS-TLS-004 is on the labelled snippets."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from tests.accuracy.measure import judge, lines, snippets

if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        for line in lines(judge(Path(folder), snippets())):
            print(line)  # noqa: T201
