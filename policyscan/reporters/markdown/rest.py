"""What a page in Markdown says beside the failures: counts, gaps, unknowns, waivers."""

from __future__ import annotations

from collections.abc import Iterable

from policyscan.findings.difference import Gone
from policyscan.findings.model import Change, Finding, GapRecord, Verdict
from policyscan.findings.report import Report, Waiver
from policyscan.reporters.difference_words import no_longer_judged
from policyscan.reporters.markdown.failures import in_brief
from policyscan.reporters.order import is_fresh, ordered, ordered_gaps
from policyscan.reporters.places import path_from_top
from policyscan.reporters.words import gap_unit, spot_in, waiver_people, waiver_words
from policyscan.text.markdown import code, inline, prose
from policyscan.text.words import count

_VERDICTS = (
    Verdict.FAIL, Verdict.UNKNOWN, Verdict.PASS, Verdict.WAIVED, Verdict.NOT_APPLICABLE,
)  # fmt: skip
HOLDING = "in force"
"""The status of a waiver about which there is nothing to say."""


def table(report: Report) -> str:
    """The verdicts in numbers: all of them, those that block, those that are new or worse."""
    compared = report.difference is not None
    head = "| verdict | all | blocking |" + (" new or worse |" if compared else "")
    rows = [head, "|---|--:|--:|" + ("--:|" if compared else "")]
    for verdict in _VERDICTS:
        found = [finding for finding in report.findings if finding.verdict is verdict]
        fresh = sum(finding.change in (Change.NEW, Change.WORSE) for finding in found)
        numbers = [len(found), sum(finding.blocking for finding in found), *[fresh] * compared]
        rows.append(_row(verdict.value.replace("_", " "), numbers))
    fresh = sum(gap.change in (Change.NEW, Change.WORSE) for gap in report.gaps)
    blocking = sum(gap.blocking for gap in report.gaps)
    rows.append(_row("*gaps*", [len(report.gaps), blocking, *[fresh] * compared]))
    return "\n".join(rows)


def gap_items(report: Report) -> list[str]:
    """What was asked for and not seen, a line each, what blocks first."""
    return [_gap(gap, report) for gap in ordered_gaps(report.gaps)]


def unknown_items(unknown: Iterable[Finding]) -> list[str]:
    """The verdicts that could not be reached, by what would decide them; what blocks first."""
    groups: dict[tuple[str, ...], list[Finding]] = {}
    for finding in ordered(unknown):
        groups.setdefault(finding.needs or (finding.reason,), []).append(finding)
    return [_unknown(needs, members) for needs, members in groups.items()]


def waiver_items(report: Report) -> list[str]:
    """The waivers that no longer hold, will not for long, or were not needed."""
    return [_waiver(waiver) for waiver in report.waivers if waiver.status != HOLDING]


def waived_items(report: Report) -> list[str]:
    """The failures that are accepted: by whom, why and until when."""
    waivers = {waiver.id: waiver for waiver in report.waivers}
    return [
        _waived(one, waivers.get(one.waiver), report) for one in ordered(report.of(Verdict.WAIVED))
    ]


def narrowed_items(report: Report) -> list[str]:
    """What was judged before and is not any more, and why not."""
    return [_narrowed(one) for one in ordered(no_longer_judged(report))]


def gone_items(report: Report) -> list[str]:
    """What was there before and is no more."""
    return [_gone(one) for one in report.difference.gone] if report.difference else []


def _row(name: str, numbers: list[int]) -> str:
    return f"| {name} | {' | '.join(f'{number:,}' for number in numbers)} |"


def _gap(gap: GapRecord, report: Report) -> str:
    unit = gap_unit(gap)
    parts = [
        "**blocks**" if gap.blocking else "does not block",
        f"hides {inline(', '.join(gap.hides)) or 'anything'}",
        _place(gap, report),
        f"in {inline(unit)}" if unit else "",
        "new" if gap.change and is_fresh(gap.change) else "",
    ]
    told = "; ".join(part for part in parts if part)
    return f"- {gap.reason.value} {code(gap.subject)}: {prose(gap.message, 400)} ({told})"


def _place(gap: GapRecord, report: Report) -> str:
    if gap.location is None:
        return ""
    return code(spot_in(path_from_top(gap.location.path, report), gap.location))


def _unknown(needs: tuple[str, ...], members: list[Finding]) -> str:
    blocking = sum(finding.blocking for finding in members)
    fresh = sum(finding.change is Change.NEWLY_UNKNOWN for finding in members)
    marks = [f"**{blocking:,} blocking**" if blocking else "", f"{fresh:,} newly" if fresh else ""]
    told = ", ".join(mark for mark in marks if mark)
    some = ", ".join(
        f"{code(one.policy_id)} on {code(one.resource.shown, 200)}" for one in members[:4]
    )
    more = f" and {len(members) - 4:,} more" if len(members) > 4 else ""
    decisive = "; ".join(map(prose, needs[:5])) + ("; …" if len(needs) > 5 else "")
    head = f"- {count(len(members), 'verdict')}{f' ({told})' if told else ''}"
    return f"{head}, decided by {decisive}: {some}{more}"


def _waiver(waiver: Waiver) -> str:
    policy = f"{code(waiver.policy)} on " if waiver.policy else ""
    because = f": {inline(waiver.because)}" if waiver.because else ""
    who = ", ".join(filter(None, (inline(waiver_people(waiver)), code(waiver.place))))
    return (
        f"- {code(waiver.id)} for {policy}{code(waiver.selector)} is {inline(waiver.status)}, "
        f"until {inline(waiver.expires)}{because}" + (f" ({who})" if who else "")
    )


def _waived(finding: Finding, waiver: Waiver | None, report: Report) -> str:
    by = waiver_words(waiver) if waiver else finding.waiver
    return f"{in_brief(finding, report)}, accepted by {inline(by, 600)}"


def _narrowed(one: Finding) -> str:
    return (
        f"- {one.severity.value} {code(one.policy_id)} on {code(one.resource.shown, 200)}: "
        f"{inline(one.before)}{'; ' if one.before else ''}now the policy does not apply, since "
        f"{inline(one.reason)}"
    )


def _gone(one: Gone) -> str:
    return (
        f"- {one.verdict.value} {code(one.policy_id)} on {code(one.address, 200)} in "
        f"{inline(one.unit)}: {inline(one.message)}"
    )
