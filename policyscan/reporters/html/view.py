"""The report arranged for the page: grouped, counted and in reading order. Nothing is dropped."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from policyscan.findings import (
    Drift,
    DriftState,
    Finding,
    PolicyRecord,
    Report,
    Severity,
    Verdict,
)
from policyscan.findings.model import Change, family_of
from policyscan.reporters.difference_words import WORDS, no_longer_judged
from policyscan.reporters.drift_words import differing, has_drift
from policyscan.reporters.html import charts, matrix, words
from policyscan.reporters.html.tally import Tally
from policyscan.reporters.words import place_seen

READING_ORDER = (
    Verdict.FAIL,
    Verdict.UNKNOWN,
    Verdict.PASS,
    Verdict.WAIVED,
    Verdict.NOT_APPLICABLE,
)

FEW = 10


@dataclass(frozen=True, slots=True)
class Group:
    """The findings of one verdict under one policy."""

    verdict: Verdict
    findings: tuple[Finding, ...]
    record: PolicyRecord | None
    tally: Tally
    """All verdicts of the policy, so that no count stands without its whole."""

    @property
    def policy_id(self) -> str:
        """The policy they share."""
        return self.findings[0].policy_id

    @property
    def severity(self) -> Severity:
        """The policy's one severity."""
        return self.findings[0].severity

    @property
    def title(self) -> str:
        """What the policy asks for."""
        return self.findings[0].title

    @property
    def family(self) -> str:
        """`NET` of `PS-NET-004`."""
        return family_of(self.policy_id)

    @property
    def blocking(self) -> int:
        """How many of them block."""
        return sum(1 for finding in self.findings if finding.blocking)


@dataclass(frozen=True, slots=True)
class SeverityRow:
    """How many verdicts of one severity fail."""

    severity: Severity
    fails: int
    blocking: int
    unknown: int
    total: int


@dataclass(frozen=True, slots=True)
class FamilyRow:
    """The verdicts of one control; those of policies in none stand under an empty name."""

    name: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class Option:
    """A value that a filter can ask for, and how many findings have it."""

    value: str
    label: str
    amount: int


@dataclass(frozen=True, slots=True)
class View:
    """Everything the templates need beside the report itself."""

    result: str
    unseen: str
    controls_result: str
    commit: str
    tally: Tally
    groups: dict[Verdict, tuple[Group, ...]]
    controls: tuple[matrix.ControlRow, ...]
    drafts: int
    """How many controls nobody has adopted."""
    uncontrolled: tuple[str, ...]
    """Policies that are evidence for no control."""
    outside: frozenset[str]
    """Criteria of categories that are not in scope."""
    frameworks: tuple[matrix.Framework, ...]
    families: tuple[FamilyRow, ...]
    severities: tuple[SeverityRow, ...]
    verdict_options: tuple[Option, ...]
    severity_options: tuple[Option, ...]
    family_options: tuple[Option, ...]
    change_options: tuple[Option, ...]
    """None in a run that is compared with nothing."""
    arisen: tuple[Finding, ...]
    """The failures that are new or worse, those that block first."""
    unsettled: tuple[Finding, ...]
    """What had a verdict before and has none now: not known, or no longer judged."""
    policies: dict[str, PolicyRecord]
    meanings: dict[Verdict, str]
    anchors: frozenset[str]
    """The ids of everything but findings that the page can link to."""
    bar_order: tuple[Verdict, ...]
    accounts: dict[str, tuple[str, ...]]
    """The accounts that were asked, each with its regions, `global` among them."""
    has_drift: bool
    """Whether there is anything to say of declared and real things."""
    differing: tuple[Drift, ...]
    agreeing: tuple[Drift, ...]
    open_blocking: bool
    """Whether so few findings block that the page shows their evidence at once."""

    @classmethod
    def of(cls, report: Report) -> View:
        """The view of one report."""
        by_policy = _by(report.findings, lambda finding: finding.policy_id)
        records = {record.id: record for record in report.policies}
        tallies = {policy: Tally.of(found) for policy, found in by_policy.items()}
        tally = Tally.of(report.findings)
        controls = matrix.control_rows(report, by_policy)
        severities = tuple(_severity_row(severity, report) for severity in Severity)
        return cls(
            result=words.result(report),
            unseen=words.unseen(report),
            controls_result=matrix.controls_sentence(controls),
            commit=words.commit(report),
            tally=tally,
            groups={v: _groups(report, v, records, tallies) for v in READING_ORDER},
            controls=controls,
            drafts=sum(1 for control in report.controls if control.draft),
            uncontrolled=tuple(record.id for record in report.policies if not record.controls),
            outside=frozenset(one.id for one in report.criteria if not one.in_scope),
            frameworks=matrix.frameworks(report, by_policy),
            families=_families(report, records),
            severities=severities,
            verdict_options=tuple(
                Option(v.value, words.verdict_word(v), tally[v]) for v in READING_ORDER
            ),
            severity_options=tuple(
                Option(row.severity.value, row.severity.value.capitalize(), row.total)
                for row in severities
            ),
            family_options=_family_options(report),
            change_options=_change_options(report),
            arisen=_arisen(report),
            unsettled=_unsettled(report),
            policies=records,
            meanings=words.MEANINGS,
            anchors=_anchors(report),
            bar_order=charts.ORDER,
            accounts=_accounts(report),
            has_drift=has_drift(report),
            differing=differing(report),
            agreeing=tuple(one for one in report.drift if one.state is DriftState.SAME),
            open_blocking=report.summary.blocking_findings <= FEW,
        )


def _accounts(report: Report) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for entry in report.ledger:
        account, _, region = entry.unit.partition("/")
        if region and place_seen(entry.unit) != entry.unit:
            found.setdefault(account, {})[region] = None
    return {account: tuple(regions) for account, regions in found.items()}


def _by(findings: Iterable[Finding], key: Callable[[Finding], str]) -> dict[str, list[Finding]]:
    grouped: dict[str, list[Finding]] = {}
    for finding in findings:
        grouped.setdefault(key(finding), []).append(finding)
    return grouped


def _groups(
    report: Report,
    verdict: Verdict,
    records: dict[str, PolicyRecord],
    tallies: dict[str, Tally],
) -> tuple[Group, ...]:
    """Worst first: blocking, then severity, then policy."""
    grouped = _by(report.of(verdict), lambda finding: finding.policy_id)
    groups = (
        Group(verdict, tuple(found), records.get(policy), tallies[policy])
        for policy, found in grouped.items()
    )
    return tuple(sorted(groups, key=lambda g: (not g.blocking, g.severity.rank, g.policy_id)))


def _severity_row(severity: Severity, report: Report) -> SeverityRow:
    found = [finding for finding in report.findings if finding.severity is severity]
    fails = [finding for finding in found if finding.verdict is Verdict.FAIL]
    return SeverityRow(
        severity,
        fails=len(fails),
        blocking=sum(1 for finding in fails if finding.blocking),
        unknown=sum(1 for finding in found if finding.verdict is Verdict.UNKNOWN),
        total=len(found),
    )


def _families(report: Report, records: dict[str, PolicyRecord]) -> tuple[FamilyRow, ...]:
    rows: dict[str, list[Finding]] = {control.id: [] for control in report.controls}
    rows[""] = []
    for finding in report.findings:
        record = records.get(finding.policy_id)
        for name in (record.controls if record else ()) or ("",):
            rows.setdefault(name, []).append(finding)
    return tuple(FamilyRow(name, Tally.of(found)) for name, found in rows.items() if found)


def _family_options(report: Report) -> tuple[Option, ...]:
    rows = _by(report.findings, lambda finding: family_of(finding.policy_id))
    return tuple(Option(name, name, len(rows[name])) for name in sorted(rows))


def _change_options(report: Report) -> tuple[Option, ...]:
    if report.difference is None:
        return ()
    counts = report.difference.counts
    return tuple(
        Option(change.value, WORDS[change].capitalize(), counts.get(change, 0))
        for change in Change
        if change is not Change.GONE
    )


def _arisen(report: Report) -> tuple[Finding, ...]:
    found = [one for one in report.of(Verdict.FAIL) if one.change in (Change.NEW, Change.WORSE)]
    return tuple(sorted(found, key=lambda one: (not one.blocking, one.severity.rank)))


def _unsettled(report: Report) -> tuple[Finding, ...]:
    unknown = [one for one in report.findings if one.change is Change.NEWLY_UNKNOWN]
    return (*sorted(unknown, key=lambda one: one.severity.rank), *no_longer_judged(report))


def _anchors(report: Report) -> frozenset[str]:
    ids = {
        "c": [criterion.id for criterion in report.criteria],
        "k": [control.id for control in report.controls],
        "p": [policy.id for policy in report.policies],
        "w": [waiver.id for waiver in report.waivers],
    }
    return frozenset(words.anchor(id_, prefix) for prefix, named in ids.items() for id_ in named)
