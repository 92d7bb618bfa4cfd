"""Expressions of the concrete tree, to the syntax tree.

The grammar is looser than HCL, so what it lets through is refused here: a line break inside an
expression, numbers such as `10.0.0.0/16`. Chained conditionals, which it groups from the left, are
regrouped.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, cast

from policyscan.errors import ParseError
from policyscan.text.hcl import templates
from policyscan.text.hcl.syntax import (
    Attribute,
    Binary,
    BinaryOperator,
    Call,
    Conditional,
    Expression,
    For,
    Index,
    Literal,
    Name,
    ObjectItem,
    ObjectItems,
    Splat,
    TupleItems,
    Unary,
)
from policyscan.text.source import Source, Span

if TYPE_CHECKING:
    from tree_sitter import Node

MAX_DEPTH = 100
"""Levels of nesting, so that neither this module nor an evaluator exhausts the stack."""

_OPERATORS = frozenset({"+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "&&", "||"})
_EACH = "[*]"
"""The variable of a nested splat; no identifier can be equal to it."""


class Expressions:
    """Converts the expressions of one parsed text; what is wrong but costs nothing is in
    `errors`."""

    def __init__(self, source: Source, data: bytes, shift: int) -> None:
        self.data = data
        """The parsed text; valid UTF-8."""
        self.errors: list[ParseError] = []
        self.comments: set[tuple[int, int]] = set()
        """The start and end, in the source, of each comment in what was converted."""
        self._source = source
        self._shift = shift
        self.depth = 0
        """Levels of nesting around the node that is being converted."""
        self._free = False
        """True where a line break means nothing: inside brackets, calls and templates."""

    def span(self, start: int, end: int) -> Span:
        """The place in the source of the bytes `start` to `end` of the parsed text."""
        return Span(self._source, start + self._shift, end + self._shift)

    def text(self, node: Node) -> str:
        """The text of a node."""
        return self.data[node.start_byte : node.end_byte].decode()

    def restart(self) -> None:
        """Forget where an error left the conversion."""
        self.depth = 0
        self._free = False

    def children(self, node: Node) -> list[Node]:
        """The children of `node` without comments, which the grammar allows everywhere."""
        kids = node.children
        for kid in kids:
            if kid.type == "comment":
                return [kid for kid in kids if not self._is_comment(kid)]
        return kids

    def _is_comment(self, node: Node) -> bool:
        if node.type != "comment":
            return False
        self.comments.add((node.start_byte + self._shift, node.end_byte + self._shift))
        return True

    def enter(self, node: Node, levels: int = 1) -> None:
        """Go `levels` deeper; raises `ParseError` when that is too deep. `leave` goes back."""
        self.depth += levels
        if self.depth > MAX_DEPTH:
            raise self.error(node, f"nested more than {MAX_DEPTH} levels deep")

    def leave(self, levels: int = 1) -> None:
        """Go back up after `enter`."""
        self.depth -= levels

    def inner_expression(self, node: Node) -> Expression:
        """The one `expression` child of a bracketed construct, in which line breaks are free."""
        outer, self._free = self._free, True
        inner = [child for child in self.children(node) if child.type == "expression"]
        if not inner:
            raise self.error(node, "an expression is missing here")
        value = self.expression(inner[0])
        self._free = outer
        return value

    def expression(self, node: Node) -> Expression:
        """The value of an `expression` node."""
        self.enter(node)
        value = self._run(self.children(node))
        self.leave()
        return value

    def _run(self, nodes: list[Node]) -> Expression:
        """A term and the accesses that follow it: the grammar leaves them side by side."""
        first = nodes[0]
        start, taken = first.start_byte, 1
        if first.type == "(":
            outer, self._free = self._free, True
            value = self.expression(nodes[1])
            self._free = outer
            taken = 3
        else:
            value = self._term(first)
        steps = nodes[taken:]
        if not steps:
            return value
        if isinstance(value, Literal) and isinstance(value.value, int | float):
            raise self.error(nodes[-1], "a number is not written like this; put it in quotes")
        self.enter(first, len(steps))
        self.check_line(nodes[taken - 1].end_byte, steps[0].start_byte)
        value = self._follow(value, start, steps)
        self.leave(len(steps))
        return value

    def _term(self, node: Node) -> Expression:
        match node.type:
            case "variable_expr":
                return Name(self.text(node), self.span(node.start_byte, node.end_byte))
            case "literal_value":
                return self._literal(node.children[0])
            case "template_expr":
                inner = node.children[0]
                if inner.type == "heredoc_template":
                    return templates.heredoc(self, inner)
                return templates.quoted(self, inner)
            case "collection_value" | "for_expr" | "operation":
                return self._term(self.children(node)[0])
            case "tuple":
                return self._tuple(node)
            case "object":
                return self._object(node)
            case "function_call":
                return self._call(node)
            case "conditional":
                return self._conditional(node)
            case "binary_operation":
                return self._binary(node)
            case "unary_operation":
                return self._unary(node)
            case _:
                return self._for(node)

    def _literal(self, node: Node) -> Literal:
        if node.type == "string_lit":
            return templates.quoted_literal(self, node)
        span = self.span(node.start_byte, node.end_byte)
        text = self.text(node)
        if node.type != "numeric_lit":
            return Literal({"true": True, "false": False, "null": None}[text], span)
        number = _number(text)
        if number is None:
            raise ParseError(span.source.path, "this number has too many digits", span=span)
        return Literal(number, span)

    def _tuple(self, node: Node) -> TupleItems:
        outer, self._free = self._free, True
        items = [self.expression(kid) for kid in self.children(node) if kid.type == "expression"]
        self._free = outer
        return TupleItems(tuple(items), self.span(node.start_byte, node.end_byte))

    def _object(self, node: Node) -> ObjectItems:
        outer, self._free = self._free, False
        items = []
        end = -1
        for kid in self.children(node)[1:-1]:
            if kid.type == ",":
                end = -1
                continue
            if end >= 0 and b"\n" not in self.data[end : kid.start_byte]:
                self.errors.append(self.error(kid, "a comma or a line break is missing before"))
            end = kid.end_byte
            items.append(self._object_item(kid))
        self._free = outer
        return ObjectItems(tuple(items), self.span(node.start_byte, node.end_byte))

    def _object_item(self, node: Node) -> ObjectItem:
        key, _, value = self.children(node)
        span = self.span(node.start_byte, node.end_byte)
        return ObjectItem(self._key(key), self.expression(value), span)

    def _key(self, node: Node) -> Expression:
        """A bare word is the text itself, `null`, `true` and `false` included; so are words with
        dots, which Terraform has as keys where they are never evaluated: `aws.east = aws.west`."""
        kids = self.children(node)
        word = kids[0].type == "variable_expr"
        if word and any(kid.type != "get_attr" for kid in kids[1:]):
            message = "a key with brackets is written in quotes, or in parentheses if meant"
            raise self.error(node, f"{message} as a reference")
        inner = kids[0].children
        if word or (inner and inner[0].type in ("null_lit", "bool_lit")):
            return Literal(self.text(node), self.span(node.start_byte, node.end_byte))
        return self.expression(node)

    def _call(self, node: Node) -> Call:
        outer, self._free = self._free, True
        kids = self.children(node)
        given = self.children(kids[2]) if len(kids) == 4 else []
        arguments = [self.expression(kid) for kid in given if kid.type == "expression"]
        self._free = outer
        return Call(
            self.text(kids[0]),
            tuple(arguments),
            bool(given) and given[-1].type == "ellipsis",
            self.span(node.start_byte, node.end_byte),
        )

    def _for(self, node: Node) -> For:
        outer, self._free = self._free, True
        _, intro, *rest = self.children(node)
        names = [self.text(kid) for kid in self.children(intro) if kid.type == "identifier"]
        collection = self.inner_expression(intro)
        values = [self.expression(kid) for kid in rest if kid.type == "expression"]
        conditions = [self.inner_expression(kid) for kid in rest if kid.type == "for_cond"]
        self._free = outer
        return For(
            names[0] if len(names) == 2 else "",
            names[-1],
            collection,
            values[0] if len(values) == 2 else None,
            values[-1],
            conditions[0] if conditions else None,
            any(kid.type == "ellipsis" for kid in rest),
            self.span(node.start_byte, node.end_byte),
        )

    def _conditional(self, node: Node) -> Conditional:
        """`a ? b : c ? d : e` comes from the grammar as `(a ? b : c) ? d : e`; it means
        `a ? b : (c ? d : e)`."""
        links: list[tuple[Expression, Node]] = []
        end = node.end_byte
        while True:
            condition, mark, then, colon, otherwise = self.children(node)
            for left, right in ((condition, mark), (mark, then), (then, colon), (colon, otherwise)):
                self.check_line(left.end_byte, right.start_byte)
            self.enter(node)
            links.append((self.expression(then), otherwise))
            inner = self.children(condition)
            if len(inner) != 1 or inner[0].type != "conditional":
                break
            node = inner[0]
        value = self.expression(links[0][1])
        # From the last link to the first, each with the condition that precedes it in the text.
        for index, (then_value, _) in enumerate(links):
            is_first = index == len(links) - 1
            test = condition if is_first else links[index + 1][1]
            span = self.span(test.start_byte, end)
            value = Conditional(self.expression(test), then_value, value, span)
        self.leave(len(links))
        return cast(Conditional, value)

    def _binary(self, node: Node) -> Binary:
        kids = self.children(node)
        middle = next(index for index, kid in enumerate(kids) if kid.type in _OPERATORS)
        operator = kids[middle]
        self.check_line(kids[middle - 1].end_byte, operator.start_byte)
        self.check_line(operator.end_byte, kids[middle + 1].start_byte)
        self.enter(node)
        left, right = self._run(kids[:middle]), self._run(kids[middle + 1 :])
        self.leave()
        span = self.span(node.start_byte, node.end_byte)
        return Binary(cast(BinaryOperator, operator.type), left, right, span)

    def _unary(self, node: Node) -> Unary:
        operator, *operand = self.children(node)
        self.enter(node)
        value = self._run(operand)
        self.leave()
        span = self.span(node.start_byte, node.end_byte)
        return Unary("-" if operator.type == "-" else "!", value, span)

    # Accesses

    def _follow(self, value: Expression, start: int, steps: list[Node]) -> Expression:
        """`value`, which begins at byte `start`, with the accesses `steps`."""
        for index, step in enumerate(steps):
            if index:
                self.check_line(steps[index - 1].end_byte, step.start_byte)
            if step.type == "splat":
                return self._splat(value, start, step.children[0], steps[index + 1 :])
            access = self._access(step)
            span = self.span(start, step.end_byte)
            if isinstance(access, str):
                value = Attribute(value, access, span)
            else:
                value = Index(value, access, span)
        return value

    def _splat(self, target: Expression, start: int, node: Node, rest: list[Node]) -> Expression:
        """A splat and what follows it.

        Everything after `[*]` applies to each element, a second splat too: `a[*].b[*].c` is
        `[for x in a[*] : x.b[*].c]`. Only attributes and legacy indexes belong to `.*`; what
        follows from the first bracket on applies to the list.
        """
        mark, *steps = self.children(node)
        if node.type == "full_splat" and rest:
            span = self.span(start, mark.end_byte)
            element = Name(_EACH, self.span(mark.start_byte, mark.end_byte))
            value = self._follow(element, mark.start_byte, steps + rest)
            whole = self.span(start, rest[-1].end_byte)
            each = Splat(target, (), full=True, span=span)
            return For("", _EACH, each, None, value, None, group=False, span=whole)
        own = len(steps)
        if node.type == "attr_splat":
            own = next((i for i, step in enumerate(steps) if _is_bracket(step)), own)
        end = steps[own - 1].end_byte if own else mark.end_byte
        accesses = tuple(self._access(step) for step in steps[:own])
        splat = Splat(target, accesses, node.type == "full_splat", self.span(start, end))
        return self._follow(splat, start, steps[own:] + rest)

    def _access(self, node: Node) -> str | Expression:
        """The name of a `get_attr` node, or the key of an `index` node."""
        if node.type == "get_attr":
            dot, name = self.children(node)
            self.check_line(dot.end_byte, name.start_byte)
            return self.text(name)
        kind = node.children[0]
        if kind.type == "new_index":
            return self.inner_expression(kind)
        start = kind.start_byte + 1
        digits = self.data[start : kind.end_byte].strip()
        key = _number(digits.decode())
        if key is None:
            raise self.error(kind, "this index has too many digits")
        return Literal(key, self.span(kind.end_byte - len(digits), kind.end_byte))

    def check_line(self, end: int, start: int) -> None:
        """Refuse a line break between bytes `end` and `start` where it would end the expression."""
        if not self._free and b"\n" in self.data[end:start]:
            span = self.span(end, start)
            text = "an expression goes on in the next line only inside brackets or parentheses"
            raise ParseError(span.source.path, text, span=span)

    def error(self, node: Node, message: str) -> ParseError:
        """What to raise when `node` is refused."""
        span = self.span(node.start_byte, node.end_byte)
        return ParseError(span.source.path, message, span=span)


def _is_bracket(step: Node) -> bool:
    return step.type == "index" and step.children[0].type == "new_index"


def _number(text: str) -> int | float | None:
    """The number that `text` writes; None if it is too large for one."""
    try:
        number = int(text) if text.isdigit() else float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
