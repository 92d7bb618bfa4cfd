"""Terraform's JSON syntax (`*.tf.json`, `*.tfvars.json`) to the same syntax tree.

Which names are blocks is known only for the top level and the labels of its blocks; deeper, every
member of a body is an argument, and an object or list of objects may stand for nested blocks.
From: https://github.com/hashicorp/hcl/blob/main/json/spec.md
"""

from __future__ import annotations

from collections.abc import Iterator

from policyscan.errors import GapReason, ReadError
from policyscan.text import json
from policyscan.text.hcl import fragment
from policyscan.text.hcl.expressions import MAX_DEPTH
from policyscan.text.hcl.grammar import Budget
from policyscan.text.hcl.syntax import (
    Argument,
    Block,
    Body,
    Expression,
    File,
    Literal,
    ObjectItem,
    ObjectItems,
    TupleItems,
)
from policyscan.text.source import Source, Span

MAX_BYTES = 5_000_000

_LABELS = {
    "resource": 2,
    "data": 2,
    "ephemeral": 2,
    "variable": 1,
    "output": 1,
    "module": 1,
    "provider": 1,
    "check": 1,
    "locals": 0,
    "terraform": 0,
    "moved": 0,
    "import": 0,
    "removed": 0,
}
_NESTED = {"dynamic": 1, "content": 0}
"""Labels of the blocks inside others that are blocks whatever a provider says of them."""
_NESTS = {
    "resource": "dynamic",
    "data": "dynamic",
    "provider": "dynamic",
    "dynamic": "content",
    "content": "dynamic",
}
_REFERENCES = {
    "resource": {"provider", "depends_on"},
    "data": {"provider", "depends_on"},
    "module": {"providers", "depends_on"},
    "output": {"depends_on"},
    "variable": {"type"},
    "moved": {"from", "to"},
    "removed": {"from"},
    "import": {"to", "provider"},
}
"""Arguments whose strings Terraform reads as expressions, not as templates."""


def read_hcl_json(source: Source) -> File:
    """The syntax tree of a file in JSON syntax. Never raises for what the text holds.

    In a `*.tfvars.json` file every member is an argument and every string is literal.
    """
    if len(source.data) > MAX_BYTES:
        message = f"HCL files of more than {MAX_BYTES // 1_000_000} MB are not read"
        error = ReadError(GapReason.TOO_LARGE, source.path, message)
        return File(source, Body({}, (), source.whole()), (), (error,))
    return _Reading(source).file()


class _Reading:
    """One file on its way from JSON to the syntax tree."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._errors: list[ReadError] = []
        self._budget = Budget()
        self._literal = source.path.endswith(".tfvars.json")

    def file(self) -> File:
        document = json.read_json(self._source, max_depth=MAX_DEPTH)
        self._errors += document.errors
        arguments: dict[str, Argument] = {}
        blocks: list[Block] = []
        for top in self._objects(document.value) if document.value else ():
            for member in _meant(top):
                if self._literal or member.name not in _LABELS:
                    self._argument(arguments, member, "")
                else:
                    blocks += self._blocks(member)
        body = Body(arguments, tuple(blocks), self._source.whole())
        return File(self._source, body, (), tuple(self._errors))

    def _objects(self, value: json.Value) -> Iterator[json.Object]:
        """The objects of which a body consists: one, or a list of them; null is none."""
        for item in value.items if isinstance(value, json.Array) else (value,):
            if isinstance(item, json.Object):
                yield item
            elif not (isinstance(item, json.Scalar) and item.value is None):
                self._note("expected an object, or a list of objects", item.span)

    def _blocks(self, member: json.Member) -> Iterator[Block]:
        """The blocks of one type: below the member, an object for each label."""
        waiting: list[tuple[json.Member, tuple[str, ...]]] = [(member, ())]
        while waiting:
            owner, labels = waiting.pop()
            if len(labels) == (_LABELS | _NESTED)[member.name]:
                for body in self._objects(owner.value):
                    block = self._block(member.name, labels, owner, body)
                    if block:
                        yield block
                continue
            deeper = [
                (inner, (*labels, inner.name))
                for body in self._objects(owner.value)
                for inner in _meant(body)
            ]
            waiting.extend(reversed(deeper))

    def _block(
        self, kind: str, labels: tuple[str, ...], owner: json.Member, body: json.Object
    ) -> Block | None:
        """None, and an error, if one of its arguments cannot be read."""
        arguments: dict[str, Argument] = {}
        blocks: list[Block] = []
        try:
            for member in _meant(body):
                if member.name == _NESTS.get(kind):
                    blocks += self._blocks(member)
                else:
                    arguments[member.name] = self._as_argument(member, kind)
        except ReadError as error:
            name = " ".join([kind, *(f'"{label}"' for label in labels)])
            self._note(f"`{name}` not read: {error.message}", error.span or body.span, error)
            return None
        header = owner.name_span
        inner = Body(arguments, tuple(blocks), body.span)
        return Block(kind, labels, inner, header, header.to(body.span))

    def _argument(self, arguments: dict[str, Argument], member: json.Member, kind: str) -> None:
        try:
            arguments.setdefault(member.name, self._as_argument(member, kind))
        except ReadError as error:
            self._errors.append(error)

    def _as_argument(self, member: json.Member, kind: str) -> Argument:
        references = member.name in _REFERENCES.get(kind, ())
        value = self._expression(member.value, references)
        return Argument(
            member.name, value, member.name_span, member.name_span.to(member.value.span)
        )

    def _expression(self, value: json.Value, references: bool = False) -> Expression:
        """The expression that a JSON value is; with `references` its strings are expressions."""
        if isinstance(value, json.Array):
            items = [self._expression(item, references) for item in value.items]
            return TupleItems(tuple(items), value.span)
        if isinstance(value, json.Object):
            return ObjectItems(
                tuple(
                    ObjectItem(
                        self._string(member.name, member.name_span),
                        self._expression(member.value, references),
                        member.name_span.to(member.value.span),
                    )
                    for member in value.members.values()
                ),
                value.span,
            )
        if isinstance(value.value, str):
            return self._string(value.value, value.span, references)
        return Literal(value.value, value.span)

    def _string(self, text: str, span: Span, references: bool = False) -> Expression:
        if self._literal or not (references or "${" in text or "%{" in text):
            return Literal(text, span)
        content = text.encode()
        inner = Span(self._source, span.start + 1, span.end - 1)
        exact = content == self._source.data[inner.start : inner.end]
        read = fragment.expression if references else fragment.template
        return read(content, inner if exact else span, self._budget, exact=exact)

    def _note(self, message: str, span: Span, cause: ReadError | None = None) -> None:
        reason = cause.reason if cause else GapReason.UNPARSEABLE
        self._errors.append(ReadError(reason, self._source.path, message, span=span))


def _meant(body: json.Object) -> list[json.Member]:
    """The members of a body without its comments."""
    return [member for member in body.members.values() if member.name != "//"]
