"""What `collectors doctor` says of the reading of code."""

from __future__ import annotations

from collections.abc import Iterator

from policyscan.collectors.code.semgrep.engines import find_engines
from policyscan.collectors.code.semgrep.search import INSTALL


def examine() -> Iterator[tuple[str, str]]:
    """Which semgrep is here, and by which of its doors it is started. It is not started now."""
    engines = find_engines()
    if not engines:
        yield "semgrep", f"missing: {INSTALL}"
    for engine in engines:
        yield f"semgrep, {engine.name}", f"ok: {engine.version}"
