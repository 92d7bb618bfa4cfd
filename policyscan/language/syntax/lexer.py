"""The tokens of an expression, by the lexical rules of CEL (cel-spec, doc/langdef.md, Syntax)."""

from __future__ import annotations

import re
from typing import Union

from msgspec import Struct

from policyscan.language.diagnostics import ExpressionError
from policyscan.language.left_out import SYNTAX

_TOKEN = re.compile(
    r"(?P<space>[ \t\r\n\f]+|//[^\n]*)"
    r"|(?P<double>[0-9]*\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+)"
    r"|(?P<int>0x[0-9a-fA-F]+|[0-9]+)"
    r"|(?P<string>[bBrR]{0,2}(?:'''|\"\"\"|'|\"))"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|`(?P<quoted>[A-Za-z0-9_.\-/ ]+)`"
    r"|(?P<op>&&|\|\||==|!=|<=|>=|[-+*/%<>!?:.,()\[\]{}])"
)
_ESCAPES = {
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "\\": "\\",
    "?": "?",
    '"': '"',
    "'": "'",
    "`": "`",
}
_CODE = re.compile(r"[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})")


class Token(Struct, frozen=True):
    """One token; `kind` is `int`, `double`, `string`, `name`, `quoted` (a name in backticks),
    `op` or `end`."""

    kind: str
    value: Union[int, float, str]
    start: int
    end: int

    @property
    def shown(self) -> str:
        """What an error message calls it."""
        if self.kind == "end":
            return "the end of the expression"
        if self.kind == "quoted":
            return f"`{self.value}`"
        return f"'{self.value}'" if self.kind in ("op", "name") else f"a {self.kind}"


def tokens(text: str) -> list[Token]:
    """All tokens of `text`, an `end` token last. Raises ExpressionError."""
    found: list[Token] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _stray(text, position)
        start, position = match.span()
        kind, spelling = str(match.lastgroup), match.group()
        if kind == "string":
            value, position = _string(text, start, spelling)
            found.append(Token(kind, value, start, position))
        elif kind in ("int", "double"):
            if kind == "int" and text[position : position + 1] in ("u", "U"):
                raise ExpressionError(SYNTAX["uint"].message, start, position + 1)
            number = (
                float(spelling) if kind == "double" else int(spelling, 0 if "x" in spelling else 10)
            )
            found.append(Token(kind, number, start, position))
        elif kind != "space":
            found.append(Token(kind, match.group(kind), start, position))
    found.append(Token("end", "", len(text), len(text)))
    return found


def _stray(text: str, position: int) -> ExpressionError:
    char = text[position]
    if char == "`":
        return ExpressionError(
            "a name in backticks has letters, digits, '_', '-', '.', '/' and spaces",
            position,
            position + 1,
        )
    if char in "&|=":
        right = "==" if char == "=" else char * 2
        return ExpressionError(
            f"unexpected '{char}'; did you mean '{right}'?", position, position + 1
        )
    shown = char if char.isprintable() else f"U+{ord(char):04X}"
    return ExpressionError(f"unexpected character '{shown}'", position, position + 1)


def _string(text: str, start: int, opening: str) -> tuple[str, int]:
    prefix = opening.rstrip("'\"").lower()
    quote = opening[len(prefix) :]
    if "b" in prefix:
        raise ExpressionError(SYNTAX["bytes"].message, start, start + len(opening))
    raw, position = "r" in prefix, start + len(opening)
    parts: list[str] = []
    while not text.startswith(quote, position):
        char = text[position : position + 1]
        if not char or (char in "\r\n" and len(quote) == 1):
            raise ExpressionError("this string is not closed", start, position)
        if char == "\\" and not raw:
            char, position = _escape(text, position)
        else:
            position += 1
        parts.append(char)
    return "".join(parts), position + len(quote)


def _escape(text: str, position: int) -> tuple[str, int]:
    simple = _ESCAPES.get(text[position + 1 : position + 2])
    if simple is not None:
        return simple, position + 2
    match = _CODE.match(text, position + 1)
    if match is None:
        raise ExpressionError("unknown escape sequence in a string", position, position + 2)
    digits = match.group(match.lastindex or 0)
    code = int(digits, 8 if match.lastindex == 4 else 16)
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise ExpressionError("this escape is not a Unicode character", position, match.end())
    return chr(code), match.end()
