"""The syntax tree of HCL: immutable, shared by all instances of a module.

Names follow the HCL native syntax specification. Nothing here knows about Terraform.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal as OneWord

from msgspec import Struct

from policyscan.errors import ReadError
from policyscan.text.source import Source, Span


class Literal(Struct, frozen=True):
    """A number, boolean, null or a string without interpolation."""

    value: str | int | float | bool | None
    span: Span


class Template(Struct, frozen=True):
    """A quoted string or heredoc with interpolations; `parts` are literals and expressions."""

    parts: tuple[Expression, ...]
    span: Span


class TemplateIf(Struct, frozen=True):
    """`%{ if condition }...%{ else }...%{ endif }` inside a template."""

    condition: Expression
    then: Template
    otherwise: Template
    span: Span


class TemplateFor(Struct, frozen=True):
    """`%{ for key, value in collection }...%{ endfor }` inside a template."""

    key: str
    """Empty if only the value is named."""
    value: str
    collection: Expression
    body: Template
    span: Span


class Name(Struct, frozen=True):
    """A root name: `var`, `local`, `each`, `aws_instance`, a `for` variable."""

    name: str
    span: Span


class Attribute(Struct, frozen=True):
    """`target.name`. The span covers target and name."""

    target: Expression
    name: str
    span: Span


class Index(Struct, frozen=True):
    """`target[key]`, and the legacy `target.0`."""

    target: Expression
    key: Expression
    span: Span


class Splat(Struct, frozen=True):
    """`target[*].a.b` or `target.*.a.b`; `steps` are applied to every element."""

    target: Expression
    steps: tuple[str | Expression, ...]
    """A text is an attribute name, an expression an index."""
    full: bool
    """True for `[*]`; after `.*` only attribute steps belong to the splat."""
    span: Span


class Call(Struct, frozen=True):
    """`name(arguments...)`; `expand` if the last argument is followed by `...`."""

    name: str
    arguments: tuple[Expression, ...]
    expand: bool
    span: Span


class TupleItems(Struct, frozen=True):
    """`[a, b]`."""

    items: tuple[Expression, ...]
    span: Span


class ObjectItem(Struct, frozen=True):
    """`key = value`. A bare word as key is a `Literal`; `(expr)` and templates are expressions."""

    key: Expression
    value: Expression
    span: Span


class ObjectItems(Struct, frozen=True):
    """`{ a = b }`."""

    items: tuple[ObjectItem, ...]
    span: Span


class For(Struct, frozen=True):
    """`[for k, v in c : value if condition]`, `{for k, v in c : key => value... if condition}`."""

    key_name: str
    """Empty if only the value is named."""
    value_name: str
    collection: Expression
    key: Expression | None
    """None in the tuple form."""
    value: Expression
    condition: Expression | None
    group: bool
    """`...` after the value: group values by key."""
    span: Span


class Conditional(Struct, frozen=True):
    """`condition ? then : otherwise`."""

    condition: Expression
    then: Expression
    otherwise: Expression
    span: Span


BinaryOperator = OneWord["+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "&&", "||"]


class Binary(Struct, frozen=True):
    """`left operator right`."""

    operator: BinaryOperator
    left: Expression
    right: Expression
    span: Span


class Unary(Struct, frozen=True):
    """`-x` and `!x`."""

    operator: OneWord["-", "!"]
    operand: Expression
    span: Span


Expression = (
    Literal
    | Template
    | TemplateIf
    | TemplateFor
    | Name
    | Attribute
    | Index
    | Splat
    | Call
    | TupleItems
    | ObjectItems
    | For
    | Conditional
    | Binary
    | Unary
)


class Argument(Struct, frozen=True):
    """`name = value` in a body; the span covers both."""

    name: str
    value: Expression
    name_span: Span
    span: Span


class Block(Struct, frozen=True):
    """`type "label" ... { body }`; `header` is the type and labels, `span` everything."""

    type: str
    labels: tuple[str, ...]
    body: Body
    header: Span
    span: Span


class Body(Struct, frozen=True):
    """The arguments (unique by name) and the blocks (in order) between two braces."""

    arguments: dict[str, Argument]
    blocks: tuple[Block, ...]
    span: Span

    def of_type(self, type_: str) -> Iterator[Block]:
        """The blocks of one type, in order."""
        return (block for block in self.blocks if block.type == type_)


class Comment(Struct, frozen=True):
    """A comment with its marker."""

    span: Span


class File(Struct, frozen=True):
    """One file. `errors` says what of it is not in `body`; each becomes a gap."""

    source: Source
    body: Body
    comments: tuple[Comment, ...]
    errors: tuple[ReadError, ...]
