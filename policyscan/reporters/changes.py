"""What became of a report since its base, for people: the worst first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policyscan.findings.difference import Gone
from policyscan.findings.model import Change, Finding, GapRecord, Verdict
from policyscan.findings.report import Report
from policyscan.reporters.console_findings import place
from policyscan.reporters.console_text import Page
from policyscan.reporters.difference_words import changes_of_all, since
from policyscan.text.display import one_line
from policyscan.text.logsafe import without_orders
from policyscan.text.words import count

SHOWN = 8
"""How many verdicts that are not known are listed unless everything is asked for."""

_NOTHING = "nothing that is judged became better or worse"


def changes_of(report: Report, page: Page) -> bytes:
    """The view in UTF-8."""
    return without_orders("".join(f"{line}\n" for line in _lines(report, page))).encode()


def got_worse(report: Report) -> bool:
    """Whether something fails, is not known or is not seen that was not so in the base."""
    return any(map(_is_worse, report.findings)) or any(map(_is_new, report.gaps))


def _lines(report: Report, page: Page) -> Iterator[str]:
    difference = report.difference
    if difference is None:
        return
    yield from page.wrap(f"since {since(difference)}", 2, 0)
    yield ""
    sections = (
        ("fails now", _of(report, Change.NEW, Verdict.FAIL)),
        ("got worse", _of(report, Change.WORSE, Verdict.FAIL)),
        ("not known any more", _of(report, Change.NEWLY_UNKNOWN, Verdict.UNKNOWN)),
        ("new and not known", _of(report, Change.NEW, Verdict.UNKNOWN)),
        ("no longer judged", _of(report, Change.NARROWED, Verdict.NOT_APPLICABLE)),
        ("got better", _of(report, Change.BETTER, *Verdict)),
    )
    told = False
    for title, findings in sections:
        told = told or bool(findings)
        yield from _section(title, findings, page)
    gaps = [gap for gap in report.gaps if _is_new(gap)]
    yield from _gaps(gaps, page)
    yield from _section("gone", difference.gone, page)
    if not (told or gaps or difference.gone):
        yield _NOTHING
        yield ""
    yield from page.wrap(_counts(report), 2, 0)


def _of(report: Report, change: Change, *verdicts: Verdict) -> list[Finding]:
    return [
        finding
        for finding in report.findings
        if finding.change is change and finding.verdict in verdicts
    ]


def _section(title: str, found: Sequence[Finding | Gone], page: Page) -> Iterator[str]:
    """One line for each, the most severe first."""
    if not found:
        return
    yield page.heading(f"{title}: {len(found):,}")
    ordered = sorted(found, key=lambda one: one.severity.rank)
    shown = ordered if page.verbose or not _is_unknown(ordered[0]) else ordered[:SHOWN]
    for one in shown:
        yield from _line(one, page)
    if len(ordered) > len(shown):
        yield f"  and {len(ordered) - len(shown):,} more (-v lists them)"
    yield ""


def _is_unknown(one: Finding | Gone) -> bool:
    return isinstance(one, Finding) and one.verdict is Verdict.UNKNOWN


def _line(one: Finding | Gone, page: Page) -> Iterator[str]:
    where = f"{place(one.location)}  " if one.location else ""
    start = f"  {one.severity.value:<8} {one_line(one.policy_id)}  "
    lines = page.wrap(f"{where}{one.message}", 11, first=len(start))
    yield f"  {page.severity(one.severity)} " + start[11:] + lines[0][len(start) :]
    yield from lines[1:]
    if isinstance(one, Finding) and one.before:
        label = "before" if one.before.startswith("it ") else "change"
        yield from page.labelled(label, one.before, 11)


def _gaps(gaps: Sequence[GapRecord], page: Page) -> Iterator[str]:
    if not gaps:
        return
    yield page.heading(f"not seen: {len(gaps):,}")
    for gap in gaps:
        where = place(gap.location) if gap.location else gap.subject
        yield from page.wrap(f"{gap.reason.value} {where}: {gap.message}", 4, 2)
    yield ""


def _is_worse(finding: Finding) -> bool:
    if finding.change is Change.NEW:
        return finding.verdict in (Verdict.FAIL, Verdict.UNKNOWN)
    return finding.change in (Change.WORSE, Change.NEWLY_UNKNOWN)


def _is_new(gap: GapRecord) -> bool:
    return gap.change in (Change.NEW, Change.WORSE, Change.NARROWED)


def _counts(report: Report) -> str:
    return f"of {count(len(report.findings), 'verdict')}: {changes_of_all(report)}"
