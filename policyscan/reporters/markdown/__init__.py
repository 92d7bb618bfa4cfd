"""Markdown for where a change is reviewed: the summary of a GitHub step, and a comment.

The verdict comes first, then what holds the change up and how to mend it, then everything else.
What there is no room for is counted. Nothing of it can link, mention or embed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from policyscan.findings.model import Finding, Verdict
from policyscan.findings.report import Report
from policyscan.reporters.difference_words import changes_of_all, is_old, since
from policyscan.reporters.drift_words import drift_sentence, has_drift
from policyscan.reporters.markdown.failures import at_a_glance, in_brief, in_full
from policyscan.reporters.markdown.page import Section, details, fitted
from policyscan.reporters.markdown.rest import (
    gap_items,
    gone_items,
    narrowed_items,
    table,
    unknown_items,
    waived_items,
    waiver_items,
)
from policyscan.reporters.order import is_fresh, ordered
from policyscan.reporters.outcome import because, is_green, verdict
from policyscan.reporters.words import without_outputs
from policyscan.text.markdown import code, inline
from policyscan.text.words import commit_words, count

MOST_BYTES = 900_000
"""Of a summary: GitHub drops one of more than 1 MiB whole."""
MOST_OF_COMMENT = 60_000
"""Of a comment, in bytes and so in characters as well: GitHub refuses one of more than 65,536."""
GATE_POLICY = "PS-CI-009"
"""Judges changes to the files of the gate itself."""

_IN_FORCE = "Not in force for this run: they are from when they are merged, for whatever follows."
_AS_IS = "This run went by these files as they are here: it has no `--trust`."
_FOLDED = 1_000
"""Failures that are folded, at most."""

_NO_MARKER = re.compile(r"[^A-Za-z0-9_./]+")


class Room(Struct, frozen=True):
    """How much a page shows without a click, in numbers of items."""

    listed: int
    """Failures to look at, a line each."""
    opened: int
    """Of those, with all that is needed to mend them; the others are folded."""
    most: int
    """Of everything else."""
    excerpts: bool
    """Whether failures come with lines of the file."""


SUMMARY = Room(listed=50, opened=3, most=1_000, excerpts=True)
COMMENT = Room(listed=20, opened=1, most=10, excerpts=False)


class MarkdownReporter:
    """The summary of a step: write it to `$GITHUB_STEP_SUMMARY`."""

    name = "markdown"
    suffix = ".md"

    def render(self, report: Report) -> bytes:
        """UTF-8, at most `MOST_BYTES`."""
        return fitted(_page(report, SUMMARY), MOST_BYTES)


class CommentReporter:
    """A comment on a pull request, which is found again by its first line, the hidden marker of
    its `category`, and is written anew; when nothing blocks any more, it says so."""

    name = "comment"
    suffix = ".md"

    def __init__(self, category: str = "scan") -> None:
        self.marker = f"<!-- policyscan:{_NO_MARKER.sub('-', category).strip('-') or 'scan'} -->"

    def render(self, report: Report) -> bytes:
        """UTF-8, at most `MOST_OF_COMMENT`."""
        sections = [Section(self.marker), *_page(report, COMMENT)]
        return fitted(sections, MOST_OF_COMMENT)


def _page(report: Report, room: Room) -> Iterator[Section]:
    """The sections, the most important first."""
    most = room.most
    failures = ordered(report.of(Verdict.FAIL))
    first = [one for one in failures if _is_first(one)]
    yield Section(_head(report))
    if first:
        yield from _to_look_at(first, in_full(first, report, excerpts=room.excerpts), report, room)
    if narrowed := narrowed_items(report):
        yield Section(f"### {_no_longer(narrowed)}", narrowed, most=most, between="\n")
    yield Section(_numbers(report))
    yield from _rest(report, most)
    gate = [one for one in failures if _is_of_gate(one)]
    if gate:
        head = f"### Changes to the gate itself\n\n{_IN_FORCE if report.run.trust else _AS_IS}"
        yield Section(head, [in_brief(one, report) for one in gate], most=most, between="\n")
    others = [one for one in failures if not (_is_first(one) or _is_of_gate(one))]
    if others:
        title = f"{count(len(others), 'failure')} that {_other(others)}"
        yield details(title, [in_brief(one, report) for one in others], most * 5)
    if waived := waived_items(report):
        yield details(count(len(waived), "waived failure"), waived, most * 5)
    gone = gone_items(report)
    if gone:
        yield details(f"{len(gone):,} gone since then", gone, most * 2)
    yield Section(_foot(report))


def _to_look_at(
    failures: list[Finding], told: list[str], report: Report, room: Room
) -> Iterator[Section]:
    """What fails, where, and then why and how to mend it."""
    head = f"### {count(len(failures), 'failure')} to look at"
    if len(failures) == 1:
        yield Section(head, told)
        return
    yield Section(head, at_a_glance(failures, report), most=room.listed, between="\n")
    yield Section("", told[: room.opened])
    if folded := told[room.opened :]:
        title = f"Why, and how to mend the other {len(folded):,}"
        yield details(title, folded, _FOLDED, between="\n\n")


def _no_longer(narrowed: list[str]) -> str:
    was, is_now = ("was", "is") if len(narrowed) == 1 else ("were", "are")
    return f"{count(len(narrowed), 'pair')} that {was} judged before {is_now} no longer judged"


def _rest(report: Report, most: int) -> Iterator[Section]:
    """What was not seen, not decided, and not quite accepted."""
    gaps, waivers = gap_items(report), waiver_items(report)
    unknown = [one for one in report.of(Verdict.UNKNOWN) if one.blocking or not is_old(one)]
    old = [one for one in report.of(Verdict.UNKNOWN) if is_old(one) and not one.blocking]
    if gaps:
        head = f"### {count(len(gaps), 'gap')}: asked for and not seen"
        yield Section(head, gaps, most=most, between="\n")
    if unknown:
        head = f"### {count(len(unknown), 'verdict')} not known"
        yield Section(head, unknown_items(unknown), most=most, between="\n")
    if old:
        title = f"{count(len(old), 'verdict')} that {'was' if len(old) == 1 else 'were'} not known"
        yield details(f"{title} before either", unknown_items(old), most)
    if waivers:
        head = f"### {count(len(waivers), 'waiver')} to look at"
        yield Section(head, waivers, most=most, between="\n")


def _is_of_gate(finding: Finding) -> bool:
    return finding.policy_id == GATE_POLICY and not finding.blocking


def _is_first(finding: Finding) -> bool:
    return finding.blocking or (_is_known_fresh(finding) and not _is_of_gate(finding))


def _is_known_fresh(finding: Finding) -> bool:
    return finding.change is not None and is_fresh(finding.change)


def _other(findings: list[Finding]) -> str:
    one = len(findings) == 1
    if all(finding.change for finding in findings):
        return f"{'was' if one else 'were'} there before"
    return f"{'does' if one else 'do'} not block"


def _head(report: Report) -> str:
    told = inline(because(report))
    if is_green(report):
        head = f"## policyscan: {verdict(report)}"
        text = f"**Green**: {told}."
    else:
        head = "## policyscan: red"
        text = f"**Red because** {told}."
    if narrowed := narrowed_items(report):
        text += f" **{_no_longer(narrowed)}.**"
    return f"{head}\n\n{text}" + ("" if report.summary.complete else _INCOMPLETE)


_INCOMPLETE = " Not everything that was asked for was seen and decided: see the gaps and unknowns."


def _numbers(report: Report) -> str:
    told = ""
    if report.difference:
        told = f"\n\nSince {inline(since(report.difference))}: {changes_of_all(report)}."
    drift = f"\n\n{inline(drift_sentence(report))}." if has_drift(report) else ""
    return f"{table(report)}{told}{drift}"


def _foot(report: Report) -> str:
    run = report.run
    parts = [
        f"policyscan {inline(report.tool.version)}",
        f"profile {inline(report.profile.name)}",
        f"commit {code(run.commit[:12])}" if run.commit else "",
        f"rules of {code(commit_words(run.trust))}" if run.trust else "",
        f"digest of the policies {code(run.policies_digest[:12])}",
        f"again: {code(without_outputs(run.command))}" if run.command else "",
    ]
    return "---\n\n" + ", ".join(part for part in parts if part)
