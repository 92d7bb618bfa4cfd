"""What `collectors doctor` says of the reading of code."""

from __future__ import annotations

from collections.abc import Iterator

from policyscan.collectors.code.semgrep.engines import find_engines
from policyscan.collectors.code.semgrep.search import INSTALL


def examine() -> Iterator[tuple[str, str]]:
    """Whether semgrep is here, and how it would be started. It is not started."""
    engines = find_engines()
    if engines:
        ways = " or ".join(engine.name for engine in engines)
        yield "semgrep", f"ok: semgrep {engines[0].version}, {ways}"
    else:
        yield "semgrep", f"missing: {INSTALL}"
