"""How a verdict came about, on a terminal: the tree, the way of its values, and what mends it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from policyscan.findings.derivation import (
    Derivation,
    Link,
    deciding_values,
    is_case,
    place_and_value,
)
from policyscan.findings.model import Finding, Verdict
from policyscan.findings.report import PolicyRecord, Waiver
from policyscan.reporters.console_text import Page, columns
from policyscan.reporters.words import spot, waiver_words
from policyscan.text.display import one_line, path_text

_STEP = 2
"""Columns by which each level of the tree stands further right."""
_WORD = 9
"""Columns of `unknown`, with space behind it."""
_LEGEND = " (> leads to the verdict, - was not needed)"
_MOST_VALUES = 8
_MOST_LINES = 2
"""Of an expression whose parts stand below it, or that does not decide."""
_QUOTING = ("attribute", "expression", "reference")
"""Kinds of steps whose labels are the code that they stand for."""
_ASKED = re.compile(
    r"what it is for \(role\)|which environment it is in|the (role|environment|tier) of "
)
_ANSWER = ": scope.assign of policyscan.yaml can say it"
"""Where questions of scope are answered."""
_WORDS = ("true", "false", "unknown", "-")
_VERDICTS = {
    Verdict.PASS: ("PASS", "green"),
    Verdict.FAIL: ("FAIL", "red"),
    Verdict.UNKNOWN: ("UNKNOWN", "yellow"),
    Verdict.WAIVED: ("WAIVED", "dim"),
    Verdict.NOT_APPLICABLE: ("NOT APPLICABLE", "dim"),
}


def explanation_lines(
    finding: Finding, policy: PolicyRecord | None, page: Page, waivers: Sequence[Waiver] = ()
) -> Iterator[str]:
    """All there is to say of one verdict, the most important first."""
    yield _headline(finding, policy, page)
    yield from page.wrap(finding.message, 0)
    if finding.location:
        yield page.paint(f"at {spot(finding.location)}", "dim")
    for waiver in waivers:
        if finding.verdict is Verdict.WAIVED and waiver.id == finding.waiver:
            yield from page.wrap(f"accepted by {waiver_words(waiver)}", 2, first=0)
    if finding.unwaived:
        yield from page.wrap(finding.unwaived, 2, first=0)
    yield ""
    yield page.heading("how it was decided") + page.paint(
        " (> leads to the verdict, - was not needed)", "dim"
    )
    yield from tree_lines(finding.derivation, page)
    yield ""
    yield from _way_lines(finding, page)
    if finding.needs:
        yield page.heading("what would decide it")
        for need in finding.needs:
            yield from page.wrap(need + _ANSWER * bool(_ASKED.match(need)), 4, first=2)
        if finding.residual:
            yield from page.wrap(finding.residual, 4, first=2)
        yield ""
    if policy and policy.fix and finding.verdict in (Verdict.FAIL, Verdict.WAIVED):
        yield page.heading("how to mend it")
        yield from page.wrap(policy.fix, 2, first=2)
        yield ""
    yield page.paint(f"fingerprint {one_line(finding.fingerprint)}", "dim")


def _headline(finding: Finding, policy: PolicyRecord | None, page: Page) -> str:
    word, colour = _VERDICTS[finding.verdict]
    name = one_line(f"{finding.policy_id} {policy.slug}" if policy else finding.policy_id)
    parts = [page.paint(word, colour, "bold"), page.paint(name, "bold"), finding.severity.value]
    if finding.blocking:
        parts.append(page.paint("BLOCKS", "red", "bold"))
    return "  ".join(parts)


# -- the tree ----------------------------------------------------------------------------------


def tree_lines(roots: Sequence[Derivation], page: Page) -> Iterator[str]:
    """Each sub-expression on a line, its value before it if that is yes or no. What does not decide
    has no parts here, unless the page is verbose; a `when` that holds has none either."""
    for root in roots:
        folded = root.label == "when" and root.value == "true" and len(roots) > 1
        yield from _branch_lines(root, 0, page, folded=folded and not page.verbose)


def _branch_lines(root: Derivation, depth: int, page: Page, *, folded: bool) -> Iterator[str]:
    pending: list[tuple[int, Derivation | str]] = [(depth, root)]
    while pending:
        depth, one = pending.pop()
        if isinstance(one, str):
            yield from _text_lines(one, " ", "", depth, page, dim=True)
            continue
        decides = one.decides and not folded
        parts = one.parts if decides or page.verbose else ()
        yield from _node_lines(one, depth, page, decides=decides, has_parts=bool(parts))
        if one.rest and (decides or page.verbose):
            pending.append((depth + 1, one.rest))
        pending.extend((depth + 1, part) for part in reversed(parts))


def _node_lines(
    one: Derivation, depth: int, page: Page, *, decides: bool, has_parts: bool
) -> Iterator[str]:
    text = f"{one.label}: {one.expression}" if one.label else one.expression
    text = one.label if is_case(one) else text
    word = one.value or "-"
    if word not in _WORDS:
        text, word = f"{text} = {one.value}", ""
    mark = ">" if decides else " "
    limit = 0 if decides and not has_parts else _MOST_LINES
    yield from _text_lines(text, mark, word, depth, page, limit=limit, dim=not decides)
    needs = (need for need in one.needs if need.partition(" (")[0] not in one.note)
    notes = [one.note, *(f"needs {need}" for need in needs)] if decides or not has_parts else []
    for note in filter(None, notes):
        yield from _text_lines(note, " ", "", depth + 1, page, dim=not decides)


def _text_lines(
    text: str, mark: str, word: str, depth: int, page: Page, *, limit: int = 0, dim: bool = False
) -> Iterator[str]:
    indent = min(4 + _WORD + depth * _STEP, max(page.width // 2, 20))
    lines = page.wrap(text, indent + _STEP, first=indent)
    if limit and len(lines) > limit:
        lines = lines[:limit]
        while columns(lines[-1]) > page.width - 2 and " " in lines[-1].strip():
            lines[-1] = lines[-1].rpartition(" ")[0].rstrip()
        lines[-1] += " …"
    head = f"  {mark} {word:<{_WORD}}"
    first = lines[0][len(head) :]
    if dim:
        yield page.paint(f"{head}{first}".rstrip(), "dim")
    else:
        colours = ("yellow", "bold") if word == "unknown" else ("bold",)
        marked = page.paint(f"{mark} {word}", *colours) + " " * (_WORD - len(word))
        yield f"  {marked}{first}".rstrip()
    for line in lines[1:]:
        yield page.paint(line, "dim") if dim else line


# -- where values come from --------------------------------------------------------------------


def _way_lines(finding: Finding, page: Page) -> Iterator[str]:
    """The values that decide, each with its way from the field to the line where it is written;
    those that came one way together."""
    values = list(deciding_values(finding.derivation))
    if not values:
        return
    yield page.heading("where the values come from")
    for chain, group in groupby(values[:_MOST_VALUES], key=lambda one: one.provenance):
        for one in group:
            yield from page.wrap(value_of(one), 4, first=2)
        yield from _chain_lines(chain, page)
    if len(values) > _MOST_VALUES:
        yield f"  {len(values) - _MOST_VALUES} more"
    yield ""


def value_of(one: Derivation) -> str:
    """A value at its place: `resource.ingress[0].cidrs[0] = "::/0"`, `aws_subnet.a.zone is
    there`."""
    path, value = place_and_value(one)
    return ".".join(filter(None, (one.owner or "resource", path))) + value


def _chain_lines(chain: Iterable[Link], page: Page) -> Iterator[str]:
    """The steps, those on one line together."""
    for (where, line), links in groupby(chain, key=_where_and_line):
        steps = list(links)
        told = ", ".join(dict.fromkeys(map(_told, steps)))
        for text in page.wrap(f"{where} {told}" if steps[0].location else told, 6, first=4):
            yield page.paint(text, "dim")
        if line:
            yield " " * 8 + _fitting(" ".join(one_line(line).split()), page.width - 8)


def _where_and_line(link: Link) -> tuple[str, str]:
    """The place of a step, or else what it is called, and its line."""
    return (path_text(link.location.place), link.line) if link.location else (link.label, "")


def _told(link: Link) -> str:
    """What a step is; its label unless that quotes the line, which stands below."""
    quotes = link.line and link.kind in _QUOTING
    return link.kind if quotes else one_line(f"{link.kind} {link.label}").strip()


def _fitting(text: str, room: int) -> str:
    """The beginning of a line of code, as much as fits."""
    room = max(room, 20)
    if columns(text) <= room:
        return text
    while columns(text) > room - 2:
        text = text[:-1]
    return f"{text} …"
