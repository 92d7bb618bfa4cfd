"""From a policy document to the fields of its statements, each with the place it is written at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from msgspec.structs import replace

from policyscan.collectors.terraform import fields
from policyscan.collectors.terraform.value import Value, members
from policyscan.resources.base import Chain
from policyscan.resources.iam.model import Condition
from policyscan.resources.iam.written import (
    LISTS,
    MAX_MEMBERS,
    MAX_STATEMENTS,
    PRINCIPALS,
    Written,
    nothing_known,
)
from policyscan.text.source import Span
from policyscan.values import OneOf, PartialList, Ref, Unknown, Why, first, glued, opened

_EFFECTS = fields.choice({"Allow": "Allow", "Deny": "Deny"})


def written(document: Value, after: Chain) -> list[Written]:
    """The statements of a document; of one that cannot be read, a single one of which nothing is
    known. `after` follows the chain of each value: how the document came to where it holds."""
    found: list[Written] = []
    for statement, conditional in _statements(document, None):
        if len(found) == MAX_STATEMENTS:
            reason = Unknown(Why.BUDGET, f"at most {MAX_STATEMENTS} statements", None)
            found.append(_unknown(statement, reason, after, reason))
            break
        found.append(_written(statement, after, conditional))
    return found


_Found = Iterator[tuple[Value, Unknown | None]]


def _statements(document: Value, conditional: Unknown | None) -> _Found:
    plain = document.plain
    if isinstance(plain, OneOf):
        for value in _possible(plain):
            yield from _statements(value, first(conditional, plain.unknown))
    elif isinstance(plain, dict) and (inner := _named(plain, "Statement")) is not None:
        yield from _listed(inner, conditional)
    elif plain is not None:
        yield _unreadable(document), conditional


def _possible(plain: OneOf[Value]) -> list[Value]:
    """The alternatives that Terraform would not refuse; all of them if it would refuse each."""
    every = [alternative.value for alternative in plain.alternatives]
    return [value for value in every if not _refused(value)] or every


def _refused(value: Value) -> bool:
    return isinstance(value.plain, Unknown) and value.plain.why is Why.EVALUATION_ERROR


def _listed(statements: Value, conditional: Unknown | None) -> _Found:
    """The members of `Statement`, which may be a single one."""
    plain = statements.plain
    if isinstance(plain, OneOf):
        for value in _possible(plain):
            yield from _listed(value, first(conditional, plain.unknown))
    elif isinstance(plain, (tuple, PartialList)):
        for item in members(statements):
            nested = isinstance(item.plain, (tuple, PartialList))
            yield from _listed(_unreadable(item) if nested else item, conditional)
        if isinstance(plain, PartialList):
            more = Value(plain.unknown.derived, statements.trail)
            yield more, first(conditional, plain.unknown)
    elif isinstance(plain, (dict, Unknown)):
        yield statements, conditional
    elif plain is not None:
        yield _unreadable(statements), conditional


def _named(table: dict[str, Value], key: str) -> Value | None:
    """The member of this name, however it is capitalised."""
    return next((value for name, value in table.items() if name.lower() == key.lower()), None)


def _unreadable(value: Value) -> Value:
    """A value that is no statement, as one that is not known."""
    if isinstance(value.plain, Unknown):
        return value
    reason = Unknown(Why.SYNTAX_ERROR, "a policy document", value.trail.step.span)
    return Value(reason, value.trail)


def _written(statement: Value, after: Chain, conditional: Unknown | None) -> Written:
    plain = statement.plain
    if isinstance(plain, Unknown):
        return _unknown(statement, plain.derived, after, conditional)
    assert isinstance(plain, dict)
    if len({name.lower() for name in plain}) < len(plain):
        reason = Unknown(Why.SYNTAX_ERROR, "a statement in which each name occurs once", None)
        return _unknown(statement, reason, after, conditional)
    build = _Builder(plain, after)
    build.effect(statement)
    for name, key in LISTS.items():
        build.put(name, key, many, _leaves)
    for name, key in PRINCIPALS.items():
        build.put(name, key, _principals, _leaves)
    build.put("conditions", "Condition", _conditions, _tables)
    return Written(build.values, build.chains, _place(statement), conditional)


def _place(value: Value) -> Span | None:
    return next((step.span for step in value.trail.chain() if step.span is not None), None)


def _unknown(
    statement: Value, reason: Unknown, after: Chain, conditional: Unknown | None
) -> Written:
    """A statement that is written there, of which nothing is known."""
    found = nothing_known(reason, (*fields.chain(statement, "statement"), *after))
    return replace(found, span=_place(statement), conditional=conditional)


class _Builder:
    """The fields of one statement as they are put together."""

    def __init__(self, table: dict[str, Value], after: Chain) -> None:
        self.values: dict[str, Any] = {}
        self.chains: dict[str, Chain] = {}
        self._table = table
        self._after = after
        self.put("sid", "Sid", text, _leaves)

    def effect(self, statement: Value) -> None:
        """Allow or Deny; without it there is no statement that AWS would take."""
        self.put("effect", "Effect", _EFFECTS, _leaves)
        if self.values.get("effect") is None:
            place = _place(statement)
            self.values["effect"] = Unknown(Why.SYNTAX_ERROR, "the effect of a statement", place)

    def put(
        self,
        name: str,
        key: str,
        convert: Callable[[Value], Any],
        inside: Callable[[Value], Iterator[Value]],
    ) -> None:
        """Field `name` from the member `key`, with the place of each member of a list."""
        value = _named(self._table, key)
        if value is None or value.plain is None:
            return
        self.values[name] = convert(value)
        self.chains[name] = self._chain(value, key)
        for number, item in enumerate(inside(value)):
            self.chains[f"{name}[{number}]"] = self._chain(item, key)

    def _chain(self, value: Value, key: str) -> Chain:
        return (*fields.chain(value, key), *self._after)


def _leaves(value: Value) -> Iterator[Value]:
    """The members of a list, those of all lists in a map, or the value itself."""
    if isinstance(value.plain, dict):
        for inner in list(members(value))[:MAX_MEMBERS]:
            yield from _leaves(inner)
    elif isinstance(value.plain, (tuple, PartialList)):
        yield from list(members(value))[:MAX_MEMBERS]
    else:
        yield value


def _tables(value: Value) -> Iterator[Value]:
    """The values of each condition."""
    for table in members(value):
        yield from members(table) if isinstance(table.plain, dict) else (table,)


def text(value: Value) -> Any:
    """A string; one that is nothing but a reference is the reference."""
    found = fields.text(value)
    if isinstance(found, Unknown) and len(found.parts) == 1 and isinstance(found.parts[0], Ref):
        return found.parts[0]
    return found


def many(value: Value) -> Any:
    """A list of strings, of which a single one may stand alone."""
    plain = value.plain
    if isinstance(plain, OneOf):
        return plain.each(many)
    if plain is None:
        return ()
    if isinstance(plain, (str, Ref, bool, int, float)):
        return (text(value),)
    if isinstance(plain, Unknown):
        return (text(value),) if plain.parts or plain.fragments else plain
    if isinstance(plain, dict):
        return Unknown(Why.SYNTAX_ERROR, "a list of texts", value.trail.step.span)
    known = list(members(value))
    found = tuple(text(item) for item in known[:MAX_MEMBERS] if item.plain is not None)
    if isinstance(plain, PartialList):
        return PartialList(found, plain.unknown)
    if len(known) > MAX_MEMBERS:
        return PartialList(found, Unknown(Why.BUDGET, f"at most {MAX_MEMBERS} members"))
    return found


def _principals(value: Value) -> Any:
    plain = value.plain
    if isinstance(plain, OneOf):
        return plain.each(_principals)
    if not isinstance(plain, dict):
        return many(value)
    known: list[Any] = []
    reason: Unknown | None = None
    for type_, item in plain.items():
        prefix = "" if type_.upper() == "AWS" else f"{type_}:"
        found = many(item)
        names, more = ((found,), None) if isinstance(found, Unknown) else opened(found)
        reason = first(reason, more)
        known += (_prefixed(prefix, each) for each in names)
    return tuple(known) if reason is None else PartialList(tuple(known), reason.derived)


def _prefixed(prefix: str, name: Any) -> Any:
    if not prefix:
        return name
    if isinstance(name, OneOf):
        return name.each(lambda case: _prefixed(prefix, case))
    return glued((prefix, name))


def _conditions(value: Value) -> Any:
    plain = value.plain
    if isinstance(plain, OneOf):
        return plain.each(_conditions)
    if plain is None:
        return ()
    if not isinstance(plain, dict):
        return _reason(value)
    found: list[Condition] = []
    for operator, table in list(plain.items())[:MAX_MEMBERS]:
        if not isinstance(table.plain, dict):
            reason = _reason(table)
            found.append(Condition(operator=operator, key=reason, values=reason))
            continue
        for key, given in table.plain.items():
            found.append(Condition(operator=operator, key=key, values=many(given)))
    return tuple(found)


def _reason(value: Value) -> Unknown:
    """Why something that should be a map is none."""
    if value.unknown is not None:
        return value.unknown.derived
    return Unknown(Why.SYNTAX_ERROR, "a condition", value.trail.step.span)
