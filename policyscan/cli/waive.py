"""`policyscan waive`: accepts a failure, as an entry of the file of waivers."""

from __future__ import annotations

import argparse
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from policyscan.cli.grammar import add_action, no_directory
from policyscan.errors import UsageError

if TYPE_CHECKING:
    from datetime import date

    from policyscan.cli.grammar import Commands, Parser
    from policyscan.config import Configuration
    from policyscan.findings.model import Finding
    from policyscan.findings.report import Report
    from policyscan.findings.waivers import WaiverEntry, WaiverFile
    from policyscan.text.files import Folder

_PRINT = r"[0-9a-f]{6,32}"
_SHOWN = 5
_DETAILS = """\
Writes an entry of waivers.yaml. It accepts the values that the failure has now: whatever gets \
worse fails again."""
_USAGE = (
    "FINDING [ADDRESS] --reason TEXT --owner NAME\n"
    "                        --approver NAME --until DATE [OPTION ...]"
)
_EXAMPLES = """\
examples:
  policyscan waive PS-NET-004 aws_security_group.office --until 2027-03-31 --ticket OPS-12 \\
    --reason "the office moves behind the VPN in March" --owner ana --approver bo
  policyscan waive 1b171cbed55c --report policyscan.json --until 2027-03-31 \\
    --reason "seen running, closed in March" --owner ana --approver bo
"""
_NEXT = """\
It holds once it is on the trusted side: commit {path}, have {approver} review it, and merge it.
A pull request that brings its own waiver is judged without it."""


def add_command(commands: Commands, common: Parser) -> None:
    """Adds `waive` to the grammar."""
    parser = add_action(
        commands, "waive", common, "accept a failure for a time", _DETAILS, usage=_USAGE
    )
    parser.epilog = _EXAMPLES
    parser.add_argument(
        "finding",
        metavar="FINDING",
        help="the fingerprint, or its beginning; or the id of a policy",
    )
    parser.add_argument(
        "address",
        nargs="?",
        default="",
        metavar="ADDRESS",
        help="with a policy, the address of the resource; * stands for any text",
    )
    entry = parser.add_argument_group("the entry")
    for option, metavar, text in (
        ("--reason", "TEXT", "why it is accepted"),
        ("--owner", "NAME", "who answers for it"),
        ("--approver", "NAME", "who approves it, which is not its owner"),
        ("--until", "DATE", "the last day on which it holds, in UTC: 2027-01-31"),
    ):
        entry.add_argument(option, required=True, metavar=metavar, help=text)
    entry.add_argument("--ticket", default="", metavar="ID", help="where it is discussed")
    entry.add_argument(
        "--waivers",
        default="",
        metavar="FILE",
        help="the file to write (default: waivers.yaml beside the configuration)",
    )
    found = parser.add_argument_group("where the finding is")
    found.add_argument("--report", metavar="FILE", help="a JSON report that has it")
    found.add_argument(
        "--path", default=".", metavar="PATH", help="without a report, what to scan (default: here)"
    )
    found.add_argument("--config", metavar="FILE", help="as `scan` has it")
    found.add_argument(
        "--policies", action="append", default=[], metavar="DIR", help="as `scan` has it"
    )
    parser.set_defaults(run=run)


class _Asked(NamedTuple):
    """What was asked for, and what is in force."""

    options: argparse.Namespace
    configuration: Configuration
    path: str
    """The file of waivers, which need not be there yet."""
    file: WaiverFile | None


def run(options: argparse.Namespace) -> int:
    """Writes the entry, and says what it is worth."""
    from policyscan.cli.output import check_file, write_file
    from policyscan.cli.saying import say
    from policyscan.gate.waivers.writing import lines_of, with_waiver

    asked = _asked(options)
    report = _report(asked)
    if report.run.interrupted:
        raise _interrupted(options.report)
    findings = _chosen(options, report)
    entry = _entry(asked, findings)
    _refuse(entry, asked, report, findings)
    target = check_file(Path(asked.path), None if options.report else Path(options.path))
    data = target.read_bytes() if asked.file is not None else None
    remark = _remark(findings)
    write_file(target, with_waiver(asked.path, data, entry, remark))
    say(f"{asked.path}: written", "", *(f"  {line}" for line in lines_of(entry, remark)), "")
    say(*_NEXT.format(path=_shown(asked.path), approver=_shown(entry.approver)).split("\n"))
    return 0


def _asked(options: argparse.Namespace) -> _Asked:
    from policyscan.config import load_configuration
    from policyscan.gate.waivers.reading import load_waivers, waivers_path

    cwd = Path.cwd()
    configuration = load_configuration(Path(options.config) if options.config else None, cwd)
    path, _ = waivers_path(options.waivers, configuration)
    file = load_waivers(path, configuration, cwd) if os.path.lexists(path) else None
    return _Asked(options, configuration, path, file)


def _report(asked: _Asked) -> Report:
    """The report that was made before, or one of a fresh scan, without the file of waivers."""
    options = asked.options
    if options.report:
        from policyscan.reporters.json_report import load_report
        from policyscan.text.files import Disk

        try:
            return load_report(Disk(Path.cwd()).read(Path(options.report)))
        except OSError as error:
            hint = "Make one: policyscan scan -o json=FILE"
            raise UsageError(f"{options.report}: {error.strerror}", hint=hint) from None
    path = Path(options.path)
    if not path.is_dir():
        raise no_directory(path)
    from datetime import UTC, datetime

    from policyscan.findings.profiles import load_profile
    from policyscan.pipeline import scan
    from policyscan.request import ScanRequest

    request = ScanRequest(
        path=path,
        configuration=asked.configuration,
        profile=load_profile("advise", Path.cwd()),
        policy_directories=tuple(map(_policies, options.policies)),
    )
    return scan(request, now=datetime.now(UTC))


def _interrupted(file: str) -> BaseException:
    """Why nothing is accepted by a part of a report, which may lack a second finding that is meant
    as well."""
    if not file:
        return KeyboardInterrupt()
    hint = "Make another: policyscan scan -o json=FILE"
    return UsageError(f"{_shown(file)}: the scan was interrupted", hint=hint)


def _policies(directory: str) -> Folder:
    from policyscan.text.files import Disk

    try:
        return Disk(Path.cwd()).folder(Path(directory))
    except OSError as error:
        message = f"--policies {directory}: {error.strerror or error}"
        raise UsageError(message, hint="Name a folder of policies.") from None


def _chosen(options: argparse.Namespace, report: Report) -> list[Finding]:
    """The failures that are meant, which is one unless the address stands for several."""
    from policyscan.findings.model import Verdict
    from policyscan.findings.waivers import is_pattern, matches

    name, address = options.finding, options.address
    if address:
        found = [
            one
            for one in report.findings
            if one.policy_id == name
            and (one.resource.address == address or matches(address, one.resource.address))
        ]
    elif re.fullmatch(_PRINT, name):
        found = [one for one in report.findings if one.fingerprint.startswith(name)]
    else:
        raise UsageError(
            f"{_shown(name)} is no fingerprint",
            hint="Give 6 hex digits of it or more, or a policy and an address.",
        )
    if not found:
        raise _not_there(name, address or "", report)
    failing = [one for one in found if one.verdict is Verdict.FAIL]
    if not failing:
        raise _not_failing(found)
    if len(found) > 1 and not is_pattern(address):
        hint = "\n".join(_called(one) for one in found[:_SHOWN])
        raise UsageError(f"{len(found)} findings are meant; name one by its fingerprint", hint=hint)
    return failing


def _not_there(name: str, address: str, report: Report) -> UsageError:
    """With the failures of the policy, one of which may have been meant."""
    from policyscan.findings.model import Verdict

    failing = [one for one in report.of(Verdict.FAIL) if one.policy_id == name]
    hint = "\n".join(map(_called, failing[:_SHOWN]))
    if len(failing) > _SHOWN:
        hint += f"\nand {len(failing) - _SHOWN:,} more"
    fails = f"; {name} fails here on" if failing else f"; {name} fails nowhere here"
    message = f"there is no finding {f'{name} {address}'.strip()}{fails if address else ''}"
    return UsageError(_shown(message), hint=hint)


def _not_failing(found: list[Finding]) -> UsageError:
    hint = "Only a failure can be waived."
    if len(found) > 1:
        return UsageError(f"none of the {len(found):,} findings that are meant fails", hint=hint)
    verdict = found[0].verdict.value.replace("_", " ")
    by = f" (by {_shown(found[0].waiver)})" if found[0].waiver else ""
    return UsageError(f"{_called(found[0])} is {verdict}{by}", hint=hint)


def _entry(asked: _Asked, findings: list[Finding]) -> WaiverEntry:
    from datetime import UTC, datetime

    from policyscan.findings.waivers import Acceptance, WaiverEntry, is_pattern
    from policyscan.gate.waivers.holding import day_of
    from policyscan.gate.waivers.writing import next_id
    from policyscan.resources.masking import mask

    options, first = asked.options, findings[0]
    is_many = is_pattern(options.address)
    by_print = not options.address
    unit = first.resource.unit if len({one.resource.unit for one in findings}) == 1 else ""
    for option in ("reason", "owner", "approver", "ticket"):
        text = getattr(options, option)
        if option != "ticket" and not text.strip():
            raise UsageError(f"--{option} must not be empty")
        if mask(text) != text:
            raise UsageError(f"--{option} seems to hold a secret", hint="Say it without.")
    return WaiverEntry(
        id=next_id(asked.file),
        reason=options.reason.strip(),
        owner=options.owner.strip(),
        approver=options.approver.strip(),
        ticket=options.ticket.strip(),
        since=day_of(datetime.now(UTC)),
        expires=_day(options.until),
        fingerprint=first.fingerprint if by_print else "",
        policy=first.policy_id,
        address="" if by_print else options.address if is_many else first.resource.address,
        unit="" if by_print else unit,
        accepts=tuple(
            Acceptance(one.facts, one.resource.address if is_many else "") for one in findings
        ),
    )


def _day(text: str) -> date:
    from datetime import date

    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise UsageError(f"--until {_shown(text)} is no day", hint="For example: --until 2027-01-31")


def _refuse(entry: WaiverEntry, asked: _Asked, report: Report, findings: list[Finding]) -> None:
    """Raises `UsageError` for a waiver that would not hold, and for one that is there already."""
    from datetime import UTC, datetime

    from policyscan.findings.model import Verdict
    from policyscan.findings.waivers import WaiverFile
    from policyscan.gate.waivers import Accepted, waived

    now = datetime.now(UTC)
    ids = frozenset(policy.id for policy in report.policies)
    settings = asked.configuration.waivers
    there = Accepted(file=asked.file, settings=settings, policies=ids)
    for one in waived(there, findings, {}, now)[0]:
        if one.verdict is Verdict.WAIVED:
            raise UsageError(f"{_called(one)} is already waived by {one.waiver}")
    new = Accepted(file=WaiverFile("", "", (entry,)), settings=settings, policies=ids)
    told, [record] = waived(new, findings, {}, now)
    if any(one.verdict is not Verdict.WAIVED for one in told):
        raise UsageError(f"it would not hold: {record.because}")


def _remark(findings: list[Finding]) -> str:
    first = findings[0]
    more = f", and {len(findings) - 1:,} more" if len(findings) > 1 else ""
    is_named = first.resource.shown in first.message
    return f"{'' if is_named else f'{first.resource.shown}: '}{first.message}{more}"


def _called(finding: Finding) -> str:
    where = f" in {finding.resource.unit}" if finding.resource.unit else ""
    return _shown(f"{finding.fingerprint} {finding.policy_id} on {finding.resource.shown}{where}")


def _shown(text: str) -> str:
    from policyscan.text.display import one_line

    return one_line(text)
