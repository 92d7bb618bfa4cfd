"""What a report of very many findings costs to write, in every format, in one process.

The findings are those of the example, each again and again under another root: texts, excerpts and
provenance are those of real ones, names, places and fingerprints are all different.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator
from operator import is_
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from policyscan.findings import Finding, Report, Verdict
from policyscan.findings.model import Location
from policyscan.plugins import load_reporter
from tests.github_rules import assert_github_takes

FINDINGS = 60_000
FORMATS = ("json", "html", "junit", "sarif", "sarif-full")
MOST_SECONDS = 60
"""Of CPU: nothing here waits, and other programs may run on the machine."""
MOST_MEGABYTES = 600


def repeated(report: Report, number: int) -> Report:
    """`report` with as many failures, all with a place of their own."""
    found = [one for one in report.findings if one.verdict is Verdict.FAIL and one.location]
    made = tuple(_again(found[index % len(found)], index // len(found)) for index in range(number))
    counts = Counter(one.verdict for one in made)
    summary = replace(
        report.summary,
        verdicts={verdict: counts[verdict] for verdict in Verdict},
        blocking_findings=sum(one.blocking for one in made),
    )
    return replace(report, findings=made, summary=summary)


def _again(finding: Finding, turn: int) -> Finding:
    """`finding` in the root number `turn`."""
    moved: Finding = _moved(finding, f"teams/{turn:04}/", turn)
    unit = f"teams/{turn:04}/{finding.resource.unit}"
    return replace(
        moved,
        fingerprint=_digest(f"{turn} {finding.fingerprint}")[:32],
        resource=replace(finding.resource, unit=unit),
    )


def _moved(value: Any, prefix: str, turn: int) -> Any:
    """What says nothing of a place is shared, as a scan shares equal parts of derivations."""
    if isinstance(value, Location):
        line_hash = value.line_hash and f"{_digest(f'{turn}{value.line_hash}')[:16]}:1"
        return replace(value, path=prefix + value.path, line_hash=line_hash)
    if isinstance(value, tuple):
        moved = tuple(_moved(one, prefix, turn) for one in value)
        return value if all(map(is_, moved, value)) else moved
    if isinstance(value, Struct):
        members = {name: getattr(value, name) for name in value.__struct_fields__}
        changed = {name: _moved(one, prefix, turn) for name, one in members.items()}
        changed = {name: one for name, one in changed.items() if one is not members[name]}
        return replace(value, **changed) if changed else value
    return value


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def peak_megabytes() -> float:
    """The most memory that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def written(report: Report, folder: Path) -> Iterator[str]:
    """Writes every format into `folder` as a scan does; a line for each."""
    for name in FORMATS:
        start, cpu = time.perf_counter(), time.process_time()
        (folder / name).write_bytes(load_reporter(name, {}).render(report))
        took, busy = time.perf_counter() - start, time.process_time() - cpu
        size, peak = (folder / name).stat().st_size / 1e6, peak_megabytes()
        yield f"{name:<10} {took:6.1f} s, CPU {busy:5.1f} s {size:8.1f} MB   peak {peak:5.0f} MB"


def main() -> int:
    """Measures; 1 if it takes more than was promised, or if SARIF has not every failure once."""
    from scripts.samples import scan_example

    number = int(sys.argv[1]) if len(sys.argv) > 1 else FINDINGS
    report = repeated(scan_example(), number)
    print(f"{number:,} findings; the report itself: peak {peak_megabytes():.0f} MB")
    with TemporaryDirectory() as folder:
        start, cpu = time.perf_counter(), time.process_time()
        for line in written(report, Path(folder)):
            print(line, flush=True)
        took, busy = time.perf_counter() - start, time.process_time() - cpu
        peak = peak_megabytes()
        whole = _all_in_sarif(Path(folder) / "sarif", report)
    print(f"together {took:.1f} s, CPU {busy:.1f} s, at most {MOST_SECONDS}")
    print(f"peak {peak:.0f} MB, at most {MOST_MEGABYTES}")
    return int(busy > MOST_SECONDS or peak > MOST_MEGABYTES or not whole)


def _all_in_sarif(path: Path, report: Report) -> bool:
    data = path.read_bytes()
    assert_github_takes(data)
    runs = json.loads(data)["runs"]
    found = [one["partialFingerprints"]["policyscan/v1"] for run in runs for one in run["results"]]
    packed = len(gzip.compress(data, 6)) / 1e6
    print(f"SARIF: {len(runs)} runs, {len(found):,} results, {packed:.1f} MB packed")
    return sorted(found) == sorted(one.fingerprint for one in report.findings)


if __name__ == "__main__":
    sys.exit(main())
