"""The results of tests of policies as JUnit XML, in the dialect of Jenkins (`junit-10.xsd`)."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

from junit_xml import TestCase, TestSuite  # type: ignore[import-untyped]

from policyscan.cli.output import write_file
from policyscan.errors import FileError
from policyscan.reporters.junit.dialects import Dialect, spoken
from policyscan.selftest import TestResult
from policyscan.text.display import one_line, visible
from policyscan.text.logsafe import markup_without_orders

_DIALECT = Dialect(frozenset({"name", "classname", "time"}))
_COUNTS = ("tests", "failures", "errors")


def write(path: Path, results: Sequence[TestResult], errors: Sequence[FileError]) -> None:
    """Writes a suite for each policy, and one for those that do not load. Raises
    `PolicyscanError` if it cannot."""
    write_file(path, rendered(results, errors))


def rendered(results: Sequence[TestResult], errors: Sequence[FileError]) -> bytes:
    """The same as bytes."""
    cases: dict[str, list[TestCase]] = {}
    for result in results:
        cases.setdefault(result.policy_id, []).append(_case(result))
    suites = [TestSuite(one_line(name), found) for name, found in cases.items()]
    if errors:
        suites.append(TestSuite("policyscan.policies", [_broken(error) for error in errors]))
    root = ElementTree.Element("testsuites", name="policyscan policy test")
    for suite in suites:
        root.append(spoken(suite.build_xml_doc(), _DIALECT))
    for count in _COUNTS:
        root.set(count, str(sum(int(suite.attrib[count]) for suite in root)))
    ElementTree.indent(root)
    out = BytesIO()
    ElementTree.ElementTree(root).write(out, encoding="utf-8", xml_declaration=True)
    return markup_without_orders(out.getvalue()) + b"\n"


def _case(result: TestResult) -> TestCase:
    place = f"{result.path}:{result.line}"
    case = TestCase(
        one_line(result.test),
        f"policyscan.policies.{one_line(result.policy_id)}",
        elapsed_sec=result.seconds,
        stdout=f"place: {one_line(place)}",
    )
    if result.problems:
        text = "\n".join(visible(problem) for problem in result.problems)
        case.add_failure_info(one_line(result.problems[0]), text, "verdict")
    return case


def _broken(error: FileError) -> TestCase:
    case = TestCase(one_line(error.path), "policyscan.policies")
    text = "\n".join(filter(None, (str(error), error.snippet, error.hint)))
    case.add_error_info(one_line(str(error)), visible(text), "policy")
    return case
