"""Functions that take something out of a list by position: the position may tell more than the list
does."""

from __future__ import annotations

from policyscan.collectors.terraform.functions.collections import all_of_list
from policyscan.collectors.terraform.functions.invocation import Invocation
from policyscan.collectors.terraform.functions.table import Table
from policyscan.collectors.terraform.members import reason_of
from policyscan.collectors.terraform.value import Plain, Value
from policyscan.collectors.terraform.zones import is_list_of_zones, zone, zone_around
from policyscan.values import Ref, Unknown, Why


def _element(call: Invocation) -> Value:
    listed = call.arguments[0]
    if isinstance(listed.plain, Unknown) and is_list_of_zones(listed.plain):
        one = zone_around(listed.plain, call.integer(1))
        if one is not None:
            return listed.derived(one, call.span)
    found, index = all_of_list(call, 0), call.integer(1)
    if not found or (index < 0 and index % len(found)):
        raise call.error("the list is empty or the index negative")
    return call.pass_on(found[index % len(found)])


def _slice(call: Invocation) -> Plain:
    listed = call.arguments[0]
    if isinstance(listed.plain, (Unknown, Ref)) and not _is_refused(listed):
        return _unknown_slice(call, listed)
    found, start, end = all_of_list(call, 0), call.integer(1), call.integer(2)
    if not 0 <= start <= end <= len(found):
        raise call.error("the list does not reach so far")
    return found[start:end]


def _is_refused(value: Value) -> bool:
    return isinstance(value.plain, Unknown) and value.plain.why is Why.EVALUATION_ERROR


def _unknown_slice(call: Invocation, listed: Value) -> Plain:
    """A piece of a list that is not known: of its members only the number is."""
    start, end = call.integer(1), call.integer(2)
    if not 0 <= start <= end:
        raise call.error("the list does not reach so far")
    call.spend(end - start)
    plain = listed.plain
    if isinstance(plain, Unknown) and is_list_of_zones(plain):
        return tuple(listed.derived(zone(plain, n), call.span) for n in range(start, end))
    reason = reason_of(listed)
    assert reason is not None
    return tuple(listed.derived(reason.derived, call.span) for _ in range(start, end))


TABLE: Table = {
    "element": (_element, 2, 2),
    "slice": (_slice, 3, 3),
}
