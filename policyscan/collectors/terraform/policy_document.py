"""The data source `aws_iam_policy_document`, evaluated as the provider does.

Its `json` is text like that of `jsonencode`: it carries the document, so that readers need not
parse the text, and everything in it knows where it is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from policyscan.collectors.terraform import functions, operators
from policyscan.collectors.terraform.body import BodyView, View
from policyscan.collectors.terraform.documents import document_of
from policyscan.collectors.terraform.value import Plain, Value, derive, literal, members
from policyscan.text.source import Span
from policyscan.values import Alternative, OneOf, PartialList, Ref, Unknown, Why, first, glued

if TYPE_CHECKING:
    from policyscan.collectors.terraform.expansion import Node


MAX_STATEMENTS = 1_000
"""Statements of one document; AWS takes less text than that."""

_LISTS = {
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}


def policy_json(node: Node, span: Span) -> Value:
    """The text of the document; its spaces are not those of the provider."""
    view = BodyView(node.block.body, node.scope, node.block.header)
    sources = _listed(view, "source_json", "source_policy_documents")
    overrides = _listed(view, "override_json", "override_policy_documents")

    def made(chosen: list[Value]) -> Value:
        before, after = chosen[: len(sources)], chosen[len(sources) :]
        document = _document(view, before, after)
        return functions.call("jsonencode", [document], span)

    return operators.lift([*sources, *overrides], span, made)


def _listed(view: BodyView, single: str, several: str) -> list[Value]:
    """The documents that are merged in, each as it becomes known."""
    found = [view.get(single), view.get(several)]
    listed: list[Value] = []
    for value in filter(None, found):
        if isinstance(value.plain, PartialList):
            listed += [*value.plain.known, derive(value.plain.unknown, view.span, (value,))]
        elif isinstance(value.plain, tuple):
            listed += members(value)
        else:
            listed.append(value)
    return [document_of(value) for value in _flat(listed, view.span)]


def _flat(values: Sequence[Value], span: Span) -> Iterator[Value]:
    """The values; a list that is one of several is not known."""
    for value in values:
        listed = isinstance(value.plain, OneOf) and any(
            isinstance(item.value.plain, (tuple, PartialList)) for item in value.plain.alternatives
        )
        reason = value.unknown
        yield derive(reason, span, (value,)) if listed and reason is not None else value


def _document(view: BodyView, sources: list[Value], overrides: list[Value]) -> Value:
    merged = _Merged(view.span)
    for document in sources:
        merged.append(_statements(document))
    merged.override(_own_statements(view))
    for document in overrides:
        merged.override(_statements(document))
    version = view.get("version") or literal("2012-10-17", view.span)
    return literal({"Version": version, "Statement": merged.value()}, view.span)


_Statements = tuple[Sequence[Value], Unknown | None]
"""Statements, and why there may be more."""


def _statements(document: Value) -> _Statements:
    plain = document.plain
    if plain is None:
        return (), None
    statement = plain.get("Statement") if isinstance(plain, dict) else document
    if statement is None:
        return (), None
    if isinstance(statement.plain, dict):
        return (statement,), None
    if isinstance(statement.plain, PartialList):
        return statement.plain.known, statement.plain.unknown
    if isinstance(statement.plain, tuple):
        return statement.plain, None
    reason = statement.unknown
    if reason is None:
        reason = Unknown(Why.SYNTAX_ERROR, "a policy document", statement.trail.step.span)
    return (), reason.derived


class _Merged:
    """Statements as they are put together."""

    def __init__(self, span: Span) -> None:
        self._span = span
        self._found: list[Value] = []
        self._more: Unknown | None = None

    def append(self, statements: _Statements) -> None:
        """More statements, whatever they are called."""
        found, reason = statements
        room = MAX_STATEMENTS - len(self._found)
        self._found += found[:room]
        if len(found) > room:
            reason = Unknown(Why.BUDGET, f"fewer than {MAX_STATEMENTS} statements", self._span)
        self._more = first(self._more, reason)

    def override(self, statements: _Statements) -> None:
        """More statements, each in the place of the one with the same name."""
        found, reason = statements
        earlier = {sid: n for n, value in enumerate(self._found) if (sid := _sid(value))}
        added: list[Value] = []
        for value in found:
            sid = _sid(value)
            if isinstance(sid, str) and sid in earlier:
                self._found[earlier.pop(sid)] = value
                continue
            added.append(value)
            if sid is None:
                reason_for = Unknown(Why.COMPUTED, "the name of a statement", self._span)
                self._doubt(earlier, first(value.unknown, reason_for))
        if reason is not None:
            self._doubt(earlier, reason)
        self.append((added, reason))

    def _doubt(self, earlier: dict[str, int], reason: Unknown | None) -> None:
        """Something unknown may take the place of the earlier statements with a name."""
        assert reason is not None
        for sid, number in earlier.items():
            value = self._found[number]
            if not isinstance(value.plain, OneOf):
                question = f"whether statement {sid} at {self._span.place} is overridden"
                kept = Alternative(value, ((question, "no"),))
                gone = Alternative(literal(None, self._span), ((question, "yes"),))
                plain = OneOf((kept, gone), reason.derived)
                self._found[number] = Value(plain, value.trail, value.sensitive)

    def value(self) -> Value:
        """All statements."""
        found = tuple(self._found)
        return literal(found if self._more is None else PartialList(found, self._more), self._span)


def _sid(statement: Value) -> str | None:
    """The name of a statement, empty if it has none; None if it is not known."""
    plain = statement.plain
    if isinstance(plain, OneOf):
        return _sid(plain.alternatives[0].value)
    sid = plain.get("Sid") if isinstance(plain, dict) else statement
    if sid is None or sid.plain is None:
        return ""
    return sid.plain if isinstance(sid.plain, str) else None


def _own_statements(view: BodyView) -> _Statements:
    views, reason = view.blocks("statement")
    return [_statement(each) for each in views], reason


def _statement(view: View) -> Value:
    """One `statement` block as the JSON that it becomes."""
    found: dict[str, Value] = {}
    sid = view.get("sid")
    if sid is not None:
        found["Sid"] = sid
    found["Effect"] = view.get("effect") or literal("Allow", view.span)
    for name, key in _LISTS.items():
        value = view.get(name)
        if value is not None:
            found[key] = _with_variables(value) if key.endswith("Resource") else value
    for name, key in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
        _put(found, key, _principals(view, name))
    _put(found, "Condition", _conditions(view))
    return literal(found, view.span)


def _put(found: dict[str, Value], key: str, value: Value | None) -> None:
    if value is not None:
        found[key] = value


def _principals(view: View, name: str) -> Value | None:
    views, reason = view.blocks(name)
    if reason is not None:
        return derive(reason, view.span, ())
    table: dict[str, Value] = {}
    for each in views:
        type_ = each.get("type")
        given = each.get("identifiers")
        if type_ is None or given is None or not isinstance(type_.plain, str):
            return derive(Unknown(Why.COMPUTED, f"the type of {name}", each.span), each.span, ())
        if type_.plain == "*":
            return literal("*", each.span)
        table[type_.plain] = _joined(table.get(type_.plain), _with_variables(given))
    return literal(table, views[0].span) if views else None


def _conditions(view: View) -> Value | None:
    views, reason = view.blocks("condition")
    if reason is not None:
        return derive(reason, view.span, ())
    tests: dict[str, dict[str, Value] | Unknown] = {}
    for each in views:
        test, variable, given = (each.get(name) for name in ("test", "variable", "values"))
        if test is None or given is None or not isinstance(test.plain, str):
            return derive(
                Unknown(Why.COMPUTED, "the test of a condition", each.span), each.span, ()
            )
        table = tests.setdefault(test.plain, {})
        if variable is None or not isinstance(variable.plain, str):
            tests[test.plain] = Unknown(Why.COMPUTED, "the key of a condition", each.span)
        elif isinstance(table, dict):
            table[variable.plain] = _joined(table.get(variable.plain), _with_variables(given))
    made = {test: literal(table, views[0].span) for test, table in tests.items()}
    return literal(made, views[0].span) if views else None


def _joined(one: Value | None, other: Value) -> Value:
    """Two lists as one."""
    if one is None:
        return other
    if isinstance(one.plain, tuple) and isinstance(other.plain, tuple):
        return Value((*one.plain, *other.plain), one.trail, one.sensitive or other.sensitive)
    reason = first(one.unknown, other.unknown)
    for value in (one, other):
        if reason is None and isinstance(value.plain, PartialList):
            reason = value.plain.unknown
    if reason is None:
        reason = Unknown(Why.COMPUTED, "a list", other.trail.step.span)
    return Value(PartialList((*members(one), *members(other)), reason), one.trail, one.sensitive)


def _with_variables(value: Value) -> Value:
    """The value with `${...}` for each `&{...}`, by which a policy names its own variables."""
    return Value(_spelled(value.plain), value.trail, value.sensitive)


def _spelled(plain: Plain) -> Plain:
    if isinstance(plain, str):
        return plain.replace("&{", "${")
    if isinstance(plain, Unknown) and plain.parts:
        parts = (p.replace("&{", "${") if isinstance(p, str) else p for p in plain.parts)
        return glued(list[str | Ref | Unknown](parts))
    if isinstance(plain, tuple):
        return tuple(_with_variables(item) for item in plain)
    if isinstance(plain, PartialList):
        return PartialList(tuple(map(_with_variables, plain.known)), plain.unknown)
    if isinstance(plain, OneOf):
        return plain.each(_with_variables)
    return plain
