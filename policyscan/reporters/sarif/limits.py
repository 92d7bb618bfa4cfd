"""What GitHub code scanning takes of one file, and how a report that is larger comes within it.

The numbers are those of GitHub's page "SARIF support for code scanning": a file over the first
three is refused whole, and of a run more than `MAX_RESULTS` are not shown.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence

from policyscan.findings.model import Change
from policyscan.reporters.sarif.selection import Placed
from policyscan.text.display import one_line

MAX_RUNS = 20
MAX_BYTES = 10_000_000
"""Of the file, compressed."""
MAX_RULES = 25_000
"""Of a run."""
MAX_RESULTS = 5_000
"""Of a run that are shown; GitHub takes 25,000."""

WORSENED = (Change.NEW, Change.WORSE)


def number_of_runs(results: int, wanted: int) -> int:
    """One, or all that a file may have: which run a result stands in must not hang on how many
    others there are. Another number only if it is `wanted`."""
    if wanted:
        return min(wanted, MAX_RUNS)
    return 1 if results <= MAX_RESULTS else MAX_RUNS


def divided(placed: Sequence[Placed], runs: int, limit: int) -> list[list[Placed]]:
    """The results of each run, in their order: at most `limit` of all, at most `MAX_RESULTS` in
    each; the weightiest. The first has room for one more if any is left out."""
    parts: list[list[Placed]] = [[] for _ in range(runs)]
    for one in weightiest(placed, limit):
        parts[_part_of(one, runs)].append(one)
    crowded = sum(map(len, parts)) < len(placed) or any(len(part) > MAX_RESULTS for part in parts)
    return [
        weightiest(part, MAX_RESULTS - (crowded and index == 0)) for index, part in enumerate(parts)
    ]


def weightiest(placed: Sequence[Placed], limit: int) -> list[Placed]:
    """At most `limit`, in their order: those that block, then those that are new or worse, then the
    most severe."""
    if len(placed) <= limit:
        return list(placed)
    by_weight = sorted(range(len(placed)), key=lambda index: (_weight(placed[index]), index))
    return [placed[index] for index in sorted(by_weight[:limit])]


def packed_size(data: bytes) -> int:
    """Bytes of `data` as GitHub's own action compresses it before it is sent."""
    return len(zlib.compress(data, level=6))


def _weight(one: Placed) -> tuple[bool, bool, int]:
    finding = one.finding
    return not finding.blocking, finding.change not in WORSENED, finding.severity.rank


def _part_of(one: Placed, runs: int) -> int:
    """Always the same for one finding, and about as many in each."""
    if runs == 1:
        return 0
    digest = hashlib.sha256(one_line(one.finding.fingerprint).encode()).digest()
    return int.from_bytes(digest[:8], "big") % runs
