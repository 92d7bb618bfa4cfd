"""Whether what fails now is more than what failed before, and in words what more.

What is not known to be no worse is worse: a difference counts unless the policy's own conditions
say that a value may move this way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from policyscan.facts import EXISTS, unwrapped
from policyscan.facts.plain import DIGEST, MORE, NEEDS, REF, UNKNOWN, written
from policyscan.gate.exposure import uncovered
from policyscan.language.reading.ways import Way
from policyscan.resources.addresses import parse_network
from policyscan.resources.intervals import Intervals, difference, union
from policyscan.resources.masking import HIDDEN
from policyscan.text.display import shortened
from policyscan.values import Why

_RULES: Mapping[str, frozenset[str]] = {"SecurityGroup": frozenset({"ingress", "egress"})}
"""By kind, the fields whose members are rules of a packet filter: they cover one another by ports
and ranges of addresses. Members of other lists cover only what is equal to them, and ranges of
addresses those within them."""
_SCALES: Mapping[tuple[str, str], Sequence[str]] = {
    ("Secret", "value_from"): ("literal", "file", "variable", "generated", "resource"),
}
"""By kind and field, words that are each no worse than those before them, whatever a condition
makes of them."""
_EVERYWHERE = {"0.0.0.0": "0.0.0.0/0", "::": "::/0"}  # noqa: S104 - nothing listens
"""Addresses that lists of who may come take for everybody."""
_MAX_WORDS = 80
_MOST = 4
"""Things that got worse that are told."""


def covers(before: Mapping[str, Any], after: Mapping[str, Any], kind: str) -> bool:
    """Whether a failure with the facts `after` is no worse than one with the facts `before`, both
    of one policy on a resource of this kind. The ways in which a value may move are those of
    `after`."""
    return next(_worsened(before, after, kind), None) is None


def what_got_worse(
    before: Mapping[str, Any], after: Mapping[str, Any], kind: str, *, as_seen: bool = False
) -> str:
    """In words, what `before` does not cover; empty if it covers all. `as_seen` leaves out what is
    missing from `after` for something that could not be looked at."""
    words = list(dict.fromkeys(_worsened(before, after, kind, as_seen=as_seen)))
    more = [f"and {len(words) - _MOST} more"] if len(words) > _MOST else []
    return "; ".join(words[:_MOST] + more)


def _worsened(
    before: Mapping[str, Any], after: Mapping[str, Any], kind: str, *, as_seen: bool = False
) -> Iterator[str]:
    certain = {EXISTS: {Way.MOST.value: True}}
    before = certain | dict(before)
    for path, fact in {**certain, **after}.items():
        ways, now = unwrapped(fact)
        if as_seen and _is_unseen(now):
            continue
        if as_seen and isinstance(now, list):
            now = [each for each in now if not _is_unseen(each)]
        if path not in before:
            yield f"{_words(path)} was not looked at before"
            continue
        then = unwrapped(before[path])[1]
        if written(then) != written(now) and not _is_down(_SCALES.get((kind, path)), then, now):
            yield from _moved(path, ways, then, now, kind)


def _is_down(scale: Sequence[str] | None, then: Any, now: Any) -> bool:
    return scale is not None and now in scale and then in scale[: scale.index(now)]


def _moved(path: str, ways: frozenset[Way], then: Any, now: Any, kind: str) -> Iterator[str]:
    """What is worse about a value that is not the same."""
    if any(_broken(way, ways, then, now) for way in ways):
        yield f"{_words(path)} is {_value(now)}, it was {_value(then)}"
    elif isinstance(then, list) and isinstance(now, list):
        is_rules = path in _RULES.get(kind, ())
        if Way.MOST in ways:
            for words in _beyond(now, then, is_rules):
                was = "were" if "ports " in words else "was"
                yield f"{_words(path)}: {words} {was} not there before"
            for more in _more(now):
                if more not in _more(then):
                    yield f"{_words(path)}: not all of it is known ({_needs(more)})"
        if Way.LEAST in ways:
            for words in _beyond(then, now, is_rules):
                yield f"{_words(path)}: {words} is gone"
            if any(more not in _more(now) for more in _more(then)):
                yield f"{_words(path)}: what was not known of it may be gone"


def _broken(way: Way, ways: frozenset[Way], then: Any, now: Any) -> bool:
    """Whether a value, which is not the same, may be worse in one way; of the members of two lists
    nothing is said here."""
    match way:
        case Way.SET:
            return then is not None and _may_be_null(now)
        case Way.UNSET:
            return now is not None and _may_be_null(then)
        case Way.SOME:
            return then != [] and not (isinstance(now, list) and now)
        case Way.NONE:
            return now != [] and not (isinstance(then, list) and then)
        case Way.MOST | Way.LEAST:
            if then is None or now is None:  # what null means, the ways about it say
                return not ways & {Way.SET, Way.UNSET}
            if isinstance(then, list) and isinstance(now, list):
                return False
            return not (_at_most(now, then) if way is Way.MOST else _at_most(then, now))
    return True


def _may_be_null(value: Any) -> bool:
    return value is None or (isinstance(value, Mapping) and REF not in value)


def _at_most(one: Any, other: Any) -> bool:
    """Whether one value is certainly no more than another."""
    if one is False or other is True or one == []:
        return True
    if isinstance(one, bool) or isinstance(other, bool):
        return False
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return one <= other
    if isinstance(one, str) and isinstance(other, str):
        return HIDDEN not in one + other and one <= other
    return False


def _beyond(members: Sequence[Any], others: Sequence[Any], is_rules: bool) -> Iterator[str]:
    """In words, the members that the others do not cover, of those that are known."""
    if is_rules:
        members = [each for each in members if not _is_more(each)]
        yield from dict.fromkeys(grant.words for grant in uncovered(members, others))
        return
    left = Counter(map(written, members)) - Counter(map(written, others))
    held = union(*filter(None, map(_network, others))) if len(members) <= len(others) else ()
    for member in members:
        if left[written(member)] > 0 and not _is_more(member):
            left[written(member)] -= 1
            numbers = _network(member)
            if numbers is None or difference(numbers, held):
                yield _value(member)


def _is_unseen(value: Any) -> bool:
    """Whether a value, or the rest of a list, is in what could not be looked at."""
    why = value.get(UNKNOWN, value.get(MORE)) if isinstance(value, Mapping) else None
    return isinstance(why, Mapping) and why.get(NEEDS) == Why.NOT_SEEN.value


def _is_more(member: Any) -> bool:
    """Whether it stands for members of a list that are not known."""
    return isinstance(member, Mapping) and MORE in member


def _more(members: Sequence[Any]) -> list[Mapping[str, Any]]:
    return [each for each in members if _is_more(each)]


def _needs(more: Mapping[str, Any]) -> str:
    unknown = more[MORE]
    needs = unknown.get(NEEDS) if isinstance(unknown, Mapping) else None
    return shortened(needs, _MAX_WORDS).replace("_", " ") if isinstance(needs, str) else "more"


def _network(value: Any) -> Intervals | None:
    return parse_network(_EVERYWHERE.get(value, value)) if isinstance(value, str) else None


def _words(path: str) -> str:
    return path.replace("_", " ").replace(".", " ")


def _value(value: Any) -> str:
    if value is None:
        return "not set"
    if isinstance(value, str):
        return shortened(value, _MAX_WORDS)
    if isinstance(value, Mapping):
        return _object(value)
    return shortened(written(value), _MAX_WORDS)


def _object(value: Mapping[str, Any]) -> str:
    """A part by what it holds: `name TOKEN, source literal`."""
    if UNKNOWN in value or DIGEST in value:
        return "not known" if UNKNOWN in value else "too much to show"
    if isinstance(value.get(REF), str):
        return shortened(value[REF], _MAX_WORDS)
    pairs = (f"{_words(key)} {_value(each)}" for key, each in value.items())
    return shortened(", ".join(pairs), _MAX_WORDS)
