"""Which members of a collection are equal, when some are not known, and of one type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from policyscan.collectors.terraform import operators, scalars
from policyscan.collectors.terraform.value import Plain, SetItems, Value
from policyscan.values import OneOf, PartialList, Ref, Unknown, Why, first


def reason_of(value: Value) -> Unknown | None:
    """Why the text of a value is not known; None for known values and containers."""
    plain = value.plain
    if isinstance(plain, Ref):
        needs = f"the text of {plain}" if plain.attribute else f"the attributes of {plain.address}"
        return Unknown(Why.COMPUTED, needs, plain.where)
    return value.unknown


def unify(found: Sequence[Value]) -> list[Value] | None:
    """The members with one type, as in a list: strings if one is a string. None if Terraform
    would refuse a number beside a boolean."""
    plains = [value.plain for value in found]
    if any(isinstance(plain, (str, Ref)) for plain in plains):
        return [_as_text(value) for value in found]
    kinds = {isinstance(plain, bool) for plain in plains if isinstance(plain, (int, float))}
    return None if len(kinds) > 1 else list(found)


def _as_text(value: Value) -> Value:
    text = scalars.to_text(value.plain)
    return value if text is None else Value(text, value.trail, value.sensitive)


def unique(
    found: Iterable[Value], spend: Callable[[int], None]
) -> tuple[list[Value], Unknown | None]:
    """The members without repetitions, in order, and the reason if two of those that are left
    may be equal. `spend` counts comparisons."""
    kept: list[Value] = []
    scalar: set[tuple[str, Plain]] = set()
    others: list[Value] = []
    doubt: Unknown | None = None
    for value in found:
        key = _scalar_key(value.plain)
        if key is None:
            spend(len(others))
            answers = [operators.equal(other, value) for other in others]
            if True in answers:
                continue
            if None in answers:
                doubt = first(doubt, _doubt(value))
            others.append(value)
        elif key in scalar:
            continue
        else:
            scalar.add(key)
        kept.append(value)
    return kept, first(doubt, _doubt_beside(scalar, others))


def _doubt_beside(scalar: set[tuple[str, Plain]], others: list[Value]) -> Unknown | None:
    """The reason if one of `others` may equal a scalar."""
    text = any(kind == "text" for kind, _ in scalar)
    for value in others:
        plain = value.plain
        if isinstance(plain, (Unknown, OneOf)) and scalar:
            return _doubt(value)
        if isinstance(plain, Ref) and text:
            return _doubt(value)
    return None


def _doubt(value: Value) -> Unknown:
    reason = reason_of(value)
    if reason is not None:
        return reason
    return Unknown(Why.COMPUTED, "whether members are equal", value.trail.step.span)


def _scalar_key(plain: Plain) -> tuple[str, Plain] | None:
    if plain is None:
        return "null", None
    if isinstance(plain, bool):
        return "bool", plain
    if isinstance(plain, (int, float)):
        return "number", plain
    return ("text", plain) if isinstance(plain, str) else None


def set_of(found: Sequence[Value], spend: Callable[[int], None]) -> SetItems | PartialList[Value]:
    """A set of `found`, which have one type; open if two members may be equal."""
    kept, doubt = unique(found, spend)
    ordered = SetItems(sorted(kept, key=_set_order))
    return ordered if doubt is None else PartialList(tuple(ordered), doubt)


def _set_order(value: Value) -> tuple[int, float, str]:
    plain = value.plain
    if isinstance(plain, (int, float)):
        return 0, plain, ""
    return (1, 0, plain) if isinstance(plain, str) else (2, 0, "")
