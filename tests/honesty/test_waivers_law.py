"""Whatever waivers say: nothing but a failure is ever waived, and nothing else changes."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from policyscan.config import Configuration
from policyscan.config.waivers import WaiverSettings
from policyscan.findings.difference import Before, Known
from policyscan.findings.model import Finding, Verdict
from policyscan.findings.profiles import load_profile
from policyscan.findings.report import Report
from policyscan.findings.waivers import Acceptance, WaiverEntry, WaiverFile, parse_waivers
from policyscan.gate.waivers import Accepted, waived
from policyscan.gate.waivers.candidates import STATES
from policyscan.gate.waivers.writing import with_waiver
from policyscan.pipeline import ScanRequest, scan
from policyscan.text.no_tree import NoTree
from policyscan.text.source import Source
from tests.scanning import scan_files

DESK = Path(__file__).parents[2] / "examples" / "trading-desk"
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


@cache
def desk() -> Report:
    request = ScanRequest(DESK, Configuration(), load_profile("audit", DESK))
    return scan(request, now=NOW)


FINDINGS = st.deferred(lambda: st.sampled_from(desk().findings))
FAILING = st.deferred(lambda: st.sampled_from(desk().of(Verdict.FAIL)))
GLOBS = st.sampled_from(["*", "aws_*", "*.bot*", "?*", "x", "Dockerfile*", "[", "*[0]"])
PEOPLE = st.sampled_from(["ana", "Ana ", "bo", "cy"])


DAYS = st.integers(-500, 500).map(lambda days: NOW.date() + timedelta(days=days))


@st.composite
def entries(draw: st.DrawFn) -> WaiverEntry:
    """Waivers of whatever is there, all right but for one thing at most."""
    of, other = draw(FAILING), draw(FINDINGS)
    wrong = draw(st.sampled_from(["", "", "people", "days", "values", "policy", "address"]))
    owner, approver, since, expires = "ana", "bo", NOW.date(), NOW.date() + timedelta(days=1)
    policy, address = of.policy_id, draw(GLOBS | st.just(of.resource.address))
    accepts: tuple[Acceptance, ...] | None = (Acceptance(of.facts),)
    match wrong:
        case "people":
            owner, approver = draw(PEOPLE), draw(PEOPLE)
        case "days":
            since, expires = draw(DAYS), draw(DAYS)
        case "values":
            values = draw(st.sampled_from([other.facts, {}, {"ingress": {"at most": []}}]))
            lists = GLOBS.map(lambda glob: (Acceptance(values, glob), Acceptance({})))
            accepts = draw(st.none() | st.just((Acceptance(values),)) | lists)
        case "policy":
            policy = draw(st.sampled_from([other.policy_id, "PS-X-001"]))
        case "address":
            address = other.resource.address
    by_print = draw(st.booleans())
    return WaiverEntry(
        id=f"W{draw(st.integers(0, 10**9))}",
        reason="because",
        owner=owner,
        approver=approver,
        since=since,
        expires=expires,
        fingerprint=of.fingerprint if by_print else "",
        policy="" if by_print else policy,
        address="" if by_print else address,
        unit=draw(st.sampled_from(["", "*", of.resource.unit])),
        accepts=accepts,
    )


MADE = st.lists(entries(), max_size=8, unique_by=lambda entry: entry.id)
SETTINGS = st.just(WaiverSettings()) | st.builds(
    WaiverSettings,
    longest=st.integers(1, 400),
    soon=st.integers(1, 60),
    approvers=st.sampled_from([(), ("bo",), ("cy", "BO")]),
    policies_never=st.sampled_from([(), ("NET",), ("PS-NET-004", "KEY")]),
    inline=st.booleans(),
)


@cache
def trusted() -> Before:
    return Before("base", "main", "", tuple(map(Known.of, desk().findings)), ())


def untouched(finding: Finding) -> Finding:
    return replace(
        finding, verdict=Verdict.FAIL, waiver="", unwaived="", blocking=False, blocking_reason=""
    )


def test_only_failures_become_waived_and_nothing_else_changes() -> None:
    held: list[bool] = []

    @settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow], deadline=None)
    @given(MADE, SETTINGS, st.booleans(), st.data())
    def run(
        made: list[WaiverEntry], held_to: WaiverSettings, has_trust: bool, data: st.DataObject
    ) -> None:
        held.append(holds(made, held_to, has_trust, data))

    run()
    assert sum(held) > 20, "of too many nothing was accepted"


def holds(
    made: list[WaiverEntry], held_to: WaiverSettings, has_trust: bool, data: st.DataObject
) -> bool:
    """Whether something was accepted; fails unless all of the law is kept."""
    before = desk().findings
    file = WaiverFile("w", "", tuple(made))
    ids = frozenset(policy.id for policy in desk().policies)
    accepted = Accepted(trusted() if has_trust else None, file=file, settings=held_to, policies=ids)
    after, records = waived(accepted, before, {}, NOW)
    assert len(after) == len(before)
    for one, other in zip(before, after, strict=True):
        if one.verdict is Verdict.FAIL:
            assert other.verdict in (Verdict.FAIL, Verdict.WAIVED)
            assert untouched(one) == untouched(other)
            assert bool(other.waiver) == (other.verdict is Verdict.WAIVED)
        else:
            assert other == one
    counts, now = Counter(f.verdict for f in before), Counter(f.verdict for f in after)
    assert now[Verdict.FAIL] + now[Verdict.WAIVED] == counts[Verdict.FAIL]
    held = {entry.id: entry for entry in made}
    today = NOW.date()
    for finding in after:
        if finding.verdict is Verdict.WAIVED:
            entry = held[finding.waiver]
            assert entry.since <= today <= entry.expires
            assert (entry.expires - entry.since).days <= held_to.longest
            assert entry.owner.strip().casefold() != entry.approver.strip().casefold()
            assert entry.accepts is not None
            assert not {finding.policy_id, finding.policy_id.split("-")[1]} & {
                *held_to.policies_never
            }
    assert len(records) == len(made)
    assert all(record.status in STATES for record in records)
    mixed = data.draw(st.permutations(made))
    again, _ = waived(replace(accepted, file=replace(file, entries=tuple(mixed))), before, {}, NOW)
    assert [one.verdict for one in again] == [one.verdict for one in after]
    return Verdict.WAIVED in now


class Commented(NoTree):
    """A tree of which something was read."""

    def __init__(self, *sources: Source) -> None:
        super().__init__()
        self._found = sources

    def sources(self) -> tuple[Source, ...]:
        return self._found


COMMENTS = st.tuples(
    st.sampled_from(["#", "//", "/*", " *", "<!--", ";", '"#', "--", ""]),
    st.sampled_from(["PS-NET-004", "PS-NET-001", "PS-IMG-001", "PS-X-001", "*"]),
    st.sampled_from(["2026-11-28", "2027-01-31", "2099-01-01", "2026-01-01", "soon"]),
    st.sampled_from(["because x", "because", "", "because \u202e\x1b[31m */ -->"]),
).map(lambda parts: f"{parts[0]} policyscan: waive {parts[1]} until {parts[2]} {parts[3]}")


@cache
def placed() -> tuple[Finding, ...]:
    """The failures in Terraform, each at a line of its own resource."""
    failing = desk().of(Verdict.FAIL)
    return tuple(one for one in failing if one.location and one.location.path.endswith(".tf"))


SOUND = st.deferred(lambda: st.sampled_from(placed())).map(
    lambda one: (one, f"# policyscan: waive {one.policy_id} until 2027-01-31 because x")
)
WHOSE = st.just((False, True)) | st.tuples(st.booleans(), st.booleans())
"""Whether there is a trusted side, and whether the tree is trusted itself."""
ODD = st.tuples(st.deferred(lambda: st.sampled_from(placed())), COMMENTS)


def test_comments_waive_failures_alone_and_none_that_a_pull_request_wrote() -> None:
    held: Counter[bool] = Counter()

    @settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow], deadline=None)
    @given(st.lists(SOUND | ODD, min_size=1, max_size=6), WHOSE)
    def run(made: list[tuple[Finding, str]], whose: tuple[bool, bool]) -> None:
        held[comments_hold(made, *whose)] += 1

    run()
    assert held[True] > 5, "of too few something was accepted"


def comments_hold(made: list[tuple[Finding, str]], has_trust: bool, trusts_tree: bool) -> bool:
    """Whether one of these comments, each at the line of a failure, accepts something."""
    lines: dict[str, list[str]] = {}
    for finding, text in made:
        assert finding.location is not None
        path = finding.location.path
        lines.setdefault(path, (DESK / path).read_text().splitlines())
        lines[path][finding.location.start_line - 1] += f" {text}"
    sources = [Source(path, "\n".join(each).encode()) for path, each in lines.items()]
    after, records = waived(
        Accepted(trusted() if has_trust else None, trusts_tree, tree=Commented(*sources)),
        desk().findings,
        {},
        NOW,
    )
    for one, other in zip(desk().findings, after, strict=True):
        if one.verdict is not Verdict.FAIL:
            assert other == one
        elif other.verdict is Verdict.WAIVED:
            assert trusts_tree
            assert not has_trust, "nothing of it is on the trusted side"
            assert date.fromisoformat(next(r for r in records if r.id == other.waiver).expires)
    return any(one.verdict is Verdict.WAIVED for one in after)


@pytest.mark.parametrize("settings_", ["", "\nwaivers: {inline: false}"])
def test_a_report_counts_as_many_with_waivers_as_without(settings_: str, tmp_path: Path) -> None:
    opened = """
        # policyscan: waive PS-NET-004 until 2026-03-01 because it moves
        resource "aws_security_group" "open" {
          ingress {
            from_port   = 22
            to_port     = 22
            protocol    = "tcp"
            cidr_blocks = ["0.0.0.0/0"]
          }
        }
        """
    from policyscan.config import parse_configuration

    configuration = parse_configuration("p", f"version: 1{settings_}\n".encode())
    with_comment = scan_files(tmp_path / "a", {"main.tf": opened}, configuration=configuration)
    plain: dict[str, Any] = {"main.tf": opened.replace("policyscan:", "note:")}
    without = scan_files(tmp_path / "b", plain, configuration=configuration)
    assert sum(with_comment.summary.verdicts.values()) == sum(without.summary.verdicts.values())
    assert with_comment.summary.verdicts[Verdict.WAIVED] == (0 if settings_ else 1)
    for entry in with_comment.ledger:
        assert entry.balanced


@pytest.mark.parametrize("is_many", [False, True])
def test_every_failure_can_be_accepted_as_it_is(is_many: bool) -> None:
    """What `policyscan waive` writes holds, for whatever fails in the example."""
    data = b"version: 1\nwaivers:\n"
    failing = [one for one in desk().findings if one.verdict is Verdict.FAIL]
    for number, one in enumerate(failing):
        entry = WaiverEntry(
            id=f"W{number}",
            reason="because",
            owner="ana",
            approver="bo",
            since=NOW.date(),
            expires=NOW.date() + timedelta(days=30),
            fingerprint=one.fingerprint,
            accepts=(Acceptance(one.facts, one.resource.address if is_many else ""),),
        )
        data = with_waiver("w", data, entry, one.message)
    after, records = waived(Accepted(file=parse_waivers("w", data)), desk().findings, {}, NOW)
    assert not [one for one in after if one.verdict is Verdict.FAIL]
    assert {record.status for record in records} == {"in force"}
