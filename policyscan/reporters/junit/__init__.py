"""JUnit XML in the dialect of Jenkins (`junit-10.xsd`), which every CI system reads, and in those
of GitLab and Azure Pipelines, which show more with it.

One suite for each policy, one case for each resource: a pass is plain, a failure a `<failure>`, an
unknown an `<error>` if it blocks and else `<skipped>`, as is what is waived. What does not apply
is counted in its suite. The suite `policyscan.collection` says what could not be read, and
`policyscan.drift` what is both declared and there.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from itertools import chain
from pathlib import PurePosixPath
from typing import Any
from xml.etree import ElementTree

from junit_xml import TestCase, TestSuite  # type: ignore[import-untyped]

from policyscan.findings.model import Finding, GapRecord, Location, Verdict
from policyscan.findings.report import PolicyRecord, Report, Strength
from policyscan.reporters.drift_words import has_drift
from policyscan.reporters.junit.cut import MOST_BYTES, Missing, within
from policyscan.reporters.junit.dialects import AZURE, GITLAB, JENKINS, spoken
from policyscan.reporters.junit.drift import SUITE, drift_cases, drift_facts
from policyscan.reporters.junit.text import body, control_facts, gap_marks, marks
from policyscan.reporters.outcome import counts
from policyscan.reporters.places import in_repository, path_from_top
from policyscan.reporters.serving import served
from policyscan.reporters.words import asked, gap_unit, waiver_state
from policyscan.text.display import one_line, path_text
from policyscan.text.logsafe import markup_without_orders
from policyscan.text.words import count

COLLECTION = "policyscan.collection"


class JunitReporter:
    """Test results. No times: none is measured for a single case."""

    name = "junit"
    suffix = ".xml"
    dialect = JENKINS

    def render(self, report: Report) -> bytes:
        """Indented UTF-8, which holds every verdict and every gap."""
        return self._written(report, None)

    def _written(self, report: Report, missing: Missing | None) -> bytes:
        totals = Counter(dict.fromkeys(("tests", "failures", "errors"), 0))
        out = BytesIO()
        for suite in chain([_collection(report, missing)], _drift(report), _policies(report)):
            element = spoken(suite.build_xml_doc(), self.dialect)
            totals.update({name: int(element.attrib[name]) for name in totals})
            ElementTree.indent(element, level=1)
            text = ElementTree.tostring(element, encoding="utf-8")
            out.write(b"\n  %b" % markup_without_orders(text))
        root = ElementTree.Element("testsuites", name="policyscan")
        root.attrib |= {name: str(number) for name, number in totals.items()}
        head = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
        return b"".join((head.removesuffix(b" />"), b">", out.getbuffer(), b"\n</testsuites>\n"))


class GitlabJunitReporter(JunitReporter):
    """Test results for `artifacts:reports:junit`."""

    name = "junit-gitlab"
    dialect = GITLAB

    def render(self, report: Report) -> bytes:
        """At most `MOST_BYTES`; a case says what has none because of that."""
        return within(MOST_BYTES, report, self._written)


class AzureJunitReporter(JunitReporter):
    """Test results for the task PublishTestResults."""

    name = "junit-azure"
    dialect = AZURE


def _policies(report: Report) -> Iterator[TestSuite]:
    """A suite for every policy, idle ones included, in the order of the report; one at a time,
    since they are large."""
    findings: dict[str, list[Finding]] = {policy.id: [] for policy in report.policies}
    for finding in report.findings:
        findings.setdefault(finding.policy_id, []).append(finding)
    policies = {policy.id: policy for policy in report.policies}
    evidence = served(report)
    for id_, found in findings.items():
        yield _policy(report, id_, policies.get(id_), found, evidence.get(id_, {}))


def _policy(
    report: Report,
    policy_id: str,
    policy: PolicyRecord | None,
    findings: list[Finding],
    evidence: Mapping[str, Strength],
) -> TestSuite:
    judged = [one for one in findings if one.verdict is not Verdict.NOT_APPLICABLE]
    names = _distinct((one_line(one.resource.shown), one.fingerprint) for one in judged)
    class_name = _class_name(policy_id, policy)
    properties = {"not_applicable": len(findings) - len(judged)} | _facts(policy, evidence)
    cases = [
        _case(report, policy, finding, name, class_name)
        for finding, name in zip(judged, names, strict=True)
    ]
    return _suite(policy_id, report, cases, properties)


def _class_name(policy_id: str, policy: PolicyRecord | None) -> str:
    """`policyscan.<family>.<slug>`; the family is the folder of the policy."""
    parts = (PurePosixPath(policy.path).parent.name, policy.slug) if policy else (policy_id,)
    return ".".join(["policyscan", *(one_line(part) for part in parts if part)])


def _facts(policy: PolicyRecord | None, evidence: Mapping[str, Strength]) -> dict[str, Any]:
    if policy is None:
        return {}
    facts = {
        "title": policy.title,
        "severity": policy.severity.value,
        "version": policy.version,
        "sha256": policy.sha256,
        "controls": ", ".join(policy.controls),
        "criteria": ", ".join(f"{name} ({rated.value})" for name, rated in evidence.items()),
        "idle": policy.idle,
    }
    return {name: value for name, value in facts.items() if value}


def _case(
    report: Report, policy: PolicyRecord | None, finding: Finding, name: str, class_name: str
) -> TestCase:
    place = in_repository(finding, report).location
    case = _plain_case(name, class_name, marks(finding), _file(report, place))
    message = one_line(finding.message)
    text = body(finding, policy, report.waivers)
    match finding.verdict:
        case Verdict.FAIL:
            case.add_failure_info(message, text, finding.severity.value)
        case Verdict.UNKNOWN if finding.blocking:
            case.add_error_info(f"unknown: {message}", text, "unknown")
        case Verdict.UNKNOWN | Verdict.WAIVED:
            case.add_skipped_info(f"{finding.verdict.value}: {message}", text)
    return case


def _collection(report: Report, missing: Missing | None) -> TestSuite:
    """What was read whole, a case for each target; a case for each gap; and the run itself."""
    with_gaps = {(gap.collector, gap.target) for gap in report.gaps}
    whole = dict.fromkeys((entry.collector, entry.target) for entry in report.ledger)
    cases = [_run_case(report), *([_missing_case(missing)] if missing else [])]
    cases += [
        _plain_case(one_line(target), f"{COLLECTION}.{one_line(collector)}", "gaps: none")
        for collector, target in whole
        if (collector, target) not in with_gaps
    ]
    names = _distinct(
        (one_line(f"{_whose(gap)}: {gap.subject}"), gap.fingerprint) for gap in report.gaps
    )
    cases += [_gap_case(report, gap, name) for gap, name in zip(report.gaps, names, strict=True)]
    run, summary = report.run, report.summary
    facts = {
        "tool": f"{report.tool.name} {report.tool.version}",
        "run": run.id,
        "commit": run.commit,
        "trust": run.trust,
        "trust_commit": run.trust_commit,
        "in_force": "; ".join(f"{e.role} {e.path} ({e.source})" for e in run.in_force),
        "profile": report.profile.name,
        "policies_digest": run.policies_digest,
        "waivers_file": run.waivers,
        "waivers_digest": run.waivers_digest,
        "baseline_digest": run.baseline_digest,
        "controls_file": run.controls,
        "controls_digest": run.controls_digest,
        "targets_declared": ", ".join(report.coverage.targets_declared),
        "targets_reached": ", ".join(report.coverage.targets_reached),
        "not_asked": "; ".join(report.coverage.not_asked),
        "exit_code": summary.exit_code,
        "complete": str(summary.complete).lower(),
    } | {verdict.value: summary.verdicts.get(verdict, 0) for verdict in Verdict}
    facts |= {
        f"asked {one_line(f'{one.target} {one.unit} {one.kind}')}": asked(one)
        for one in report.ledger
        if one.live
    }
    facts |= {f"waivers {one_line(state)}": number for state, number in summary.waivers.items()}
    facts |= {f"waiver {one_line(one.id)}": waiver_state(one) for one in report.waivers}
    facts |= {f"control {one_line(one.id)}": control_facts(one) for one in report.controls}
    return _suite(COLLECTION, report, cases, facts)


def _drift(report: Report) -> list[TestSuite]:
    """Declared against real; no suite where nothing live was looked at."""
    if not has_drift(report):
        return []
    return [_suite(SUITE, report, drift_cases(report), drift_facts(report))]


def _run_case(report: Report) -> TestCase:
    """An error if the run did not come to an end that can be relied on."""
    summary = report.summary
    facts = f"exit code: {summary.exit_code}\nverdicts: {counts(report)}"
    case = _plain_case("run", COLLECTION, facts)
    outcome = one_line(summary.outcome)
    if report.run.interrupted:
        case.add_error_info(f"interrupted: {outcome}", error_type="interrupted")
    elif summary.exit_code not in (0, 1):
        case.add_error_info(f"incomplete: {outcome}", error_type="incomplete")
    elif not summary.complete:
        unknown = summary.verdicts.get(Verdict.UNKNOWN, 0)
        case.add_skipped_info(
            f"incomplete: {count(len(report.gaps), 'gap')}, {count(unknown, 'unknown verdict')}"
        )
    return case


def _missing_case(missing: Missing) -> TestCase:
    """A failure if anything but passes has no case."""
    case = _plain_case("cases", COLLECTION, f"missing: {missing.told}")
    message = f"{missing.told}; read the rest in the JSON or HTML report of this run"
    if missing.others:
        case.add_failure_info(message, message, "missing")
    else:
        case.add_skipped_info(message)
    return case


def _whose(gap: GapRecord) -> str:
    """The target, with the account and region of what was asked."""
    unit = gap_unit(gap)
    return f"{gap.target} {unit}" if unit else gap.target


def _gap_case(report: Report, gap: GapRecord, name: str) -> TestCase:
    class_name = f"{COLLECTION}.{one_line(gap.collector)}"
    case = _plain_case(name, class_name, gap_marks(gap), _file(report, gap.location))
    message = one_line(f"{gap.reason.value}: {gap.message}")
    if gap.blocking:
        case.add_error_info(message, error_type=gap.reason.value)
    else:
        case.add_skipped_info(message)
    return case


def _plain_case(name: str, class_name: str, stdout: str, file: str | None = None) -> TestCase:
    return TestCase(name, class_name, stdout=stdout, file=file)


def _file(report: Report, place: Location | None) -> str | None:
    """The file from the top of the repository, with the line as GitLab links to it."""
    if place is None:
        return None
    return f"{path_text(path_from_top(place.path, report))}#L{place.start_line}"


def _suite(name: str, report: Report, cases: list[TestCase], facts: dict[str, Any]) -> TestSuite:
    properties = {key: one_line(str(value)) for key, value in facts.items()}
    return TestSuite(
        one_line(name), cases, timestamp=one_line(report.run.started), properties=properties
    )


def _distinct(named: Iterable[tuple[str, str]]) -> list[str]:
    """The names; those that several share get the start of their fingerprint, then a number."""
    pairs = list(named)
    often = Counter(name for name, _ in pairs)
    seen: defaultdict[str, int] = defaultdict(int)
    names = []
    for name, fingerprint in pairs:
        full = f"{name} [{one_line(fingerprint)[:12]}]" if often[name] > 1 else name
        seen[full] += 1
        names.append(full if seen[full] == 1 else f"{full} #{seen[full]}")
    return names
