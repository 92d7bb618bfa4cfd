"""From text to tree: a precedence-climbing parser that stops at fixed limits."""

from __future__ import annotations

from typing import Union

from policyscan.language.diagnostics import ExpressionError
from policyscan.language.left_out import SYNTAX
from policyscan.language.syntax.hints import advised
from policyscan.language.syntax.lexer import Token, tokens
from policyscan.language.syntax.tree import (
    Binary,
    Call,
    Comprehension,
    Has,
    Index,
    ListLiteral,
    Literal,
    Logic,
    MapLiteral,
    Name,
    Node,
    OptionalIndex,
    OptionalSelect,
    Resources,
    Select,
    Ternary,
    Unary,
    height,
    written,
)

MAX_BYTES = 8192
MAX_DEPTH = 64
"""Nesting of brackets and of the branches of `?:`."""
MAX_HEIGHT = 80
"""Nodes on the longest way down the tree; later stages recurse over it."""
OPTIONALS = frozenset({"optional.of", "optional.none", "optional.ofNonZeroValue"})
QUALIFIED = frozenset({"ip.isCanonical"}) | OPTIONALS
"""Functions whose name has a dot in it."""
MACROS = frozenset({"all", "exists", "exists_one", "filter", "map"})
_INT_LIMIT = 2**63
_LEVELS = {"||": 1, "&&": 2, "+": 4, "-": 4, "*": 5, "/": 5, "%": 5}
_LEVELS |= dict.fromkeys(("<", "<=", ">", ">=", "==", "!=", "in"), 3)
_CONSTANTS = {"true": True, "false": False, "null": None}
_KEYWORDS = frozenset({"true", "false", "null", "in"})
"""Words that cannot even name a field, unless they are quoted."""
_RESERVED = """
as break const continue else for function if import in let loop package namespace return var
void while
"""


def parse(text: str) -> Node:
    """The tree of one whole expression. Raises ExpressionError, never RecursionError."""
    try:
        return _parsed(text)
    except ExpressionError as error:
        raise advised(error, text) from None


def _parsed(text: str) -> Node:
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        start = error.start
        raise ExpressionError(
            "half of a surrogate pair is no character", start, start + 1
        ) from None
    if size > MAX_BYTES:
        raise ExpressionError(f"an expression has at most {MAX_BYTES} bytes", 0, 1)
    parser = _Parser(tokens(text))
    root = parser.expression()
    parser.finish()
    if height(root) > MAX_HEIGHT:
        raise ExpressionError(f"this expression is more than {MAX_HEIGHT} operations high", 0, 1)
    return root


class _Parser:
    def __init__(self, stream: list[Token]) -> None:
        self._tokens = stream
        self._index = 0
        self._depth = 0
        self._brackets: dict[Node, tuple[int, int]] = {}
        """Where the brackets around a node begin and end."""

    def _start(self, node: Node) -> int:
        return self._brackets.get(node, (node.start, 0))[0]

    def _end(self, node: Node) -> int:
        return self._brackets.get(node, (0, node.end))[1]

    @property
    def _next(self) -> Token:
        return self._tokens[self._index]

    def _take(self) -> Token:
        token = self._next
        self._index += token.kind != "end"
        return token

    def _at(self, operator: str) -> bool:
        token = self._next
        return token.kind == "op" and token.value == operator

    def _accept(self, operator: str) -> bool:
        if not self._at(operator):
            return False
        self._index += 1
        return True

    def _expect(self, operator: str) -> Token:
        if not self._at(operator):
            token = self._next
            raise _error(f"expected '{operator}', found {token.shown}", token)
        return self._take()

    def finish(self) -> None:
        """The end of the text must follow."""
        if self._next.kind != "end":
            shown = self._next.shown.removeprefix("a ")
            raise _error(f"unexpected {shown} after the expression", self._next)

    def expression(self) -> Node:
        """`condition ? yes : no`, or something that binds more tightly."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _error(f"more than {MAX_DEPTH} levels of nesting", self._next)
        node = self._binary(1)
        if self._accept("?"):
            yes = self._binary(1)
            self._expect(":")
            no = self.expression()
            node = Ternary(self._start(node), self._end(no), node, yes, no)
        self._depth -= 1
        return node

    def _operator(self) -> str:
        token = self._next
        is_in = token.kind == "name" and token.value == "in"
        return str(token.value) if is_in or token.kind == "op" else ""

    def _binary(self, minimum: int) -> Node:
        left = self._unary()
        while _LEVELS.get(operator := self._operator(), 0) >= minimum:
            self._take()
            right = self._binary(_LEVELS[operator] + 1)
            start, end = self._start(left), self._end(right)
            if operator not in ("&&", "||"):
                left = Binary(start, end, operator, left, right)
            elif isinstance(left, Logic) and left.operator == operator:
                left = Logic(start, end, operator, (*left.operands, right))
            else:
                left = Logic(start, end, operator, (left, right))
        return left

    def _unary(self) -> Node:
        operators: list[Token] = []
        while self._at("!") or self._at("-"):
            operators.append(self._take())
        negative = bool(operators) and operators[-1].value == "-"
        if negative and self._next.kind in ("int", "double"):
            sign, number = operators.pop(), self._take()
            node: Node = Literal(sign.start, number.end, -_number(number, _INT_LIMIT))
            node = self._members(node)
        else:
            node = self._members(self._primary())
        for token in reversed(operators):
            node = Unary(token.start, self._end(node), str(token.value), node)
        return node

    def _members(self, node: Node) -> Node:
        while True:
            if self._accept("."):
                is_optional = self._accept("?")
                node = self._optional_member(node) if is_optional else self._member(node)
            elif self._accept("["):
                kind = OptionalIndex if self._accept("?") else Index
                index = self.expression()
                node = kind(self._start(node), self._expect("]").end, node, index)
            elif self._at("{") and isinstance(node, (Name, Select)):
                raise _error(SYNTAX["message"].message, self._next)
            else:
                return node

    def _field(self) -> Token:
        token = self._take()
        if token.kind not in ("name", "quoted"):
            raise _error(f"expected the name of a field, found {token.shown}", token)
        if token.kind == "name" and token.value in _KEYWORDS:
            raise _error(f"'{token.value}' is a reserved word of CEL", token)
        return token

    def _optional_member(self, receiver: Node) -> Node:
        token = self._field()
        return OptionalSelect(self._start(receiver), token.end, receiver, str(token.value))

    def _member(self, receiver: Node) -> Node:
        token = self._field()
        name = str(token.value)
        if token.kind == "quoted" or not self._accept("("):
            return Select(self._start(receiver), token.end, receiver, name)
        arguments, end = self._listed(")")
        start = self._start(receiver)
        if name in MACROS:
            return _comprehension(name, receiver, arguments, token, start, end)
        if isinstance(receiver, Name) and f"{receiver.name}.{name}" in QUALIFIED:
            return Call(start, end, f"{receiver.name}.{name}", arguments, method=False)
        return Call(start, end, name, (receiver, *arguments), method=True)

    def _listed(self, closing: str) -> tuple[tuple[Node, ...], int]:
        items: list[Node] = []
        while not self._at(closing):
            if self._at("?"):
                raise _error(SYNTAX["optional entry"].message, self._next)
            items.append(self.expression())
            if not self._accept(","):
                break
            if closing == ")" and self._at(closing):
                raise _error("expected an argument after ','", self._next)
        return tuple(items), self._expect(closing).end

    def _primary(self) -> Node:
        token = self._take()
        match token.kind:
            case "int" | "double":
                return Literal(token.start, token.end, _number(token, _INT_LIMIT - 1))
            case "string":
                return Literal(token.start, token.end, token.value)
            case "name":
                return self._named(token)
        if token.value == "(" and token.kind == "op":
            node = self.expression()
            self._brackets[node] = (token.start, self._expect(")").end)
            return node
        if token.value == "[" and token.kind == "op":
            items, end = self._listed("]")
            return ListLiteral(token.start, end, items)
        if token.value == "{" and token.kind == "op":
            return self._map(token)
        if token.value == "." and token.kind == "op":
            raise _error(SYNTAX["leading dot"].message, token)
        raise _error(f"expected a value, found {token.shown}", token)

    def _named(self, token: Token) -> Node:
        name = str(token.value)
        if name in _CONSTANTS:
            return Literal(token.start, token.end, _CONSTANTS[name])
        if name in _RESERVED.split():
            raise _error(f"'{name}' is a reserved word of CEL", token)
        if not self._accept("("):
            return Name(token.start, token.end, name)
        arguments, end = self._listed(")")
        if name == "has":
            return _has(arguments, token, end)
        if name == "resources":
            return _resources(arguments, token, end)
        return Call(token.start, end, name, arguments, method=False)

    def _map(self, opening: Token) -> Node:
        entries: list[tuple[Node, Node]] = []
        while not self._at("}"):
            if self._at("?"):
                raise _error(SYNTAX["optional entry"].message, self._next)
            key = self.expression()
            self._expect(":")
            entries.append((key, self.expression()))
            if not self._accept(","):
                break
        return MapLiteral(opening.start, self._expect("}").end, tuple(entries))


def _number(token: Token, limit: int) -> Union[int, float]:
    value = token.value
    assert not isinstance(value, str)
    if isinstance(value, int) and value > limit:
        raise _error("this integer does not fit into 64 bits", token)
    if value in (float("inf"), float("-inf")):
        raise _error("this number does not fit into a double", token)
    return value


def _has(arguments: tuple[Node, ...], token: Token, end: int) -> Has:
    if len(arguments) != 1 or not isinstance(arguments[0], Select):
        said = "has() takes one selection, such as has(resource.name)"
        raise ExpressionError(said, token.start, end, _instead_of_has(arguments))
    return Has(token.start, end, arguments[0])


def _instead_of_has(arguments: tuple[Node, ...]) -> str:
    """What asks for a key, if that was meant."""
    match arguments:
        case (Index(operand=operand, index=Literal(value=str()) as index),):
            return f"Write `{written(index)} in {written(operand)}`."
        case _:
            return ""


def _resources(arguments: tuple[Node, ...], token: Token, end: int) -> Resources:
    kind = arguments[0].value if len(arguments) == 1 and isinstance(arguments[0], Literal) else None
    if not isinstance(kind, str):
        raise ExpressionError(
            'resources() takes one kind in quotes: resources("Trail")', token.start, end
        )
    return Resources(token.start, end, kind)


def _comprehension(
    macro: str, receiver: Node, arguments: tuple[Node, ...], token: Token, start: int, end: int
) -> Comprehension:
    if len(arguments) == 3 and macro == "map":
        variable, condition, body = arguments
        kept = _comprehension(
            "filter", receiver, (variable, condition), token, start, condition.end
        )
        return _comprehension("map", kept, (variable, body), token, start, end)
    if len(arguments) == 3 and isinstance(arguments[1], Name):
        raise ExpressionError(SYNTAX["two variables"].message, token.start, end)
    if len(arguments) != 2:
        raise ExpressionError(
            f"{macro}() takes a variable and an expression: .{macro}(x, ...)", token.start, end
        )
    variable, body = arguments
    if not isinstance(variable, Name):
        raise ExpressionError(
            f"the first argument of {macro}() must be a variable", variable.start, variable.end
        )
    return Comprehension(start, end, macro, receiver, variable.name, body)


def _error(message: str, token: Token) -> ExpressionError:
    return ExpressionError(message, token.start, token.end)
