"""The waivers in comments beside the failures of a run. One holds only where it stands on the
trusted side too, at the same finding, and accepts what failed there; a pull request cannot write
its own."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from msgspec.structs import replace

from policyscan.config.waivers import WaiverSettings
from policyscan.findings.difference import Before, Known
from policyscan.findings.model import Finding, Verdict
from policyscan.findings.report import Waiver
from policyscan.gate.knowing import Resources, known_pairs
from policyscan.gate.waivers.candidates import Candidate
from policyscan.gate.waivers.comments import Comment
from policyscan.gate.waivers.holding import never, too_long
from policyscan.gate.waivers.registered import Failure, exceeding
from policyscan.resources.base import StepKind
from policyscan.resources.masking import mask
from policyscan.text.complaints import suggestion
from policyscan.text.display import path_text

FAILS = (Verdict.FAIL, Verdict.WAIVED)
OFF = "waivers.inline is false in the configuration"
UNTRUSTED = (
    "a pull request can have written it, and this run has no trusted side; "
    "name one (--trust with the base branch)"
)
TREE = "this tree is trusted"


class Beside:
    """The comments of a tree, found by the findings beside which they stand."""

    def __init__(self, comments: Iterable[Comment], resources: Resources) -> None:
        self._resources = resources
        self._by_line: defaultdict[tuple[str, int], list[Comment]] = defaultdict(list)
        for comment in comments:
            if not comment.problem:
                self._by_line[comment.path, comment.target].append(comment)

    def of(self, finding: Finding) -> list[Comment]:
        """Those that are about a finding: at its line, at the first line of its instruction or
        resource."""
        if not self._by_line:
            return []
        found = (each for place in self._places(finding) for each in self._by_line.get(place, ()))
        return [each for each in dict.fromkeys(found) if each.policy == finding.policy_id]

    def _places(self, finding: Finding) -> Iterator[tuple[str, int]]:
        if finding.location is not None:
            yield finding.location.path, finding.location.start_line
        for step in finding.witnesses[0].provenance if finding.witnesses else ():
            if step.kind == StepKind.INSTRUCTION and step.location is not None:
                yield step.location.path, step.location.start_line
        ref = finding.resource
        resource = self._resources.get((ref.kind, ref.unit, ref.address))
        if resource is not None and resource.origin.span is not None:
            span = resource.origin.span
            yield path_text(span.source.path), span.line


def known(
    findings: Iterable[Finding], comments: Sequence[Comment], resources: Resources
) -> tuple[Known, ...]:
    """The pairs of findings, each with the waivers in comments that are about it."""
    beside, findings = Beside(comments, resources), tuple(findings)
    return tuple(
        replace(pair, comments=tuple(each.text for each in beside.of(finding)))
        for finding, pair in zip(findings, known_pairs(findings, resources), strict=True)
    )


class Inline:
    """What makes a comment hold."""

    def __init__(
        self, settings: WaiverSettings, trusted: Before | None, *, trusts_tree: bool
    ) -> None:
        self._settings = settings
        self._trusted = trusted
        self._trusts_tree = trusts_tree

    @property
    def approver(self) -> str:
        """On whose word it holds."""
        if self._trusted is not None:
            return f"the trusted side ({self._trusted.name})"
        return "the scanned tree" if self._trusts_tree else "nobody"

    def candidates(
        self,
        comments: Sequence[Comment],
        failures: Iterable[Failure],
        resources: Resources,
        policies: Iterable[str],
        today: date,
    ) -> Iterator[Candidate]:
        """Each comment, with the failures that it is for."""
        names = frozenset(policies)
        beside = Beside(comments, resources)
        by_comment: defaultdict[Comment, list[Failure]] = defaultdict(list)
        for failure in failures:
            for comment in beside.of(failure.finding):
                by_comment[comment].append(failure)
        seen: Counter[str] = Counter()
        for comment in comments:
            found = self._candidate(comment, by_comment.get(comment, []), names, today)
            seen[comment.place] += 1
            if seen[comment.place] > 1:  # of one line
                named = f"{comment.place}#{seen[comment.place]}"
                found.waiver = replace(found.waiver, id=named)
            yield found

    def _candidate(
        self, comment: Comment, failures: list[Failure], policies: frozenset[str], today: date
    ) -> Candidate:
        until = comment.until or today
        found = Candidate(self._record(comment), until, self._refusal(comment, policies, today))
        if self._trusted is None:
            found.standing = TREE
        untold = [one for one in failures if not self._is_told(comment, one)]
        if not found.refusal and untold and len(untold) == len(failures):
            found.refusal = self._missing()
        for failure in failures:
            found.chosen[failure.place] = self._exceeds(comment, failure)
        return found

    def _is_told(self, comment: Comment, failure: Failure) -> bool:
        """Whether the trusted side has the same comment at the same finding."""
        if self._trusted is None:
            return True
        return failure.earlier is not None and comment.text in failure.earlier.comments

    def _exceeds(self, comment: Comment, failure: Failure) -> str:
        if not self._is_told(comment, failure):
            return self._missing()
        earlier = failure.earlier
        if self._trusted is None or earlier is None:
            return ""
        if earlier.verdict not in FAILS:
            return f"on {self._trusted.name} it does not fail, and nothing is accepted"
        kind = failure.finding.resource.kind
        return exceeding(earlier.facts, failure.finding.facts, kind) or failure.more

    def _missing(self) -> str:
        name = self._trusted.name if self._trusted is not None else ""
        return f"{name} does not have it at this finding, in these words; it holds once it is there"

    def _refusal(self, comment: Comment, policies: frozenset[str], today: date) -> str:
        if comment.problem:
            return comment.problem
        if not self._settings.inline:
            return OFF
        if self._trusted is None and not self._trusts_tree:
            return UNTRUSTED
        if policies and comment.policy not in policies:
            return f"there is no policy {comment.policy}{suggestion(comment.policy, policies)}"
        until = comment.until or today
        return never(comment.policy, self._settings) or too_long(today, until, self._settings)

    def _record(self, comment: Comment) -> Waiver:
        return Waiver(
            id=comment.place,
            policy=comment.policy,
            selector=f"{comment.path}:{comment.target}" if comment.target else comment.path,
            reason=mask(comment.reason),
            owner="",
            approver=self.approver,
            expires=comment.until.isoformat() if comment.until else "",
            status="",
            place=comment.place,
            inline=True,
        )
