"""From the value of an argument to the resource or data source that it was read from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from policyscan.collectors.terraform import fields
from policyscan.collectors.terraform.declared import Declared
from policyscan.collectors.terraform.expansion import Node
from policyscan.collectors.terraform.value import Trail, Value
from policyscan.resources.base import Step, StepKind
from policyscan.values import Alternative, OneOf, Ref, Unknown

MAX_TRAILS = 200
"""Steps of the way of a value that are looked at."""

_PASSED_ON = (
    StepKind.REFERENCE,
    StepKind.LOCAL,
    StepKind.MODULE_ARGUMENT,
    StepKind.MODULE_OUTPUT,
)
"""Steps that leave a value as it is."""


Spelling = tuple[str | tuple[str, str], ...]
"""The pieces of a text: those that are known, and address and attribute of the others."""


class Links:
    """What the arguments of a root are linked to."""

    def __init__(self, declared: Declared) -> None:
        self.declared = declared
        self._by_name: dict[tuple[str, str], dict[Spelling, Node | None]] = {}

    def node(self, address: str) -> Node | None:
        """The resource or data source at an absolute address."""
        return self.declared.root.nodes.get(address)

    def source(self, value: Value) -> Ref | None:
        """The attribute that a value is, passed on unchanged, though its text may be known."""
        whole = _single_piece(value.plain)
        if isinstance(whole, Ref):
            return whole if whole.attribute else None
        for step in _steps(value.trail):
            found = self._read_in(step)
            if found is not None:
                return found
            if step.kind not in _PASSED_ON and not _is_bare_template(step):
                return None
        return None

    def attribute(self, value: Value, type_: str) -> Ref | None:
        """As `source`, if that is of this type."""
        found = self.source(value)
        return found if found is not None and self._is_of(found, (type_,)) else None

    def mentioned(self, value: Value, *types: str) -> Ref | None:
        """An attribute of a resource or data source of these types that a value is made from."""
        if isinstance(value.plain, Ref) and self._is_of(value.plain, types):
            return value.plain
        found = (self._read_in(step) for step in _steps(value.trail))
        return next((ref for ref in found if ref is not None and self._is_of(ref, types)), None)

    def read(self, value: Value) -> Iterator[Ref]:
        """The attributes of resources and data sources that a value is made from."""
        if isinstance(value.plain, Ref):
            yield value.plain
        for step in _steps(value.trail):
            found = self._read_in(step)
            if found is not None:
                yield found

    def named(self, type_: str, argument: str, text: Any) -> Node | None:
        """The only resource of a type whose argument is certainly this text. Its pieces that are
        not known must be the same attributes."""
        key = (type_, argument)
        if key not in self._by_name:
            table: dict[Spelling, Node | None] = {}
            for node in self.declared.nodes(type_):
                value = self.declared.evaluate(node, argument)
                spelled = _spelling(value.plain) if value is not None else ()
                if spelled:
                    table[spelled] = None if spelled in table else node
            self._by_name[key] = table
        return self._by_name[key].get(_spelling(text))

    def linked(self, value: Value, type_: str, argument: str = "name") -> Any:
        """A field that refers to a resource of this type: a `Ref` if it is in the root, whether
        by reference or by its name; otherwise as `fields.target`."""

        def link(one: Value) -> Any:
            own = self.attribute(one, type_)
            if own is not None:
                return self._looked_up(own, type_, argument)
            node = self.named(type_, argument, one.plain)
            if node is None and isinstance(one.plain, Unknown):
                own = self._in_arn(one.plain, type_, argument)
            if node is not None or own is not None:
                return own if node is None else _reference(node, argument)
            return fields.text(one)

        whole = self.attribute(value, type_)
        return each_case(value, link) if whole is None else link(value)

    def _in_arn(self, text: Unknown, type_: str, argument: str) -> Ref | None:
        """What an ARN ends in, of which account or region are looked up when Terraform runs."""
        if not text.parts or not isinstance(text.parts[0], str):
            return None
        end = text.parts[-1]
        if isinstance(end, str):
            node = self.named(type_, argument, end.rpartition("/")[2])
            own = None if node is None else _reference(node, argument)
        else:
            own = end.of if isinstance(end, Unknown) else end
        is_arn = text.parts[0].startswith("arn:")
        return own if is_arn and own is not None and self._is_of(own, (type_,)) else None

    def _looked_up(self, ref: Ref, type_: str, argument: str) -> Any:
        """The reference, or the name by which a data source looks its resource up."""
        node = self.node(ref.address)
        if node is None or node.block.type != "data":
            return ref
        name = self.declared.evaluate(node, argument)
        if name is None or not isinstance(name.plain, str):
            return ref
        own = self.named(type_, argument, name.plain)
        return str(name.plain) if own is None else _reference(own, argument)

    def _read_in(self, step: Step) -> Ref | None:
        address, _, attribute = step.label.rpartition(".")
        node = self.node(address) if address else None
        return Ref(address, attribute, node.block.header) if node is not None else None

    def _is_of(self, ref: Ref, types: tuple[str, ...]) -> bool:
        node = self.node(ref.address)
        return node is not None and node.block.labels[0] in types


def _single_piece(plain: Any) -> Any:
    """What a text consists of if that is one thing: `join("", [name])` is `name`."""
    if isinstance(plain, Unknown) and len(plain.parts) == 1:
        piece = plain.parts[0]
        return piece.of if isinstance(piece, Unknown) else piece
    return plain


def _reference(node: Node, attribute: str) -> Ref:
    return Ref(node.address, attribute, node.block.header)


def _spelling(plain: Any) -> Spelling:
    """What tells a text from others; nothing if a piece of it may be anything."""
    if isinstance(plain, str):
        return (str(plain),)
    spelled: list[str | tuple[str, str]] = []
    for part in plain.parts if isinstance(plain, Unknown) else ():
        of = part.of if isinstance(part, Unknown) else part
        if isinstance(of, Ref) and "[?]" in of.address:
            return ()
        if of is None:
            return ()
        spelled.append((of.address, of.attribute) if isinstance(of, Ref) else of)
    return tuple(spelled)


def without_way(value: Value) -> Value:
    """The value alone. The way of what was read out of a text is that of the whole text."""
    step = Step(StepKind.EXPRESSION, "", value.trail.step.span)
    plain = value.plain
    if isinstance(plain, OneOf):
        plain = plain.each(without_way)
    return Value(plain, Trail(step), value.sensitive)


def each_case(value: Value, convert: Callable[[Value], Any], *, optional: bool = False) -> Any:
    """The value converted, or each of its alternatives; null and empty ones cannot come about
    unless the argument is `optional`."""
    if not isinstance(value.plain, OneOf):
        return convert(value)
    kept = tuple(
        Alternative(converted, item.choices)
        for item in value.plain.alternatives
        if not _is_nothing(converted := convert(item.value)) or optional
    )
    if not kept:
        return value.plain.unknown
    return kept[0].value if len(kept) == 1 else OneOf(kept, value.plain.unknown)


def _is_nothing(converted: Any) -> bool:
    return converted is None or (isinstance(converted, str) and not converted)


def _is_bare_template(step: Step) -> bool:
    """Whether the step is `"${name}"`, which is `name`."""
    text = step.span.text if step.span is not None and not step.label else ""
    return text.startswith('"${') and text.endswith('}"') and text.count("${") == 1


def _steps(trail: Trail) -> Iterator[Step]:
    """The steps of a way, outermost first, as `Trail.chain` tells them."""
    pending = [trail]
    for _ in range(MAX_TRAILS):
        if not pending:
            return
        each = pending.pop()
        yield each.step
        pending += [part for part in (each.via, each.inside) if part is not None]
