"""Random edits of estates: what is compared is what is scanned whole, what an edit makes worse is
flagged, and nothing else is."""

from __future__ import annotations

import os
import random
import shutil
from collections import Counter
from pathlib import Path

import pytest
from msgspec.structs import replace

from policyscan.config import Configuration
from policyscan.findings.difference import Before, Known
from policyscan.findings.model import Change, Finding, Verdict
from policyscan.findings.profiles import load_profile
from policyscan.findings.report import Report
from policyscan.pipeline import ScanRequest, scan
from tests.honesty import estates
from tests.honesty.estates import EDITS, Estate
from tests.scanning import NOW, write

EDITED = int(os.environ.get("POLICYSCAN_EDITS", "100"))
"""How many edits are tried in all; campaigns ask for more."""
SEEDS = 4
JUDGED = (
    "PS-NET-004",
    "PS-NET-012",
    "PS-TLS-001",
    "PS-SEC-006",
    "PS-IMG-001",
    "PS-IMG-005",
    "PS-KEY-004",
)


def scanned(root: Path, estate: Estate, before: Before | None = None) -> Report:
    """The report on an estate written to an empty directory."""
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    request = ScanRequest(
        path=write(root, estate.files()),
        configuration=Configuration(),
        profile=load_profile("ci", root),
        baseline=before,
        is_kept=True,
    )
    return scan(request, now=NOW)


def as_base(report: Report) -> Before:
    pairs = tuple(map(Known.of, report.findings))
    return Before("base", "before", "", pairs, report.gaps)


def uncompared(finding: Finding) -> Finding:
    return replace(finding, change=None, before="", blocking=False, blocking_reason="")


@pytest.mark.parametrize("seed", range(SEEDS))
def test_what_an_edit_makes_worse_is_flagged_and_nothing_else(seed: int, tmp_path: Path) -> None:
    chance = random.Random(int(os.environ.get("POLICYSCAN_SEED", "0")) * 1000 + seed)
    estate = estates.start(chance)
    full = scanned(tmp_path / "estate", estate)
    for _ in range(EDITED // SEEDS):
        edits = chance.choices(EDITS, k=chance.choice((1, 1, 2, 3)))
        edited = estate.copy()
        for edit in edits:
            edit(edited, chance)
        said = f"seed {seed}: {', '.join(edit.__name__ for edit in edits)}"
        before, full = full, scanned(tmp_path / "estate", edited)
        compared = scanned(tmp_path / "estate", edited, as_base(before))

        assert [uncompared(f) for f in compared.findings] == [
            uncompared(f) for f in full.findings
        ], said
        assert all(finding.change is not None for finding in compared.findings), said
        assert_counts_add_up(before, compared, said)
        assert_gaps(estate, edited, compared, said)
        if not (estate.broken or edited.broken):
            assert flagged(compared) == estates.worse(estate, edited), said
        estate = edited


def flagged(report: Report) -> set[estates.Key]:
    return {
        (finding.policy_id, finding.resource.unit, finding.resource.address)
        for finding in report.of(Verdict.FAIL)
        if finding.change in (Change.NEW, Change.WORSE) and finding.policy_id in JUDGED
    }


def assert_counts_add_up(before: Report, compared: Report, said: str) -> None:
    """Every pair of the base has one counterpart or is gone, and none has two."""
    assert compared.difference is not None
    counts = compared.difference.counts
    changes = Counter(finding.change for finding in compared.findings)
    assert all(counts[change] == changes[change] for change in Change if change != Change.GONE)
    doubtful = (Verdict.FAIL, Verdict.UNKNOWN)
    old = len(compared.findings) - changes[Change.NEW]
    gone = sum(finding.verdict in doubtful for finding in before.findings)
    assert old <= len(before.findings), said
    assert counts[Change.GONE] == len(compared.difference.gone) <= gone, said


def assert_gaps(before: Estate, after: Estate, compared: Report, said: str) -> None:
    """A file that did not parse and is as it was, here or elsewhere, is no new gap; one that was
    edited is."""
    then, now = before.files(), after.files()
    known = {then[path] for path in before.broken & set(then)}
    for gap in compared.gaps:
        if gap.subject in now:
            expected = now[gap.subject] in known
            assert (gap.change is Change.UNCHANGED) is expected, f"{said}: {gap}"
