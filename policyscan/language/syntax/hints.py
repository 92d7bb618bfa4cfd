"""What people who know other languages write, and how CEL writes it."""

from __future__ import annotations

import re

from policyscan.language.diagnostics import ExpressionError

_WORDS = {
    "and": "&&",
    "or": "||",
    "not": "!",
    "is": "==",
    "eq": "==",
    "equals": "==",
    "ne": "!=",
    "lt": "<",
    "gt": ">",
    "AND": "&&",
    "OR": "||",
    "NOT": "!",
    "IN": "in",
}
"""Words of other languages, and the operators that they are here."""
_SIGNS = {
    "===": "==",
    "!==": "!=",
    "<>": "!=",
    "=>": ">=",
    "=<": "<=",
    "=~": ".matches()",
    "??": "? :",
    "?.": ".?",
    "**": "*",
}
_INFIX = {
    "contains": "x.contains(y)",
    "startsWith": "x.startsWith(y)",
    "endsWith": "x.endsWith(y)",
    "matches": "x.matches(y)",
    "like": "x.contains(y)",
    "between": "low <= x && x <= high",
    "for": "list.all(x, ...) or list.exists(x, ...)",
}
"""Words that stand between operands in other languages, and what is written here."""
_ARROW = "What follows the variable of a macro is a comma: `.all(x, ...)`."
_CHARACTERS = {
    "#": "A comment begins with `//`.",
    ";": "An expression ends without a semicolon.",
    "$": 'A name stands as it is, without `$` and braces: `resource.name`; a text in quotes: "$".',
    "@": 'A text stands in quotes: "@".',
    "\\": "A backslash stands only in a text in quotes.",
    "~": "A pattern is asked for by `.matches()`; a part of a text by `.contains()`.",
    "^": "There are no operators on bits and no powers.",
    "“": 'Write straight quotes: ".',
    "”": 'Write straight quotes: ".',
    "‘": "Write straight quotes: '.",
    "’": "Write straight quotes: '.",
    "≤": "Write `<=`.",
    "≥": "Write `>=`.",
    "≠": "Write `!=`.",
}
_SPAN = re.compile(r"([0-9]+)(?:d|day|days|w|week|weeks|h|hour|hours|m|min|s|sec|y)\b")
_NUMBER = re.compile(r"[0-9]+$")
_LAST_WORD = re.compile(r"\b([A-Za-z_]+)[ \t\r\n]*$")
_NEXT_WORD = re.compile(r"[A-Za-z_]+")
_MISSING = "expected a value"
_TOO_MUCH = re.compile(r"unexpected .* after the expression|expected '[^']+', found")


def advised(error: ExpressionError, text: str) -> ExpressionError:
    """The same error, with the operator that was perhaps meant or the next step."""
    if error.hint:
        return error
    if error.message.startswith(("unexpected", "expected", "a name with a leading dot")):
        meant = _sign(text, error.start) or _word(text, error)
        if meant is not None:
            return meant
    hint = _hint(error, text)
    return ExpressionError(error.message, error.start, error.end, hint) if hint else error


def _meant(text: str, start: int, end: int, right: str) -> ExpressionError:
    word = text[start:end]
    hint = _ARROW if word == "=>" else ""
    return ExpressionError(f"unexpected '{word}'; did you mean '{right}'?", start, end, hint)


def _sign(text: str, at: int) -> ExpressionError | None:
    """An operator of another language around this place."""
    for sign, right in _SIGNS.items():
        for start in range(max(0, at - len(sign) + 1), at + 1):
            if text.startswith(sign, start):
                return _meant(text, start, start + len(sign), right)
    return None


def _word(text: str, error: ExpressionError) -> ExpressionError | None:
    """A word of another language here, or just before."""
    if not _TOO_MUCH.match(error.message):
        return None
    here = _NEXT_WORD.match(text, error.start)
    if here and here[0] in _WORDS:
        end = here.end()
        right = _WORDS[here[0]]
        if here[0] == "not" and text[end:].split()[:1] == ["in"]:
            hint = "Write `!(a in b)`."
            return ExpressionError("'not in' is not an operator", here.start(), end, hint)
        if here[0] == "is" and text[end:].split()[:1] == ["not"]:
            return _meant(text, here.start(), text.index("not", end) + 3, "!=")
        return _meant(text, here.start(), end, right)
    before = _LAST_WORD.search(text, 0, error.start)
    if before and before[1] in ("not", "NOT"):
        return _meant(text, before.start(1), before.end(1), "!")
    if before and before[1] in ("if", "If"):
        hint = "Write `condition ? yes : no`."
        return ExpressionError("there is no 'if'", before.start(1), before.end(1), hint)
    return None


def _hint(error: ExpressionError, text: str) -> str:
    at, message = error.start, error.message
    char = text[at : at + 1]
    if message.startswith("unexpected character"):
        return _CHARACTERS.get(char) or ("" if char.isprintable() else "Delete it.")
    if message.startswith("unknown escape"):
        return 'Write `\\\\` for a backslash, or a raw text: r"...".'
    if message == "this string is not closed":
        return "A text ends on its line with the quote that it began with."
    if "reserved word" in message and error.message.startswith(("'if'", "'else'")):
        return "Write `condition ? yes : no`."
    if "reserved word" in message and error.message.startswith(("'for'", "'while'", "'loop'")):
        return "Ask all members of a list by `.all(x, ...)`, one by `.exists(x, ...)`."
    if _TOO_MUCH.match(message):
        return _between(text, at, char)
    if message.startswith(_MISSING):
        return _lacking(text, at, char)
    return ""


def _between(text: str, at: int, char: str) -> str:
    """What is missing before a token that may not follow."""
    word = _NEXT_WORD.match(text, at)
    if word and word[0] in _INFIX:
        return f"Write `{_INFIX[word[0]]}`."
    number = _NUMBER.search(text, 0, at)
    if number and _SPAN.match(text, number.start()):
        return f'A span of time is `days({number[0]})`, or `duration("{number[0]}h")`.'
    if number and char == "_":
        return "Digits stand together, without `_`."
    if char == "{":
        return "A map or a message cannot stand here."
    if at < len(text) and (char.isalnum() or char in "\"'(["):
        return "An operator is missing before it, such as `&&` or `==`."
    if char and char in ")]}":
        return f"There is one '{char}' too many, or the one that opens it is missing."
    return ""


def _lacking(text: str, at: int, char: str) -> str:
    before = text[:at].rstrip()
    if char == "*":
        return "A list is asked as a whole: `.all(x, ...)` or `.exists(x, ...)`."
    for operator in ("&&", "||"):
        if before.endswith(operator):
            return f"A condition is missing after '{operator}'."
        if text.startswith(operator, at):
            return f"A condition is missing before '{operator}'."
    return ""
