from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from policyscan.errors import GapReason, UsageError
from policyscan.findings import (
    Change,
    Finding,
    GapRecord,
    Plane,
    ResourceRef,
    Severity,
    Verdict,
    Witness,
)
from policyscan.findings.profiles import (
    load_profile,
    parse_profile,
    profile_names,
)
from policyscan.resources.base import ProofLevel
from policyscan.resources.scope import BASES

HERE = Path()
CI = load_profile("ci", HERE)


def finding(proof: ProofLevel = ProofLevel.CONFIGURED, **changes: Any) -> Finding:
    values: dict[str, Any] = {
        "verdict": Verdict.FAIL,
        "severity": Severity.HIGH,
        "plane": Plane.CHANGE,
    }
    return Finding(
        "PS-NET-004",
        1,
        "No port is open",
        message="port 22 is open",
        resource=ResourceRef("SecurityGroup", "group.bot", ".", "terraform", ".", proof),
        fingerprint="f1",
        witnesses=(Witness("ingress[0]", "22"),),
        reason="it is so",
        needs=("a value",),
        **values | changes,
    )


def gap(reason: GapReason, change: Change | None = None) -> GapRecord:
    return GapRecord(reason, "main.tf", "not read", "terraform", ".", change=change)


EVERY_FINDING = [
    finding(
        proof,
        verdict=verdict,
        severity=severity,
        plane=plane,
        scope_basis=basis,
        conditional="if created" if conditional else "",
        change=change,
    )
    for verdict, severity, plane, proof, basis, conditional, change in itertools.product(
        Verdict, Severity, Plane, ProofLevel, ("", *BASES), (False, True), (None, *Change)
    )
]


def test_ci_blocks_exactly_what_the_design_says() -> None:
    for finding in EVERY_FINDING:
        expected = (
            finding.verdict is Verdict.FAIL
            and finding.severity in (Severity.HIGH, Severity.CRITICAL)
            and finding.plane is Plane.CHANGE
            and finding.resource.proof in (ProofLevel.OBSERVED, ProofLevel.CONFIGURED)
            and finding.scope_basis not in ("named", "default")
            and finding.change not in (Change.UNCHANGED, Change.BETTER)
        )
        assert CI.blocks_finding(finding)[0] is expected, finding


def test_audit_blocks_every_failure_unknown_and_gap() -> None:
    audit = load_profile("audit", HERE)
    for finding in EVERY_FINDING:
        expected = finding.verdict in (Verdict.FAIL, Verdict.UNKNOWN)
        assert audit.blocks_finding(finding)[0] is expected
    assert all(audit.blocks_gap(gap(reason))[0] for reason in GapReason)


def test_advise_blocks_nothing() -> None:
    advise = load_profile("advise", HERE)
    assert not any(advise.blocks_finding(finding)[0] for finding in EVERY_FINDING)
    assert not any(advise.blocks_gap(gap(reason))[0] for reason in GapReason)


def test_ci_lets_only_two_kinds_of_gap_through() -> None:
    through = {reason for reason in GapReason if not CI.blocks_gap(gap(reason))[0]}
    assert through == {GapReason.NOT_FETCHED, GapReason.UNSUPPORTED}


@pytest.mark.parametrize("name", profile_names())
def test_every_failure_and_unknown_has_a_reason(name: str) -> None:
    profile = load_profile(name, HERE)
    for finding in EVERY_FINDING:
        assert bool(profile.blocks_finding(finding)[1]) is (
            finding.verdict in (Verdict.FAIL, Verdict.UNKNOWN)
        )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, "critical or high severity, and a change mends it"),
        ({"severity": Severity.LOW}, "only critical and high severity block"),
        ({"scope_basis": "named"}, "scope not confirmed"),
        (
            {"proof": ProofLevel.ASSERTED},
            "a program's text or a person's word is weaker evidence than a configuration",
        ),
    ],
)
def test_reasons_are_in_words(changes: dict[str, object], reason: str) -> None:
    assert CI.blocks_finding(finding(**changes))[1] == reason


def test_the_record_states_every_rule() -> None:
    record = CI.record()
    assert record.name == "ci"
    assert (
        "A finding whose severity is medium or low does not block: "
        "only critical and high severity block" in record.rules
    )
    assert record.rules[-1] == "Any other gap blocks: what was not seen may hide a failure"


MINIMAL = """\
version: 1
name: mine
findings:
  - when: {conditional: [true]}
    blocks: false
    because: it may not exist
  - blocks: true
    because: it fails
gaps:
  - blocks: true
    because: unseen
"""


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(MINIMAL)
    profile = load_profile("mine.yaml", tmp_path)
    assert profile.record().name == "mine (mine.yaml)"
    assert profile.blocks_finding(finding(conditional=True)) == (False, "it may not exist")
    assert profile.blocks_finding(finding()) == (True, "it fails")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  - blocks: true\n    because: it fails\n", "", "the last rule of findings"),
        ("conditional", "colour", "unknown key 'colour'"),
        ("[true]", "[maybe]", "'maybe'; write one of true, false"),
        ("blocks: false", "blocks: perhaps", "'perhaps'; write one of true, false"),
        ("name: mine\n", "", "a profile needs name"),
        ("gaps:\n  - blocks: true\n    because: unseen\n", "gaps: []\n", "the last rule of gaps"),
        ("    because: it may not exist\n", "", "lacks 'because'"),
        (MINIMAL, "", "a profile needs name, findings, gaps"),
    ],
)
def test_complaints(old: str, new: str, message: str) -> None:
    assert old in MINIMAL
    with pytest.raises(UsageError) as caught:
        parse_profile("p.yaml", MINIMAL.replace(old, new, 1).encode())
    assert message in str(caught.value)
    assert str(caught.value).startswith("p.yaml")


@pytest.mark.parametrize("name", ["strict", "missing.yaml"])
def test_a_profile_that_is_not_there_lists_those_that_are(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_profile(name, HERE)
    assert "advise, audit, ci" in caught.value.hint
