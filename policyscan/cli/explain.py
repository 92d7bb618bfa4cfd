"""`policyscan explain`."""

from __future__ import annotations

import argparse
import dataclasses
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from policyscan.cli.grammar import add_action, no_directory
from policyscan.cli.scan import (
    DEFAULT_PROFILE,
    add_baseline_option,
    add_rule_options,
    add_target_options,
    request_of,
    scanned,
    targets_of,
)
from policyscan.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policyscan.cli.grammar import Commands, Parser
    from policyscan.findings.model import Finding
    from policyscan.findings.report import PolicyRecord, Report, Waiver

_FINGERPRINT = re.compile(r"[0-9a-f]{4,64}")
_MOST = 8
"""Findings that are listed where a fingerprint means several."""
_DETAILS = """\
Shows every part of a policy's condition with its value, marks what decides, and follows \
each value that decides back to the line where it is written."""
_EXAMPLES = """\
examples:
  policyscan explain 3f9c02ab          a finding of this directory, by the
                                       beginning of its fingerprint
  policyscan explain 3f9c02ab infra --ref v1.4
                                       of another directory, as it was then
  policyscan explain 3f9c02ab --report report.json
                                       of a report; nothing is scanned
  policyscan explain PS-NET-004        every verdict of a policy, passes too
  policyscan explain world-open-admin-port --on infra/prod/main.tf
                                       those on what stands in one file
  policyscan explain 3f9c02ab --format json

exit codes:
  0    explained, whatever the verdict is
  2    there is no such finding or policy, or the command line cannot be used
"""


def add_command(commands: Commands, common: Parser) -> None:
    """Adds `explain` to the grammar."""
    parser = add_action(
        commands,
        "explain",
        common,
        "why a verdict is what it is, step by step",
        _DETAILS,
        usage="FINGERPRINT|POLICY [PATH] [OPTION ...]",
    )
    parser.epilog = _EXAMPLES
    parser.add_argument(
        "what",
        metavar="FINGERPRINT|POLICY",
        help="a finding, by the beginning of its fingerprint, or a policy, by its id or slug",
    )
    parser.add_argument(
        "path", nargs="?", metavar="PATH", help="the directory that is judged (default: here)"
    )
    where = parser.add_argument_group("where it is looked for")
    where.add_argument(
        "--report", default="", metavar="FILE", help="in this JSON report instead of a scan"
    )
    where.add_argument(
        "--on",
        default="",
        metavar="FILE|DIR",
        help="in this directory, or on what stands in this file (of PATH, or else of its own "
        "directory)",
    )
    where.add_argument("--ref", default="", metavar="COMMIT", help="in this commit")
    where.add_argument(
        "--base", default="", metavar="COMMIT", help="compared with where it branched off COMMIT"
    )
    add_baseline_option(where)
    add_target_options(where)
    add_rule_options(parser)
    shown = parser.add_argument_group("how it is shown")
    shown.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    shown.add_argument(
        "-v",
        "--verbose",
        action="store_true",
        help="the parts of what does not decide as well",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Finds what is meant and prints how it was decided."""
    report = _recorded(options) if options.report else _judged(options)
    found = (
        _of_fingerprint(options, report)
        if _is_fingerprint(options)
        else _of_policy(options, report)
    )
    policies = {policy.id: policy for policy in report.policies}
    told = [(one, policies.get(one.policy_id)) for one in found]
    from policyscan.cli.output import write_stdout

    is_json = options.format == "json"
    write_stdout(_as_json(told) if is_json else _as_text(told, report.waivers, options))
    _note_gaps(report)
    return 0


def _is_fingerprint(options: argparse.Namespace) -> bool:
    return bool(_FINGERPRINT.fullmatch(options.what))


# -- where the findings are --------------------------------------------------------------------


def _recorded(options: argparse.Namespace) -> Report:
    if options.on or options.path:
        raise UsageError("--report explains what is in the report", hint="Leave the others out.")
    from policyscan.reporters.json_report import load_report

    try:
        return load_report(Path(options.report).read_bytes())
    except OSError as error:
        raise UsageError(
            f"{options.report}: {error.strerror}", hint="Make one: policyscan scan -o json=FILE"
        ) from None


def _judged(options: argparse.Namespace) -> Report:
    targets = targets_of(options)
    path = _directory(options, alone=not targets)
    request = request_of(options, lambda _: (path, targets), DEFAULT_PROFILE)
    report = scanned(dataclasses.replace(request, explains=options.what))
    if report.run.interrupted:  # what is not found in it may be there all the same
        raise KeyboardInterrupt
    return report


def _directory(options: argparse.Namespace, *, alone: bool) -> Path | None:
    """The directory to judge; None if only what runs is named."""
    on = Path(options.on) if options.on else None
    if on is not None and not on.exists():
        raise UsageError(f"there is no {on}", hint="Name a file or a directory that is there.")
    if on is not None and on.is_dir():
        if options.path:
            raise UsageError("PATH and --on name two directories", hint="Leave one out.")
        return on
    if options.path is None and on is not None:
        return on.parent
    if options.path is None and not alone:
        return None
    path = Path(options.path or ".")
    if not path.is_dir():
        raise no_directory(path)
    return path


def _note_gaps(report: Report) -> None:
    if report.gaps:
        from policyscan.cli.saying import note
        from policyscan.text.words import count

        gaps = count(len(report.gaps), "gap")
        note(f"policyscan: {gaps}, of which `policyscan scan` tells more")


# -- which of them are meant -------------------------------------------------------------------


def _of_fingerprint(options: argparse.Namespace, report: Report) -> list[Finding]:
    wanted = options.what
    found = [one for one in report.findings if one.fingerprint.startswith(wanted)]
    if len(found) > 1:
        raise UsageError(
            f"{len(found)} findings begin with {wanted}",
            hint=f"Write more of one: {_listed(found)}",
        )
    if not found:
        raise _nothing(wanted, report)
    if not found[0].derivation:
        raise _not_kept(found[0], options)
    return found


def _listed(found: Sequence[Finding]) -> str:
    shown = [f"{one.fingerprint} ({_named(one)})" for one in found[:_MOST]]
    more = [f"and {len(found) - _MOST} more"] * (len(found) > _MOST)
    return ", ".join([*shown, *more])


def _named(one: Finding) -> str:
    return f"{one.verdict.value} {one.policy_id} on {one.resource.shown}"


def _nothing(wanted: str, report: Report) -> UsageError:
    from policyscan.text.words import count

    number = len(report.findings)
    hint = "Give the PATH and the options of the scan that it is from."
    if number:
        nearest = max(report.findings, key=lambda one: _likeness(one.fingerprint, wanted))
        hint = f"The nearest is {_listed([nearest])}. {hint}"
    return UsageError(f"of {count(number, 'finding')}, none begins with {wanted}", hint=hint)


def _likeness(fingerprint: str, wanted: str) -> tuple[int, int]:
    """How long they are the same, and in how many places."""
    pairs = [a == b for a, b in zip(fingerprint, wanted, strict=False)]
    return next((n for n, same in enumerate(pairs) if not same), len(pairs)), sum(pairs)


def _not_kept(one: Finding, options: argparse.Namespace) -> UsageError:
    return UsageError(
        f"{options.report or 'the report'} does not say how {_named(one)} was decided",
        hint="Reports tell it of what fails or is not known. Without --report it is judged again.",
    )


def _of_policy(options: argparse.Namespace, report: Report) -> list[Finding]:
    policy = _policy(options.what, report)
    found = [one for one in report.findings if one.policy_id == policy.id]
    where = Path(options.on) if options.on else None
    if where is not None and not where.is_dir():
        path = where.resolve()
        top = Path(options.path or where.parent).resolve()
        found = [one for one in found if one.location and (top / one.location.path) == path]
    told = sorted((one for one in found if one.derivation), key=_rank)
    if not told:
        place = options.on or options.report or options.path or "here"
        because = f"It judged nothing: {policy.idle}" if policy.idle else ""
        raise UsageError(f"{policy.id} has no verdict to explain in {place}", hint=because)
    return told


def _rank(one: Finding) -> int:
    """What fails first, then what is not known."""
    order = ("fail", "unknown", "waived", "pass", "not_applicable")
    return order.index(one.verdict.value)


def _policy(name: str, report: Report) -> PolicyRecord:
    for policy in report.policies:
        if name.upper() == policy.id or name == policy.slug:
            return policy
    from policyscan.text.complaints import suggestion

    known = [word for policy in report.policies for word in (policy.id, policy.slug)]
    raise UsageError(
        f"{name!r} is no fingerprint and no policy{suggestion(name, known)}",
        hint="See `policyscan policy list`; the policies of a folder count with --policies. "
        "A fingerprint has at least 4 of 0-9 and a-f.",
    )


# -- how it is written -------------------------------------------------------------------------

_Told = list[tuple["Finding", "PolicyRecord | None"]]


def _as_text(told: _Told, waivers: tuple[Waiver, ...], options: argparse.Namespace) -> bytes:
    import os
    import shutil

    from policyscan.cli.delivery import LOG_WIDTH, use_colour
    from policyscan.reporters.console_derivation import explanation_lines
    from policyscan.reporters.console_text import Page
    from policyscan.text.logsafe import without_orders

    page = Page(
        use_colour(sys.stdout, os.environ),
        shutil.get_terminal_size((LOG_WIDTH, 24)).columns,
        options.verbose,
    )
    accounts = ["\n".join(explanation_lines(one, policy, page, waivers)) for one, policy in told]
    rule = "\n\n" + page.paint("-" * min(page.width, LOG_WIDTH), "dim") + "\n\n"
    return (without_orders(rule.join(accounts)) + "\n").encode()


def _as_json(told: _Told) -> bytes:
    from policyscan.reporters.json_report import plain
    from policyscan.reporters.layout import dump

    members = [{"finding": plain(one), "policy": plain(policy)} for one, policy in told]
    return dump({"explained": members}, depth=4)
