"""What is doubtful about a condition that is sound: parts that always have one outcome, parts that
add nothing, and defaults of parameters that can never be met."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policyscan.errors import PolicyError
from policyscan.language import types as t
from policyscan.language.checking.checker import Checker
from policyscan.language.diagnostics import ExpressionError, Origin, policy_error
from policyscan.language.doubts.defaults import impossible_defaults
from policyscan.language.doubts.formulas import Every, Formula, Not, Some
from policyscan.language.doubts.reading import Reader
from policyscan.language.environment import Environment
from policyscan.language.syntax.parser import parse
from policyscan.language.syntax.tree import (
    Binary,
    Call,
    Comprehension,
    Has,
    Literal,
    Logic,
    Node,
    Ternary,
    Unary,
    written,
)

_CONDITIONS = (Logic, Unary, Ternary, Has, Comprehension, Binary)


def doubts(
    text: str,
    env: Environment,
    origin: Origin | None = None,
    defaults: Mapping[str, object] | None = None,
) -> tuple[PolicyError, ...]:
    """What is doubtful about the condition `text`, each with its place, for the caller to show.

    `defaults` are the values of its parameters unless a configuration says otherwise. Raises
    PolicyError for a condition that does not load.
    """
    place = origin or Origin()
    try:
        found = doubtful_parts(text, env, defaults or {})
    except ExpressionError as error:
        raise policy_error(error, text, place) from None
    return tuple(policy_error(each, text, place) for each in found)


def doubtful_parts(
    text: str, env: Environment, defaults: Mapping[str, object]
) -> list[ExpressionError]:
    """What is doubtful, in order, by the places in the text. Raises ExpressionError for a condition
    that does not load."""
    root = parse(text)
    checker = Checker(env.kinds)
    checker.check(root, env.names(), is_condition=True)
    types = checker.declared
    found = [*_Search(types).of(root), *impossible_defaults(root, types, defaults)]
    return sorted(found, key=lambda each: (each.start, -each.end))


class _Search:
    def __init__(self, types: Mapping[Node, t.Type]) -> None:
        self._types = types
        self._reader = Reader(types)

    def of(self, root: Node) -> list[ExpressionError]:
        """The smallest parts that always have one outcome, and the whole if it has."""
        found = list(self._within(root, asked=True))
        outcome = self._always(root)
        whole = any((each.start, each.end) == (root.start, root.end) for each in found)
        if outcome is not None and found and not whole:
            said = f"so the whole condition is always {_word(outcome)}"
            found.append(_doubt(root, said, ""))
        return found

    def _always(self, node: Node) -> bool | None:
        if self._types.get(node) != t.BOOL:
            return None
        return self._reader.always(self._reader.formula(node))

    def _within(self, node: Node, *, asked: bool) -> Iterator[ExpressionError]:
        """`asked` is whether somebody asks for the truth of the node, so that a constant is odd."""
        below = list(self._below(node))
        yield from below
        if below or not (asked or isinstance(node, _CONDITIONS)):
            return
        outcome = self._always(node)
        if outcome is not None:
            yield _doubt(node, *self._words(node, outcome))

    def _below(self, node: Node) -> Iterator[ExpressionError]:
        match node:
            case Logic():
                for operand in node.operands:
                    yield from self._within(operand, asked=True)
                yield from self._idle(node)
            case Unary(operator="!"):
                yield from self._within(node.operand, asked=True)
            case Ternary():
                yield from self._within(node.condition, asked=True)
                yield from self._within(node.yes, asked=False)
                yield from self._within(node.no, asked=False)
            case Comprehension():
                yield from self._within(node.range, asked=False)
                yield from self._within(node.body, asked=node.macro != "map")
            case Has():
                yield from self._within(node.selection.operand, asked=False)
            case _:
                for child in node.children():
                    yield from self._within(child, asked=False)

    def _idle(self, node: Logic) -> Iterator[ExpressionError]:
        """Operands that follow from those before them, or never follow a chance that is left."""
        parts = [self._reader.formula(operand) for operand in node.operands]
        fixed = [self._reader.always(part) for part in parts]
        for number, operand in enumerate(node.operands[1:], 1):
            before = tuple(parts[:number])
            if any(each is not None for each in fixed[: number + 1]):
                return
            if self._reader.always(_joined(node, before)) is not None:
                return
            left_out = Not(parts[number]) if node.operator == "&&" else parts[number]
            rest = before if node.operator == "&&" else tuple(Not(part) for part in before)
            if self._reader.always(Every((*rest, left_out))) is False:
                said = "it is true" if node.operator == "&&" else "it is false"
                yield _doubt(
                    operand,
                    f"this adds nothing: {said} wherever it is asked, by what stands before it",
                    "Take it out, or write what was meant.",
                )

    def _words(self, node: Node, outcome: bool) -> tuple[str, str]:
        said = f"this is always {_word(outcome)}"
        match node:
            case Has():
                return f"{said}: '{written(node.selection)}' is never null", "Take it out."
            case Binary(left=Call(function="size")) | Binary(right=Call(function="size")):
                return f"{said}: a size is a whole number from 0 on", ""
            case Binary() if written(node.left) == written(node.right):
                return f"{said}: both sides are the same", ""
            case Logic(operator="&&"):
                return f"{said}: its parts contradict each other", ""
            case Logic(operator="||"):
                return f"{said}: its parts cover every case", ""
            case Comprehension() | Literal():
                return said, ""
        return f"{said}, whatever is judged", ""


def _joined(node: Logic, parts: tuple[Formula, ...]) -> Formula:
    return Every(parts) if node.operator == "&&" else Some(parts)


def _word(outcome: bool) -> str:
    return "true" if outcome else "false"


def _doubt(node: Node, message: str, hint: str) -> ExpressionError:
    return ExpressionError(message, node.start, node.end, hint)
