"""Bodies of the concrete tree, to the syntax tree.

The grammar lets through what HCL refuses: an argument that is set twice, two arguments on one line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyscan.errors import ParseError
from policyscan.text.hcl import templates
from policyscan.text.hcl.expressions import Expressions
from policyscan.text.hcl.grammar import Budget
from policyscan.text.hcl.syntax import Argument, Block, Body
from policyscan.text.source import Source, Span

if TYPE_CHECKING:
    from tree_sitter import Node


class Converter(Expressions):
    """Converts the arguments and blocks of one parsed text."""

    def __init__(self, source: Source, data: bytes, shift: int, budget: Budget) -> None:
        super().__init__(source, data, shift)
        self._budget = budget

    def item(self, node: Node) -> Argument | Block:
        """A whole `attribute` or `block` node; raises `ParseError` if it is not certain."""
        self.restart()
        return self._argument(node) if node.type == "attribute" else self._block(node)

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
                self.add_argument(arguments, self._argument(node))
        return Body(arguments, tuple(blocks), span)

    def check_separate(self, end: int, node: Node) -> None:
        """Note an error if `node` begins on the line on which its neighbour ends, at byte `end`."""
        if end >= 0 and b"\n" not in self.data[end : node.start_byte]:
            self.errors.append(self.error(node, "each argument and each block needs its own line"))

    def add_argument(self, arguments: dict[str, Argument], argument: Argument) -> None:
        """Add to `arguments`; the second of one name is an error, and the first one holds."""
        first = arguments.setdefault(argument.name, argument)
        if first is not argument:
            place = argument.name_span
            text = f"the argument {argument.name} was set before, on line {first.span.line}"
            self.errors.append(ParseError(place.source.path, text, span=place))

    def _argument(self, node: Node) -> Argument:
        name, equals, value = self.children(node)
        self.check_line(equals.end_byte, value.start_byte)
        return Argument(
            self.text(name),
            self.expression(value),
            self.span(name.start_byte, name.end_byte),
            self.span(node.start_byte, node.end_byte),
        )

    def _block(self, node: Node) -> Block:
        self.enter(node)
        kids = self.children(node)
        opening = next(index for index, kid in enumerate(kids) if kid.type == "block_start")
        if self.depth > 1 and opening == 3 and self.text(kids[0]) in ("resource", "data"):
            # Braces that balance by chance: Terraform has no such block inside another.
            span = self.span(node.start_byte, kids[2].end_byte)
            message = "a closing brace is missing before this block"
            raise templates.UnclosedError(span.source.path, message, span=span)
        inside = [kid for body in kids[opening + 1 : -1] for kid in self.children(body)]
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
        if "${" in self.text(node) or "%{" in self.text(node):
            raise self.error(node, "a label cannot hold a template")
        return templates.quoted_text(self, node.start_byte + 1, node.end_byte - 1)
