"""Functions of lists, sets and maps. They look only at what they need: a member that is not known
leaves the others known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from policyscan.collectors.terraform import operators, scalars
from policyscan.collectors.terraform.functions.invocation import Invocation
from policyscan.collectors.terraform.functions.strings import clusters
from policyscan.collectors.terraform.functions.table import Function, Table, list_made_by
from policyscan.collectors.terraform.members import reason_of, set_of, unify, unique
from policyscan.collectors.terraform.value import MapItems, Plain, SetItems, Value, members
from policyscan.values import OneOf, PartialList, Ref, Undetermined, Unknown, first


def _length(call: Invocation) -> Plain:
    plain = call.plain(0)
    if isinstance(plain, PartialList):
        raise Undetermined(plain.unknown)
    if isinstance(plain, (tuple, dict)):
        return len(plain)
    if not isinstance(plain, str):
        raise call.error("a collection or a string is required")
    return len(clusters(call, plain))


def _concat(call: Invocation) -> Plain:
    parts = [_list(call, index) for index in range(len(call.arguments))]
    found = (value for known, _ in parts for value in known)
    return call.collect(found, first(*(rest for _, rest in parts)))


def _list(call: Invocation, index: int) -> tuple[tuple[Value, ...], Unknown | None]:
    """The members of an argument that must not be a set."""
    if isinstance(call.arguments[index].plain, SetItems):
        raise call.error("a list is required")
    return call.open_items(index)


def _merge(call: Invocation) -> Plain:
    merged: dict[str, Value] = {}
    for index, argument in enumerate(call.arguments):
        if argument.plain is not None:
            merged |= call.mapping(index)
    return merged


def _compact(call: Invocation) -> Plain:
    found, rest = call.open_items(0)
    kept = []
    for value in found:
        reason = reason_of(value)
        if isinstance(value.plain, Ref) or (reason is not None and any(reason.fragments)):
            kept.append(value)
        elif reason is not None:
            rest = first(rest, reason)
        elif value.plain is not None and call.text_of(value):
            kept.append(_text_member(value))
    return call.collect(kept, rest)


def _distinct(call: Invocation) -> Plain:
    found, rest = call.open_items(0)
    kept, doubt = unique(_unified(call, found), call.spend)
    return call.collect(kept, first(rest, doubt))


def _unified(call: Invocation, found: Sequence[Value]) -> Sequence[Value]:
    unified = unify(found)
    if unified is None:
        raise call.error("the members have different types")
    return unified


def _text_member(value: Value) -> Value:
    text = scalars.to_text(value.plain)
    return value if text is None else Value(text, value.trail, value.sensitive)


def _sort(call: Invocation) -> Plain:
    found, rest = call.open_items(0)
    known = []
    others = []
    for value in found:
        reason = reason_of(value)
        if reason is None:
            known.append((call.text_of(value), _text_member(value)))
        else:
            others.append(value)
            rest = first(rest, reason)
    known.sort(key=lambda pair: pair[0])
    return call.collect([*(value for _, value in known), *others], rest)


def _coalesce(call: Invocation) -> Value:
    texts = any(isinstance(argument.plain, (str, Ref)) for argument in call.arguments)
    open_ = next((r for r in map(reason_of, call.arguments) if r is not None), None)
    for argument in call.arguments:
        reason = reason_of(argument)
        if reason is not None or argument.plain not in (None, ""):
            if open_ is not None and not texts and isinstance(argument.plain, (bool, int, float)):
                raise Undetermined(open_)  # a text among the others makes it one
            return call.pass_on(_text_member(argument) if texts else argument)
    raise call.error("every argument is null or empty")


def _coalescelist(call: Invocation) -> Value:
    for index, argument in enumerate(call.arguments):
        found, rest = call.open_items(index)
        if found:
            return call.pass_on(argument)
        if rest is not None:
            raise Undetermined(rest)
    raise call.error("every list is empty")


def _contains(call: Invocation) -> Plain:
    found, rest = call.open_items(0)
    return _exists((operators.equal(value, call.arguments[1]) for value in found), call, rest)


def _exists(answers: Iterable[bool | None], call: Invocation, rest: Unknown | None) -> bool:
    undecided = False
    for answer in answers:
        if answer is True:
            return True
        undecided = undecided or answer is None
    if undecided:
        raise Undetermined(_undecided(call))
    if rest is not None:
        raise Undetermined(rest)
    return False


def _undecided(call: Invocation) -> Unknown:
    """Why a comparison of arguments and their members was not decided."""
    pending = list(reversed(call.arguments))
    while pending:
        call.spend()
        value = pending.pop()
        reason = reason_of(value)
        if reason is not None:
            return reason
        if isinstance(value.plain, PartialList):
            return value.plain.unknown
        pending.extend(members(value))
    raise call.unsupported("comparable members")


def _index(call: Invocation) -> Plain:
    for position, value in enumerate(all_of_list(call, 0)):
        answer = operators.equal(value, call.arguments[1])
        if answer is None:
            raise Undetermined(_undecided(call))
        if answer:
            return position
    raise call.error("the list does not hold this value")


def all_of_list(call: Invocation, index: int) -> tuple[Value, ...]:
    """All members of an argument that must be a list."""
    if isinstance(call.arguments[index].plain, SetItems):
        raise call.error("a list is required")
    return call.items(index)


def _zipmap(call: Invocation) -> Plain:
    keys, values = call.items(0), call.items(1)
    if len(keys) != len(values):
        raise call.error("the lists have different lengths")
    return {call.text_of(key): value for key, value in zip(keys, values, strict=True)}


def _keys(call: Invocation) -> Plain:
    return call.texts(sorted(call.mapping(0)))


def _values(call: Invocation) -> Plain:
    mapping = call.mapping(0)
    return tuple(mapping[key] for key in sorted(mapping))


def _lookup(call: Invocation) -> Value:
    mapping, key = call.mapping(0), call.text(1)
    if key in mapping:
        return call.pass_on(mapping[key])
    if len(call.arguments) < 3:
        raise call.error("there is no such key and no default")
    return call.pass_on(call.arguments[2])


def _flatten(call: Invocation) -> Plain:
    found, rest = call.open_items(0)
    kept: list[Value] = []
    pending = list(reversed(found))
    while pending:
        call.spend()
        value = pending.pop()
        plain = value.plain
        if isinstance(plain, (Unknown, OneOf)):
            rest = first(rest, reason_of(value))
        elif isinstance(plain, PartialList):
            rest = first(rest, plain.unknown)
            pending.extend(reversed(plain.known))
        elif isinstance(plain, tuple):
            pending.extend(reversed(plain))
        else:
            kept.append(value)
    return call.collect(kept, rest)


def _tolist(call: Invocation) -> Plain:
    if call.arguments[0].plain is None:
        return None
    found, rest = call.open_items(0)
    return call.collect(_unified(call, found), rest)


def _toset(call: Invocation) -> Plain:
    if call.arguments[0].plain is None:
        return None
    found, rest = call.open_items(0)
    return _as_set(call, found, rest)


def _as_set(call: Invocation, found: Sequence[Value], rest: Unknown | None) -> Plain:
    made = set_of(_unified(call, found), call.spend)
    if rest is None:
        return made
    return call.collect(made.known if isinstance(made, PartialList) else made, rest)


def _tomap(call: Invocation) -> Plain:
    if call.arguments[0].plain is None:
        return None
    mapping = call.mapping(0)
    return MapItems(zip(mapping, _unified(call, list(mapping.values())), strict=True))


def _setunion(call: Invocation) -> Plain:
    parts = [call.open_items(index) for index in range(len(call.arguments))]
    found = [value for known, _ in parts for value in known]
    return _as_set(call, found, first(*(rest for _, rest in parts)))


def _setintersection(call: Invocation) -> Plain:
    kept, *others = [call.items(index) for index in range(len(call.arguments))]
    return _chosen(call, kept, others, held=True)


def _setsubtract(call: Invocation) -> Plain:
    return _chosen(call, call.items(0), [call.items(1)], held=False)


def _chosen(
    call: Invocation, found: tuple[Value, ...], others: list[tuple[Value, ...]], *, held: bool
) -> Plain:
    """The members of `found` that all the others hold, or do not hold."""
    unified = _unified(call, [*found, *(value for other in others for value in other)])
    kept, start = list(unified[: len(found)]), len(found)
    for other in others:
        against = unified[start : start + len(other)]
        start += len(other)
        kept = [value for value in kept if _holds(call, against, value) is held]
    return _as_set(call, kept, None)


def _holds(call: Invocation, found: Sequence[Value], wanted: Value) -> bool:
    call.spend(len(found))
    return _exists((operators.equal(value, wanted) for value in found), call, None)


def _quantified(decisive: bool) -> Function:
    """`alltrue` is decided by one false member, `anytrue` by one true member."""

    def apply(call: Invocation) -> Plain:
        found, rest = call.open_items(0)
        for value in found:
            reason = reason_of(value)
            if reason is not None:
                rest = first(rest, reason)
            elif call.truth_of(value) is decisive:
                return decisive
        if rest is not None:
            raise Undetermined(rest)
        return not decisive

    return apply


def _one(call: Invocation) -> Plain | Value:
    found = call.items(0)
    if len(found) > 1:
        raise call.error("there is more than one member")
    return call.pass_on(found[0]) if found else None


def _reverse(call: Invocation) -> Plain:
    found, rest = call.open_items(0)
    return call.collect(tuple(reversed(found)), rest)


def _matchkeys(call: Invocation) -> Plain:
    values, keys, wanted = call.items(0), call.items(1), call.items(2)
    if len(values) != len(keys):
        raise call.error("the lists have different lengths")
    return tuple(
        value for value, key in zip(values, keys, strict=True) if _holds(call, wanted, key)
    )


def _chunklist(call: Invocation) -> Plain:
    found, size = all_of_list(call, 0), call.integer(1)
    if size < 0:
        raise call.error("the size is negative")
    size = size or len(found) or 1
    return tuple(
        call.make(tuple(found[start : start + size])) for start in range(0, len(found), size)
    )


def _transpose(call: Invocation) -> Plain:
    columns: dict[str, list[str]] = {}
    for key, text in _pairs(call):
        columns.setdefault(text, []).append(key)
    return {text: call.make(call.texts(columns[text])) for text in sorted(columns)}


def _pairs(call: Invocation) -> Iterator[tuple[str, str]]:
    mapping = call.mapping(0)
    for key in sorted(mapping):
        plain = call.known(mapping[key])
        if isinstance(plain, PartialList):
            raise Undetermined(plain.unknown)
        if not isinstance(plain, tuple):
            raise call.error("each member must be a list of strings")
        for value in plain:
            call.spend()
            yield key, call.text_of(value)


TABLE: Table = {
    "alltrue": (_quantified(False), 1, 1),
    "anytrue": (_quantified(True), 1, 1),
    "chunklist": (_chunklist, 2, 2),
    "coalesce": (_coalesce, 1, None),
    "coalescelist": (_coalescelist, 1, None),
    "compact": (list_made_by(_compact), 1, 1),
    "concat": (_concat, 1, None),
    "contains": (_contains, 2, 2),
    "distinct": (list_made_by(_distinct), 1, 1),
    "flatten": (_flatten, 1, 1),
    "index": (_index, 2, 2),
    "keys": (_keys, 1, 1),
    "length": (_length, 1, 1),
    "lookup": (_lookup, 2, 3),
    "matchkeys": (_matchkeys, 3, 3),
    "merge": (_merge, 0, None),
    "one": (_one, 1, 1),
    "reverse": (_reverse, 1, 1),
    "setintersection": (_setintersection, 1, None),
    "setsubtract": (_setsubtract, 2, 2),
    "setunion": (_setunion, 1, None),
    "sort": (list_made_by(_sort), 1, 1),
    "tolist": (list_made_by(_tolist), 1, 1),
    "tomap": (_tomap, 1, 1),
    "toset": (_toset, 1, 1),
    "transpose": (_transpose, 1, 1),
    "values": (_values, 1, 1),
    "zipmap": (_zipmap, 2, 2),
}
