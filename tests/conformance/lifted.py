"""A case with variables in place of what it writes out: a tier may know of a constant what it has
to find out of a value."""

from __future__ import annotations

from typing import Any

from cases import Case, Variable
from msgspec.structs import replace

from policyscan.language.syntax.lexer import Token, tokens

_GREATEST = 2**63 - 1


def lifted(case: Case) -> Case:
    """The case with a variable for each number, text and bool that it writes out, but for patterns,
    which have to stand there."""
    text, behind = "", 0
    variables = dict(case.variables)
    found = tokens(case.expression)
    for place, token in enumerate(found):
        variable = _variable(token)
        pattern = [each.value for each in found[max(place - 2, 0) : place]] == ["matches", "("]
        if variable is not None and not pattern:
            name = f"given_{len(variables)}"
            variables[name] = variable
            text += case.expression[behind : token.start] + name
            behind = token.end
    return replace(case, expression=text + case.expression[behind:], variables=variables)


def _variable(token: Token) -> Variable | None:
    value: Any = token.value
    if token.kind == "name" and value in ("true", "false"):
        return Variable("bool", value == "true")
    if token.kind == "int" and value > _GREATEST:
        return None  # the least int is one literal with its sign
    return Variable(token.kind, value) if token.kind in ("int", "double", "string") else None
