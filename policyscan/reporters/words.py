"""Words that several formats use."""

from __future__ import annotations

import shlex

from policyscan.findings.model import GapRecord, Location, ResourceRef, ScopeAnswer
from policyscan.findings.report import LedgerEntry, Waiver
from policyscan.resources.units import in_account, is_account, region_of, set_unit
from policyscan.text.display import path_text
from policyscan.text.words import count

MOST_STEPS = 4
"""Steps that lead to an answer of scope which are told; JSON and HTML have all of them."""


def without_outputs(command: str) -> str:
    """A command as somebody types it again: where its reports went is left out."""
    try:
        words = iter(shlex.split(command))
    except ValueError:  # of a report that another program wrote
        return command
    kept: list[str] = []
    for word in words:
        if word in ("-o", "--output"):
            next(words, None)
        elif not word.startswith(("-o", "--output=")) and word not in ("-q", "--quiet"):
            kept.append(word)
    return shlex.join(kept)


def scope_answer(one: ScopeAnswer) -> str:
    """`role trading, derived: aws_instance.bot reads aws_secretsmanager_secret.k <- ...` with the
    first steps, not yet safe to show."""
    steps = [
        f"{step.label} ({path_text(step.location.place)})" if step.location else step.label
        for step in one.because
    ]
    way = " <- ".join(steps[:MOST_STEPS] + ["…"] * (len(steps) > MOST_STEPS))
    return f"{one.question} {one.answer}, {one.basis}" + (f": {way}" if way else "")


def place_seen(unit: str) -> str:
    """`account 111122223333, eu-west-1`; a unit of another form as it is."""
    if in_account(unit):
        return f"account {set_unit(unit)}, {region_of(unit)}"
    return f"account {unit}" if is_account(unit) else unit


def seen(resource: ResourceRef) -> str:
    """`observed at 2026-01-05T09:00:00Z in account 111122223333, eu-west-1, by
    ec2:DescribeSecurityGroups`; empty for what was not seen running."""
    if not resource.observed_at:
        return ""
    where = "" if resource.unit in resource.observed_by else place_seen(resource.unit)
    text = f"observed at {resource.observed_at}" + (f" in {where}" if where else "")
    return f"{text}, by {resource.observed_by}" if resource.observed_by else text


def gap_unit(gap: GapRecord) -> str:
    """The unit of a gap, where neither a place nor its subject tells it."""
    return "" if gap.location or gap.unit in gap.subject else gap.unit


def asked(entry: LedgerEntry) -> str:
    """What a live source was asked and what came of it, in numbers."""
    text = (
        f"{count(entry.asked, 'question')}, {entry.returned:,} answered whole, "
        f"{count(entry.calls, 'call')}, {count(entry.pages, 'page')}, {entry.found:,} found, "
        f"{entry.normalised:,} read"
    )
    if entry.dropped:
        reasons = ", ".join(f"{number:,} {reason}" for reason, number in entry.dropped.items())
        text += f", {sum(entry.dropped.values()):,} left out ({reasons})"
    if entry.denied:
        text += f", {entry.denied:,} DENIED"
    return text if entry.balanced else f"{text}, books NOT BALANCED"


def spot(location: Location | None) -> str:
    """`path:line:column`, safe to show on one line; empty without a place."""
    if location is None:
        return ""
    return spot_in(location.path, location)


def spot_in(path: str, location: Location) -> str:
    """The same with another path of the file: `infra/main.tf:3:5`."""
    return f"{path_text(path)}:{location.start_line}:{location.start_column}"


def is_formula(note: str) -> bool:
    """Whether the note of a witness is the part of a condition that it breaks."""
    return note.startswith(("resource.", "now "))


def waiver_words(waiver: Waiver) -> str:
    """What a waiver is, in a sentence: until when, why, who answers for it and who approved it."""
    people = waiver_people(waiver)
    told = f" ({people})" if people else ""
    return f"{waiver.id} until {waiver.expires}: {waiver.reason}{told}"


def waiver_people(waiver: Waiver) -> str:
    """`owner ana, approver ben, ticket OPS-7`; what is not known is left out."""
    said = {"owner": waiver.owner, "approver": waiver.approver, "ticket": waiver.ticket}
    return ", ".join(f"{role} {text}" for role, text in said.items() if text)


def waiver_state(waiver: Waiver) -> str:
    """What became of it: `PS-NET-001 is expired (until 2026-01-31): its last day was ...`."""
    until = f" (until {waiver.expires})" if waiver.expires else ""
    because = f": {waiver.because}" if waiver.because else ""
    what = waiver.policy or waiver.selector
    return f"{what} is {waiver.status}{until}{because}"
