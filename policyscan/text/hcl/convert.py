"""The concrete tree of a text without syntax errors, to the syntax tree.

The grammar is looser than HCL, so what it lets through is refused here: two arguments of one name,
a line break inside an expression, two arguments on one line, numbers such as `10.0.0.0/16`.
Chained conditionals, which it groups from the left, are regrouped.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, cast

from policyscan.errors import ParseError
from policyscan.text.hcl import templates
from policyscan.text.hcl.grammar import Budget, children
from policyscan.text.hcl.syntax import (
    Argument,
    Attribute,
    Binary,
    BinaryOperator,
    Block,
    Body,
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


class Converter:
    """Converts nodes of one parsed text; what is wrong but costs nothing is in `errors`."""

    def __init__(self, source: Source, data: bytes, shift: int, budget: Budget) -> None:
        self.data = data
        """The parsed text; valid UTF-8."""
        self.errors: list[ParseError] = []
        self._source = source
        self._shift = shift
        self._budget = budget
        self._depth = 0
        self._free = False
        """True where a line break means nothing: inside brackets, calls and templates."""

    def span(self, start: int, end: int) -> Span:
        """The place in the source of the bytes `start` to `end` of the parsed text."""
        return Span(self._source, start + self._shift, end + self._shift)

    def text(self, node: Node) -> str:
        """The text of a node."""
        return self.data[node.start_byte : node.end_byte].decode()

    def item(self, node: Node) -> Argument | Block:
        """A whole `attribute` or `block` node; raises `ParseError` if it is not certain."""
        self._depth = 0
        self._free = False
        return self._argument(node) if node.type == "attribute" else self._block(node)

    def enter(self, node: Node, levels: int = 1) -> None:
        """Go `levels` deeper; raises `ParseError` when that is too deep. `leave` goes back."""
        self._depth += levels
        if self._depth > MAX_DEPTH:
            raise self._error(node, f"nested more than {MAX_DEPTH} levels deep")

    def leave(self, levels: int = 1) -> None:
        """Go back up after `enter`."""
        self._depth -= levels

    def inner_expression(self, node: Node) -> Expression:
        """The one `expression` child of a bracketed construct, in which line breaks are free."""
        outer, self._free = self._free, True
        inner = next(child for child in node.children if child.type == "expression")
        value = self.expression(inner)
        self._free = outer
        return value

    def expression(self, node: Node) -> Expression:
        """The value of an `expression` node."""
        self.enter(node)
        value = self._run(children(node))
        self.leave()
        return value

    # Bodies

    def body(self, nodes: list[Node], span: Span) -> Body:
        """The arguments and blocks among `nodes`."""
        arguments: dict[str, Argument] = {}
        blocks: list[Block] = []
        end = -1
        for node in nodes:
            self._budget.check()
            self.check_separate(end, node)
            end = node.end_byte
            if node.type == "block":
                blocks.append(self._block(node))
            else:
                argument = self._argument(node)
                self.add_argument(arguments, argument)
        return Body(arguments, tuple(blocks), span)

    def check_separate(self, end: int, node: Node) -> None:
        """Note an error if `node` begins on the line on which its neighbour ends, at byte `end`."""
        if end >= 0 and b"\n" not in self.data[end : node.start_byte]:
            self.errors.append(self._error(node, "each argument and each block needs its own line"))

    def add_argument(self, arguments: dict[str, Argument], argument: Argument) -> None:
        """Add to `arguments`; the second of one name is an error, and the first one holds."""
        first = arguments.setdefault(argument.name, argument)
        if first is not argument:
            place = argument.name_span
            text = f"the argument {argument.name} was set before, on line {first.span.line}"
            self.errors.append(ParseError(place.source.path, text, span=place))

    def _argument(self, node: Node) -> Argument:
        name, equals, value = children(node)
        self._check_line(equals.end_byte, value.start_byte)
        return Argument(
            self.text(name),
            self.expression(value),
            self.span(name.start_byte, name.end_byte),
            self.span(node.start_byte, node.end_byte),
        )

    def _block(self, node: Node) -> Block:
        self.enter(node)
        kids = children(node)
        opening = next(index for index, kid in enumerate(kids) if kid.type == "block_start")
        if self._depth > 1 and opening == 3 and self.text(kids[0]) in ("resource", "data"):
            # Braces that balance by chance: Terraform has no such block inside another.
            span = self.span(node.start_byte, kids[2].end_byte)
            message = "a closing brace is missing before this block"
            raise templates.UnclosedError(span.source.path, message, span=span)
        inside = [kid for body in kids[opening + 1 : -1] for kid in children(body)]
        block = Block(
            self.text(kids[0]),
            tuple(self._label(kid) for kid in kids[1:opening]),
            self.body(inside, self.span(kids[opening].start_byte, node.end_byte)),
            self.span(node.start_byte, kids[opening - 1].end_byte),
            self.span(node.start_byte, node.end_byte),
        )
        self.leave()
        return block

    def _label(self, node: Node) -> str:
        if node.type == "identifier":
            return self.text(node)
        return templates.quoted_text(self, node.start_byte + 1, node.end_byte - 1)

    # Expressions

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
            raise self._error(nodes[-1], "a number is not written like this; put it in quotes")
        self.enter(first, len(steps))
        self._check_line(nodes[taken - 1].end_byte, steps[0].start_byte)
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
                return self._term(children(node)[0])
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
        items = [self.expression(kid) for kid in node.children if kid.type == "expression"]
        self._free = outer
        return TupleItems(tuple(items), self.span(node.start_byte, node.end_byte))

    def _object(self, node: Node) -> ObjectItems:
        outer, self._free = self._free, False
        items = []
        end = -1
        for kid in children(node)[1:-1]:
            if kid.type == ",":
                end = -1
                continue
            if end >= 0 and b"\n" not in self.data[end : kid.start_byte]:
                self.errors.append(self._error(kid, "a comma or a line break is missing before"))
            end = kid.end_byte
            items.append(self._object_item(kid))
        self._free = outer
        return ObjectItems(tuple(items), self.span(node.start_byte, node.end_byte))

    def _object_item(self, node: Node) -> ObjectItem:
        key, _, value = children(node)
        span = self.span(node.start_byte, node.end_byte)
        return ObjectItem(self._key(key), self.expression(value), span)

    def _key(self, node: Node) -> Expression:
        """A bare word is the text itself, `null`, `true` and `false` included."""
        kids = children(node)
        word = kids[0].type == "variable_expr"
        if word and len(kids) > 1:
            message = "a key with dots or brackets is written in quotes, or in parentheses if meant"
            raise self._error(node, f"{message} as a reference")
        inner = kids[0].children
        if word or (inner and inner[0].type in ("null_lit", "bool_lit")):
            return Literal(self.text(node), self.span(node.start_byte, node.end_byte))
        return self.expression(node)

    def _call(self, node: Node) -> Call:
        outer, self._free = self._free, True
        kids = children(node)
        given = children(kids[2]) if len(kids) == 4 else []
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
        _, intro, *rest = children(node)
        names = [self.text(kid) for kid in intro.children if kid.type == "identifier"]
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
            condition, mark, then, colon, otherwise = children(node)
            for left, right in ((condition, mark), (mark, then), (then, colon), (colon, otherwise)):
                self._check_line(left.end_byte, right.start_byte)
            self.enter(node)
            links.append((self.expression(then), otherwise))
            inner = children(condition)
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
        kids = children(node)
        middle = next(index for index, kid in enumerate(kids) if kid.type in _OPERATORS)
        operator = kids[middle]
        self._check_line(kids[middle - 1].end_byte, operator.start_byte)
        self._check_line(operator.end_byte, kids[middle + 1].start_byte)
        self.enter(node)
        left, right = self._run(kids[:middle]), self._run(kids[middle + 1 :])
        self.leave()
        span = self.span(node.start_byte, node.end_byte)
        return Binary(cast(BinaryOperator, operator.type), left, right, span)

    def _unary(self, node: Node) -> Unary:
        operator, *operand = children(node)
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
                self._check_line(steps[index - 1].end_byte, step.start_byte)
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
        mark, *steps = children(node)
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
            dot, name = children(node)
            self._check_line(dot.end_byte, name.start_byte)
            return self.text(name)
        kind = node.children[0]
        if kind.type == "new_index":
            return self.inner_expression(kind)
        start = kind.start_byte + 1
        digits = self.data[start : kind.end_byte].strip()
        key = _number(digits.decode())
        if key is None:
            raise self._error(kind, "this index has too many digits")
        return Literal(key, self.span(kind.end_byte - len(digits), kind.end_byte))

    def _check_line(self, end: int, start: int) -> None:
        """Refuse a line break between bytes `end` and `start` where it would end the expression."""
        if not self._free and b"\n" in self.data[end:start]:
            span = self.span(end, start)
            text = "an expression goes on in the next line only inside brackets or parentheses"
            raise ParseError(span.source.path, text, span=span)

    def _error(self, node: Node, message: str) -> ParseError:
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
