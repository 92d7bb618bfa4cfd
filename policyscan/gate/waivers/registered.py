"""The waivers of the file beside the failures of a run."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from msgspec import Struct

from policyscan.config.waivers import WaiverSettings
from policyscan.facts import unwrapped
from policyscan.facts.plain import written
from policyscan.findings.difference import Known
from policyscan.findings.model import Finding
from policyscan.findings.report import Waiver
from policyscan.findings.waivers import Acceptance, WaiverEntry, is_pattern, matches
from policyscan.gate.waivers.candidates import Candidate
from policyscan.gate.waivers.holding import never, refusal
from policyscan.gate.worse import what_got_worse
from policyscan.resources.masking import mask
from policyscan.text.display import shortened

_LONGEST = 160
"""Characters of accepted values that are shown."""


class Failure(Struct, frozen=True):
    """A failure that may be accepted."""

    place: int
    """Where it is among the findings."""
    finding: Finding
    earlier: Known | None = None
    """The same on the trusted side, where it may be called something else."""
    environment: str = ""
    """That its resource is in, if that is known."""
    more: str = ""
    """What is worse than there beyond the values that a waiver accepts, in words."""

    @property
    def names(self) -> Iterator[Finding | Known]:
        """The finding, and what it was if that differs."""
        yield self.finding
        if self.earlier is not None:
            yield self.earlier


class Failures:
    """The failures of a run, found by what waivers say of them."""

    def __init__(
        self,
        failures: Iterable[Failure],
        judged: Collection[str],
        trusted: Iterable[tuple[Known, bool]] = (),
    ) -> None:
        """`trusted` are the failures of the trusted side, and whether the thing is still there."""
        self.judged = judged
        """The policies that judged something."""
        self._trusted: defaultdict[tuple[str, str], list[tuple[Known, bool]]] = defaultdict(list)
        for one, stays in trusted:
            self._trusted["", one.fingerprint].append((one, stays))
            self._trusted[one.policy_id, one.resource.address].append((one, stays))
        self._texts: dict[int, str] = {}
        self._by_policy: defaultdict[str, list[Failure]] = defaultdict(list)
        self._by_key: defaultdict[tuple[str, str], list[Failure]] = defaultdict(list)
        for failure in failures:
            self._by_policy[failure.finding.policy_id].append(failure)
            keys = {("", each.fingerprint) for each in failure.names}
            keys |= {(each.policy_id, each.resource.address) for each in failure.names}
            for key in sorted(keys):
                self._by_key[key].append(failure)

    def of(self, entry: WaiverEntry) -> list[Failure]:
        """Those that a waiver selects."""
        if entry.fingerprint:
            found = self._by_key.get(("", entry.fingerprint), [])
        elif is_pattern(entry.address):
            found = self._by_policy.get(entry.policy, [])
        else:
            found = self._by_key.get((entry.policy, entry.address), [])
        return [one for one in found if any(map(entry.selects, one.names))]

    def text(self, failure: Failure) -> str:
        """Its facts in their one spelling, by which those that are alike are known."""
        if failure.place not in self._texts:
            self._texts[failure.place] = written(failure.finding.facts)
        return self._texts[failure.place]

    def another(self, entry: WaiverEntry, failure: Failure) -> str:
        """Why a failure is not the one that a waiver is for; empty if it may be. A waiver of one
        thing names it by its address or its fingerprint, and another can come to have the same:
        the address in another root, the fingerprint by a `moved` block. What is gone may have
        become anything of the same name, but in no other environment."""
        if is_pattern(entry.address):
            return ""
        key = ("", entry.fingerprint) if entry.fingerprint else (entry.policy, entry.address)
        found = [pair for pair in self._trusted.get(key, ()) if entry.selects(pair[0])]
        staying = [one for one, stays in found if stays]
        if staying:
            return "" if failure.earlier in staying else _other(failure, staying[0])
        places = {one.environment for one, _ in found}
        moved = found and failure.environment and not places & {"", failure.environment}
        return _other(failure, found[0][0]) if moved else ""


def registered(
    entries: Sequence[WaiverEntry],
    settings: WaiverSettings,
    failures: Failures,
    policies: Collection[str],
    today: date,
) -> Iterator[Candidate]:
    """Each waiver of the file, with the failures that it is for."""
    for entry in entries:
        found = Candidate(_record(entry), entry.expires, refusal(entry, settings, policies, today))
        accepted = _Accepted(entry.accepts or ())
        selected = failures.of(entry)
        for failure in selected:
            if entry.accepts is None:
                found.chosen[failure.place] = failure.more
            elif (exceeds := accepted.exceeded(failure, failures.text(failure))) is None:
                found.aside.append(failure.finding.resource.address)
            else:
                found.chosen[failure.place] = exceeds or failure.more
            if another := failures.another(entry, failure):
                found.chosen[failure.place] = another
        for policy_id in dict.fromkeys(one.finding.policy_id for one in selected):
            found.refusal = found.refusal or never(policy_id, settings)
        if entry.policy and entry.policy not in failures.judged:
            found.idle = f"{entry.policy} judged nothing in this run"
        yield found


class _Accepted:
    """The values that a waiver accepts, found by whose they are. What many failures have alike is
    compared once."""

    def __init__(self, accepts: Sequence[Acceptance]) -> None:
        self._accepts = accepts
        self._by_address: defaultdict[str, list[int]] = defaultdict(list)
        self._others: list[int] = []
        """Those for every resource, or for all that a pattern matches."""
        for number, each in enumerate(accepts):
            one = each.address and not is_pattern(each.address)
            (self._by_address[each.address] if one else self._others).append(number)
        self._compared: dict[tuple[int, str, str], str] = {}

    def exceeded(self, failure: Failure, text: str) -> str | None:
        """What of a failure is more than is accepted of it, in words; empty if one of the values
        covers it, None if none is for its resource. `text` is its facts in their one spelling."""
        found = self._of(failure)
        if not found:
            return None
        facts, kind = failure.finding.facts, failure.finding.resource.kind
        words = []
        for number in found:
            key = number, text, kind
            if key not in self._compared:
                values = self._accepts[number].values
                self._compared[key] = exceeding(values, facts, kind)
            words.append(self._compared[key])
            if not words[-1]:
                return ""
        pairs = zip(found, words, strict=True)
        return next((more for number, more in pairs if self._accepts[number].address), words[0])

    def _of(self, failure: Failure) -> list[int]:
        names = {each.resource.address for each in failure.names}
        found = {number for name in names for number in self._by_address.get(name, ())}
        for number in self._others:
            pattern = self._accepts[number].address
            if not pattern or any(matches(pattern, name) for name in names):
                found.add(number)
        return sorted(found)


def exceeding(accepted: Mapping[str, Any], facts: Mapping[str, Any], kind: str) -> str:
    """What of the facts is more than the accepted values, in words, with those values; empty if
    they cover all. A field of which nothing is accepted is more."""
    words = what_got_worse(accepted, facts, kind)
    if not words:
        return ""
    fields = [
        name
        for name in facts
        if name not in accepted or what_got_worse({name: accepted[name]}, {name: facts[name]}, kind)
    ]
    named = [name for name in fields or accepted if name in accepted]
    values = {name: unwrapped(accepted[name])[1] for name in named}
    text = json.dumps(values, ensure_ascii=False, sort_keys=True)
    return f"{words} (accepted: {mask(shortened(text, _LONGEST)) if values else 'nothing of it'})"


def _other(failure: Failure, meant: Known) -> str:
    ref, other = meant.resource, failure.finding.resource
    return f"it is for {ref.address} in {ref.unit}; {other.address} in {other.unit} is another"


def _record(entry: WaiverEntry) -> Waiver:
    return Waiver(
        id=entry.id,
        policy=entry.policy,
        selector=entry.selector,
        reason=mask(entry.reason),
        owner=mask(entry.owner),
        approver=mask(entry.approver),
        expires=entry.expires.isoformat(),
        status="",
        ticket=mask(entry.ticket),
        place=entry.place,
        since=entry.since.isoformat(),
    )
