"""Whether a waiver holds at all, whatever it is for: who approved it, and from when until when."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta

from policyscan.config.waivers import WaiverSettings
from policyscan.findings.model import family_of
from policyscan.findings.waivers import WaiverEntry
from policyscan.text.complaints import suggestion
from policyscan.text.display import UNSEEN

_UNSEEN = re.compile(f"[\u2800{UNSEEN}]")
"""Braille without a dot looks like a blank, and is none."""
NO_VALUES = "it does not say which values it accepts, and would accept anything; "
NO_VALUES += "`policyscan waive` writes them"


def day_of(now: datetime) -> date:
    """The day that it is, in UTC: a waiver holds to the end of its last one."""
    return now.astimezone(UTC).date()


def same_person(one: str, other: str) -> bool:
    """Whether two names are one, however they are spelled: case, blanks, invisible characters and
    the `@` of an account make nobody another. Letters that look alike do: who wants another name
    can as well make one up."""
    return _plain(one) == _plain(other)


def refusal(
    entry: WaiverEntry, settings: WaiverSettings, policies: Collection[str], today: date
) -> str:
    """Why a waiver of the file does not hold, whatever it selects; empty if nothing is wrong with
    it. That its last day is over is no reason here. `policies` are all ids; empty if they are not
    known."""
    for role, name in (("owner", entry.owner), ("approver", entry.approver)):
        if not any(map(str.isalnum, _plain(name))):
            return f"its {role} is no name"
    if same_person(entry.owner, entry.approver):
        return f"its owner approved it: {entry.owner}"
    if settings.approvers and not any(same_person(entry.approver, x) for x in settings.approvers):
        return f"{entry.approver} is none of the approvers that the configuration names"
    if entry.policy and policies and entry.policy not in policies:
        return f"there is no policy {entry.policy}{suggestion(entry.policy, policies)}"
    if entry.policy and (why := never(entry.policy, settings)):
        return why
    if entry.since > today:
        return f"it was granted on a day that has not come: {entry.since} (UTC)"
    if why := too_long(entry.since, entry.expires, settings):
        return why
    return NO_VALUES if entry.accepts is None else ""


def never(policy_id: str, settings: WaiverSettings) -> str:
    """Why failures of a policy are never accepted; empty if they may be."""
    words = {word.upper() for word in settings.policies_never}
    if words.isdisjoint((policy_id, family_of(policy_id))):
        return ""
    return f"the configuration lets nobody accept failures of {policy_id}"


def too_long(since: date, expires: date, settings: WaiverSettings) -> str:
    """Why a waiver may not last until a day; empty if it may."""
    try:
        last = since + timedelta(days=settings.longest)
    except OverflowError:
        return ""
    if expires <= last:
        return ""
    return f"it may last {settings.longest} days, until {last}, and says {expires}"


def _plain(name: str) -> str:
    seen = (char for char in unicodedata.normalize("NFKC", name) if not _is_unseen(char))
    return " ".join("".join(seen).casefold().split()).lstrip("@").strip()


def _is_unseen(char: str) -> bool:
    if char.isspace():
        return False
    return unicodedata.category(char) == "Cf" or _UNSEEN.match(char) is not None
